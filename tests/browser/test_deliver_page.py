"""A person in front of `20_deliver_audience` in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Lab


def test_the_plan_is_shown_before_it_can_be_sent(lab: Lab) -> None:
    """Send is shut until the plan stands on the screen; the receipt appears by itself."""
    page = lab.open("20_deliver_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    expect(page.locator(".rokt-place.sandbox:visible")).to_be_visible()
    send = page.locator(".rokt-send:visible")
    expect(send).to_be_disabled()
    name = page.get_by_label("To list", exact=True)
    name.fill("Browser_List")
    name.press("Tab")
    page.locator(".rokt-plan:visible").click()
    plan = page.locator(".rokt-plan-view:visible")
    expect(plan).to_contain_text("SHA-256 digests to list 'Browser_List'", timeout=30_000)
    lab.picture("20_deliver_planned")
    send.click()
    expect(status).to_contain_text("every batch was confirmed", timeout=30_000)
    expect(page.locator(".rokt-live table").first).to_contain_text("confirmed")
    lab.picture("20_deliver_done")
    assert lab.asked_elsewhere == []


def test_another_choice_takes_the_plan_away(lab: Lab) -> None:
    """What was shown no longer counts once the action is another."""
    page = lab.open("20_deliver_audience")
    page.locator(".rokt-plan:visible").click(timeout=60_000)
    send = page.locator(".rokt-send:visible")
    expect(send).to_be_enabled(timeout=30_000)
    page.get_by_label("Action", exact=True).select_option("take off the list")
    expect(send).to_be_disabled()
    expect(page.locator(".rokt-plan-view:visible li")).to_have_count(0)
