"""A person in front of `40_referrals` and `45_close_the_loop` in a real JupyterLab."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab
from tests.browser.test_conversions import brightness

MANY_FILES = 150  # more than can come before Stop is pressed
LIST = "ReferredOrBought"


def show(page: Page, heading: str) -> None:
    """Bring a chapter to the middle of the screen."""
    page.get_by_role("heading", name=heading).first.scroll_into_view_if_needed()
    page.wait_for_timeout(300)


def choose(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        label = name.replace("_", " ").capitalize()
        field = page.get_by_label(label, exact=True)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
            field.press("Tab")


def test_referrals_are_collected_looked_at_and_kept(lab: Lab) -> None:
    """Collect, choose customers and purchases, look again, write the report: all on one page.

    It is a first visit: what the pages of earlier tests collected is not there.
    """
    shutil.rmtree(lab.home / "sandbox" / "referrals", ignore_errors=True)
    page = lab.open("40_referrals")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Collect", timeout=60_000)
    expect(page.locator(".rokt-hint:visible").first).to_contain_text("From Rokt's SFTP")
    look, write = page.locator(".rokt-look:visible"), page.locator(".rokt-write:visible")
    expect(look).to_be_disabled()
    expect(write).to_be_disabled()
    page.get_by_text("1. Collect what is new").scroll_into_view_if_needed()
    lab.look("40_referrals_form", narrow=True)
    page.locator(".rokt-collect:visible").click()
    expect(status).to_contain_text("new files with", timeout=60_000)
    expect(write).to_be_enabled()
    choose(page, customers="sample_customers.csv", purchases="sample_purchases.csv", currency="us")
    expect(status).to_contain_text("three letters")
    expect(look).to_be_disabled()
    choose(page, currency="USD")
    expect(write).to_be_disabled()
    lab.picture("40_referrals_chosen")
    look.click()
    expect(status).to_contain_text("show what is chosen", timeout=30_000)
    write.click()
    expect(status).to_contain_text(".html", timeout=30_000)
    today = datetime.now(UTC).date().isoformat()
    report = lab.folder / "reports" / f"referrals-{today}.html"
    assert "From referral to purchase" in report.read_text(encoding="utf-8")
    lab.look("40_referrals_written")
    for chapter in ("In a few sentences", "Where the money goes", "Paid for twice, paid for before",
                    "From referral to purchase", "How good the data is"):  # fmt: skip
        show(page, chapter)
        lab.picture(f"40_referrals_{chapter.lower().replace(' ', '_').replace(',', '')}")
    expect(page.get_by_text(re.compile(r"of known customers")).first).to_be_visible()
    assert lab.asked_elsewhere == []


def test_the_loop_is_closed(lab: Lab) -> None:
    """Name the list, see the plan, send it; the charts say who goes in and what that saves."""
    page = lab.open("45_close_the_loop")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Name the suppression list", timeout=60_000)
    send = page.locator(".rokt-send:visible")
    choose(page, list=LIST, purchases="sample_purchases.csv", currency="USD")
    page.locator(".rokt-plan:visible").click()
    plan = page.locator(".rokt-plan-view:visible")
    expect(plan).to_contain_text("SHA-256 digests to list", timeout=60_000)
    lab.look("45_close_the_loop_planned", narrow=True)
    send.click()
    expect(status).to_contain_text("every batch was confirmed", timeout=30_000)
    show(page, "Who belongs on the list")
    expect(page.get_by_text(re.compile(r"people belong on the list")).first).to_be_visible()
    lab.picture("45_close_the_loop_going_in")
    show(page, "The saving")
    expect(page.get_by_text(re.compile(r"could have been spared")).first).to_be_visible()
    lab.look("45_close_the_loop_saving")
    assert lab.asked_elsewhere == []


def test_it_is_readable_in_the_dark(lab: Lab) -> None:
    """On a computer set to dark panel, boxes and charts stand light on dark.

    It is a second visit, too: the charts are there at once, and follow what is chosen.
    """
    lab.page.emulate_media(color_scheme="dark")
    page = lab.open("40_referrals")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Collect", timeout=60_000)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.locator(".rokt-collect:visible").click()
    expect(status).to_contain_text("new files with", timeout=60_000)
    page.get_by_label(LIST).check()
    expect(status).to_contain_text("Look again")
    colours = page.locator(".rokt-panel:visible").first.evaluate(
        """panel => [['.rokt-hint', 'color'], ['.widget-checkbox span', 'color'],
                     ['.rokt-message', 'color']]
            .map(([part, of]) => getComputedStyle(panel.querySelector(part))[of])
            .concat(getComputedStyle(panel).backgroundColor)"""
    )
    *inks, ground = (brightness(colour) for colour in colours)
    assert min(inks) - ground > 80
    lab.picture("40_referrals_dark")
    choose(page, currency="EUR")
    page.locator(".rokt-look:visible").click()
    expect(status).to_contain_text("show what is chosen", timeout=30_000)
    show(page, "Where the money goes")
    expect(page.get_by_text(re.compile(r"costs most: .* EUR")).first).to_be_visible()
    chart = page.locator(".rokt-live svg text").first
    assert brightness(chart.evaluate("text => getComputedStyle(text).fill")) - ground > 80
    lab.picture("40_referrals_dark_charts")


def test_a_collection_is_stopped_between_two_files(lab: Lab) -> None:
    """Stop ends it with what came, says so, and Collect goes on with the rest."""
    drop = lab.home.parent / "drop"
    drop.mkdir()
    for number in range(MANY_FILES):
        row = f"2026-11-01 10:00:00,1,Everybody,1.00,nobody.{number}@example.com"
        head = "Date/time,Audience ID,Audience name,Bid price,Email"
        (drop / f"export_{number:03}.csv").write_text(f"{head}\n{row}\n")
    with lab.settings(referrals_folder=drop):
        page = lab.open("40_referrals")
        status = page.locator(".rokt-status:visible")
        expect(status).to_contain_text("Press Collect", timeout=60_000)
        expect(page.locator(".rokt-hint:visible").first).to_contain_text("the folder drop/")
        page.locator(".rokt-collect:visible").click()
        expect(status).to_contain_text(f"of {MANY_FILES} files", timeout=30_000)
        stop = page.locator(".rokt-stop:visible")
        stop.click()
        expect(status).to_contain_text("Stopped when asked to", timeout=30_000)
        lab.picture("40_referrals_stopped")
        expect(stop).to_have_count(0)
        page.locator(".rokt-collect:visible").click()
        expect(status).to_contain_text("had been collected before", timeout=120_000)
        expect(status).not_to_contain_text("Stopped")
