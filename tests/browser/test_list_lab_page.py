"""A person in front of `16_list_lab` in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Lab


def test_conflicts_are_found_and_kept(lab: Lab) -> None:
    """Ask, choose, compare; the chart fills itself, and the digests lie where delivering looks."""
    page = lab.open("16_list_lab")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Compare", timeout=60_000)
    keep = page.locator(".rokt-keep")
    expect(keep).to_be_hidden()
    page.get_by_label("Question").select_option("Who is on both a target and a suppression list?")
    expect(page.get_by_label("To suppress")).to_be_visible()
    lab.look("16_list_lab_asked")
    page.locator(".rokt-compare:visible").click()
    expect(status).to_contain_text("29 people are on both lists", timeout=30_000)
    expect(page.locator(".rokt-live svg").first).to_be_visible()
    lab.look("16_list_lab_found", narrow=True)
    keep.click()
    expect(status).to_contain_text("Deliver that file to take them off", timeout=30_000)
    written = lab.home / "sandbox" / "prepared" / "newsletter_2026-11-01-conflicts.csv"
    assert len(written.read_text().splitlines()) == 29
    age = page.get_by_text("425 of 507 people ever listed").first
    age.scroll_into_view_if_needed()
    expect(age).to_be_visible()
    lab.picture("16_list_lab_age")
    assert lab.asked_elsewhere == []


def test_the_same_list_twice_is_a_sentence(lab: Lab) -> None:
    """Compare is shut until two different lists are chosen, and then answers."""
    page = lab.open("16_list_lab")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Compare", timeout=60_000)
    page.get_by_label("Question").select_option("Who came and who went?")
    lab.pick("newsletter_2026-11-01.csv", "Later")
    expect(status).to_contain_text("Both are the same list")
    compare = page.locator(".rokt-compare:visible")
    expect(compare).to_be_disabled()
    lab.pick("newsletter_2026-10-01.csv", "Earlier")
    compare.click()
    expect(status).to_contain_text("From 414 people to 425", timeout=30_000)
