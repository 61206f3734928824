"""Nothing is lost when a page is loaded anew, and nothing is sent twice when a kernel dies."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from rokt_helpers import prepare_audience
from tests.browser.conftest import Lab

BATCH_ROWS = 100
LIST = "Twice_Never"
PAGE = "20_deliver_audience"


@pytest.fixture
def unhurried(lab: Lab) -> Iterator[None]:
    """Let a delivery of two thousand rows take some seconds: small batches, two a second."""
    with lab.settings(api_batch_rows=BATCH_ROWS, api_starts_per_second=2):
        yield


def planned(page: Page, name: str) -> None:
    """Name the list, and wait until the plan may be sent."""
    field = page.get_by_label("To list", exact=True)
    field.fill(name)
    field.press("Tab")
    page.locator(".rokt-plan:visible").click()
    expect(page.locator(".rokt-send:visible")).to_be_enabled(timeout=60_000)


def members(lab: Lab, name: str) -> set[str]:
    """Return whom the sandbox has on a list."""
    return set(requests.get(f"{lab.sandbox}/_inspect/lists/{name}", timeout=30).json()["digests"])


def taken(lab: Lab, name: str) -> int:
    """Return how many identifiers the sandbox took for a list, those sent twice counted twice."""
    seen = requests.get(f"{lab.sandbox}/_inspect", timeout=30).json()["requests"]
    return sum(one["identifiers"] for one in seen if one["list"] == name and one["status"] < 300)


def everybody(lab: Lab) -> set[str]:
    sample = prepare_audience(lab.folder / "inbox" / "sample_customers.csv")
    return set(sample.to_pandas().iloc[:, 0])


@pytest.mark.usefixtures("unhurried")
def test_a_delivery_outlives_its_page_and_ends_once(lab: Lab) -> None:
    """Loaded anew without being saved, the page shows the delivery again when its cells are run."""
    page = lab.open(PAGE)
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    planned(page, f"{LIST}_1")
    page.locator(".rokt-send:visible").click()
    expect(status).to_contain_text(re.compile(r"of \d+ batches|of [\d,]+ "), timeout=30_000)
    lab.load_anew(PAGE)
    expect(page.locator(".rokt-panel")).to_have_count(0)
    lab.run()
    expect(page.get_by_label("To list", exact=True)).to_have_value(f"{LIST}_1", timeout=60_000)
    expect(page.locator(".rokt-panel:visible")).to_have_count(1)
    expect(status).to_contain_text("every batch was confirmed", timeout=120_000)
    whole = everybody(lab)
    assert members(lab, f"{LIST}_1") == whole
    assert taken(lab, f"{LIST}_1") == len(whole)


@pytest.mark.usefixtures("unhurried")
def test_a_delivery_is_stopped_resumed_and_survives_its_kernel(lab: Lab) -> None:
    """Stop ends it between batches; a kernel that dies takes nothing along; the set arrives."""
    page = lab.open(PAGE)
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    planned(page, f"{LIST}_2")
    send = page.locator(".rokt-send:visible")
    send.click()
    stop = page.locator(".rokt-stop:visible")
    stop.click()
    expect(stop).to_have_count(0, timeout=30_000)
    expect(page.locator(".rokt-live").first).to_contain_text("did not come to its end")
    lab.look("20_deliver_stopped")
    whole = everybody(lab)
    before = members(lab, f"{LIST}_2")
    assert before < whole
    assert taken(lab, f"{LIST}_2") == len(before)
    planned(page, f"{LIST}_2")
    send.click()
    page.wait_for_timeout(2_000)
    lab.restart_kernel()
    in_flight = len(members(lab, f"{LIST}_2"))
    assert len(before) < in_flight < len(whole)
    lab.load_anew(PAGE)
    lab.run()
    expect(status).to_contain_text("Choose what goes where", timeout=60_000)
    planned(page, f"{LIST}_2")
    send.click()
    expect(status).to_contain_text("every batch was confirmed", timeout=120_000)
    assert members(lab, f"{LIST}_2") == whole
    twice = taken(lab, f"{LIST}_2") - len(whole)
    assert 0 <= twice <= BATCH_ROWS * 2, "only what was in flight may have been sent once more"


def test_a_saved_page_comes_back_with_its_panel(lab: Lab) -> None:
    """Loaded anew, a saved page shows the panel as it was left, before and after its cells run."""
    page = lab.open("10_prepare_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Check", timeout=60_000)
    lab.drop("kept.csv", b"email\nada@example.com\nbob@example.com\nnone\n")
    page.locator(".rokt-check:visible").click()
    expect(status).to_contain_text("2 would be accepted", timeout=30_000)
    lab.save()
    lab.load_anew("10_prepare_audience")
    expect(status).to_contain_text("2 would be accepted", timeout=60_000)
    before = page.locator(".jp-OutputPrompt").first.text_content() or ""
    lab.run()
    expect(page.locator(".jp-OutputPrompt").first).not_to_have_text(before, timeout=60_000)
    expect(page.locator(".rokt-panel:visible")).to_have_count(1)
    expect(status).to_contain_text("2 would be accepted", timeout=60_000)
    page.locator(".rokt-prepare:visible").click()
    expect(status).to_contain_text("2 of 3 rows are ready", timeout=60_000)
