"""What a person chose on any page is there again after a reload, and gone with its kernel.

The pages of delivering and preparing have tests of their own, with a delivery under way.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Lab

# A page, a field of its form, what is chosen there, and what stands there in a fresh form.
PAGES = [
    ("16_list_lab", "Question", "Who came and who went?", "What do they share?"),
    ("30_conversions", "Way", "SFTP, a file of people only", "Event and Audience API"),
    ("40_referrals", "Currency", "EUR", ""),
    ("45_close_the_loop", "List", "Seen", ""),
]


def field_of(lab: Lab, label: str) -> Locator:
    return lab.page.locator(".rokt-panel").get_by_label(label, exact=True)


def shown(field: Locator) -> str:
    """Return what a person reads in a field: the chosen option's words, or the text."""
    chosen = field.locator("option:checked")
    words = (chosen.text_content() or "") if chosen.count() else field.input_value()
    return words.replace("\xa0", " ")


@pytest.mark.parametrize(("page", "label", "chosen", "fresh"), PAGES, ids=[p[0] for p in PAGES])
def test_what_was_chosen_comes_back(
    lab: Lab, page: str, label: str, chosen: str, fresh: str
) -> None:
    """A reload and the cell run again bring the form back as it was; a new kernel a fresh one."""
    lab.open(page)
    field = field_of(lab, label)
    expect(field).to_be_visible(timeout=60_000)
    assert shown(field) == fresh
    if fresh:
        field.select_option(label=chosen)
    else:
        field.fill(chosen)
        field.press("Tab")
    lab.load_anew(page)
    lab.run()
    expect(field_of(lab, label)).to_be_visible(timeout=60_000)
    assert shown(field_of(lab, label)) == chosen
    lab.restart_kernel()
    lab.load_anew(page)
    lab.run()
    expect(field_of(lab, label)).to_be_visible(timeout=60_000)
    assert shown(field_of(lab, label)) == fresh


def test_a_list_with_nothing_in_it_stops_the_comparison_kindly(lab: Lab) -> None:
    """The list lab says which of the two cannot be read, and another one can be picked."""
    (lab.folder / "inbox" / "nothing.csv").write_text("\n")
    lab.open("16_list_lab")
    expect(lab.page.locator(".rokt-panel")).to_be_visible(timeout=60_000)
    lab.pick("nothing.csv", "One list")
    lab.pick("sample_customers.csv", "The other")
    lab.page.locator(".rokt-compare:visible").click()
    status = lab.page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Stopped", timeout=30_000)
    expect(status).to_contain_text("nothing.csv")
    expect(field_of(lab, "One list")).to_be_enabled()


def test_purchases_with_nothing_in_them_stop_the_loop_kindly(lab: Lab) -> None:
    """The loop says what is wrong with the purchases, and nothing can be sent."""
    (lab.folder / "inbox" / "nothing.csv").write_text("\n")
    lab.open("45_close_the_loop")
    expect(field_of(lab, "List")).to_be_visible(timeout=60_000)
    field_of(lab, "List").fill("Seen")
    field_of(lab, "List").press("Tab")
    field_of(lab, "Purchases").select_option(label="nothing.csv")
    # A click does not wait for a choice that is on its way; what it changes on the page shows it.
    expect(field_of(lab, "Their time zone")).to_be_visible()
    lab.page.locator(".rokt-plan:visible").click()
    status = lab.page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Stopped", timeout=60_000)
    expect(lab.page.locator(".rokt-send:visible")).to_be_disabled()
