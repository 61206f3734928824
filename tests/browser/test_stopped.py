"""Stop ends what is sent from a page between two batches, and the same once more sends the rest.

The pages of delivering, preparing and collecting have such tests beside their others.
"""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Lab


def stopped(page: Page, way_on: str) -> None:
    """Press Stop once something was sent, and wait until it has ended and said how to go on."""
    status, stop = page.locator(".rokt-status:visible"), page.locator(".rokt-stop:visible")
    expect(status).to_contain_text("Sending: ", timeout=30_000)
    stop.click()
    expect(status).to_contain_text("A stop was asked for", timeout=30_000)
    expect(status).to_contain_text(way_on)
    expect(stop).to_have_count(0)


def sent_to_its_end(page: Page, again: Locator) -> None:
    """Show the plan again and send it."""
    again.click()
    page.locator(".rokt-send:visible").click(timeout=60_000)
    expect(page.locator(".rokt-status:visible")).to_contain_text(
        re.compile("every (batch was confirmed|request was taken)"), timeout=60_000
    )


def reported(lab: Lab) -> int:
    """Return how many conversions the sandbox keeps."""
    seen = requests.get(f"{lab.sandbox}/_inspect", timeout=30).json()
    return int(seen["events"]["conversion_count"])


def test_a_report_of_conversions_is_stopped_and_resumed(lab: Lab) -> None:
    """Each conversion is reported once, however often the report was begun."""
    rows = [f"p{n}@example.com,S-{n},2026-11-01T10:00:00Z,1.50,USD,purchase\n" for n in range(60)]
    head = "email,order id,order date,amount,currency,conversion type\n"
    before = reported(lab)
    with lab.settings(events_batches_per_second=10):
        page = lab.open("30_conversions")
        expect(page.locator(".rokt-column:visible").first).to_be_visible(timeout=60_000)
        lab.drop("stopped.csv", (head + "".join(rows)).encode())
        check = page.locator(".rokt-check:visible")
        check.click(timeout=60_000)
        page.locator(".rokt-send:visible").click(timeout=60_000)
        stopped(page, "report the same conversions again to send only the rest")
        lab.picture("30_conversions_stopped")
        assert reported(lab) - before < len(rows)
        sent_to_its_end(page, check)
    assert reported(lab) - before == len(rows)


def test_the_loop_is_stopped_and_closed(lab: Lab) -> None:
    """The list ends with those who belong on it."""
    with lab.settings(api_batch_rows=50, api_starts_per_second=1):
        page = lab.open("45_close_the_loop")
        field = page.get_by_label("List", exact=True)
        field.fill("Stopped_Loop", timeout=60_000)
        field.press("Tab")
        plan = page.locator(".rokt-plan:visible")
        plan.click()
        page.locator(".rokt-send:visible").click(timeout=60_000)
        stopped(page, "deliver the same list again to send only the rest")
        lab.picture("45_close_the_loop_stopped")
        sent_to_its_end(page, plan)
