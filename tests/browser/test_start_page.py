"""What a person meets who opens JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Lab


def test_the_start_page_opens_first(lab: Lab) -> None:
    """The address alone leads to the start page, which says where you are."""
    lab.page.goto(f"{lab.address}/?token=test")
    expect(lab.page.get_by_role("heading", name="Start here")).to_be_visible(timeout=60_000)
    toolbar = lab.page.get_by_role("toolbar", name="main area toolbar")
    expect(toolbar.get_by_text("Start this page").first).to_be_visible()
    assert lab.asked_elsewhere == []
