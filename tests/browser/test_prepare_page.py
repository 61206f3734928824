"""A person in front of `10_prepare_audience` in a real JupyterLab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Lab

ODD = b"email\nada@gmial.com\ninfo@firm.com\nbob@firm.com\ncy@mailinator.com\ndee@gmail.com\n"
CUSTOMERS = b"name;email\nAda;ADA@example.com\nBob; bob@example.com\nAda;ada@example.com\nCy;none\n"


def test_a_file_is_loaded_checked_and_prepared(lab: Lab) -> None:
    """The form is in view; load a file, see the sums, prepare, see the result; nothing goes out."""
    lab.page.set_viewport_size({"width": 1280, "height": 700})
    page = lab.open("10_prepare_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Check", timeout=60_000)
    expect(page.locator(".rokt-steps:visible")).to_be_in_viewport(timeout=30_000)
    page.set_viewport_size({"width": 1280, "height": 1600})
    lab.drop("mine.csv", CUSTOMERS)
    prepare = page.locator(".rokt-prepare:visible")
    expect(prepare).to_be_disabled()
    page.locator(".rokt-check:visible").click()
    expect(status).to_contain_text("Of the first 4 rows 2 would be accepted", timeout=30_000)
    lab.look("10_prepare_checked")
    prepare.click()
    expect(status).to_contain_text("2 of 4 rows are ready", timeout=30_000)
    sums = page.locator(".rokt-sums:visible")
    expect(sums).to_contain_text("1 duplicate (25.0%)")
    expect(page.locator(".rokt-live svg").first).to_be_visible()
    lab.look("10_prepare_done", narrow=True)
    written = lab.home / "sandbox" / "prepared" / "mine-sha256.csv"
    assert len(written.read_text().splitlines()) == 2
    assert lab.asked_elsewhere == []


def test_advice_is_seen_ticked_and_applied(lab: Lab) -> None:
    """Advice stands below the check with nothing ticked; what is ticked is done, and counted."""
    page = lab.open("10_prepare_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Check", timeout=60_000)
    lab.drop("odd.csv", ODD)
    expect(page.locator(".rokt-advice:visible")).to_have_count(0)
    page.locator(".rokt-check:visible").click()
    expect(status).to_contain_text("5 filled cells: 100 % addresses", timeout=30_000)
    expect(page.locator(".rokt-advice:visible")).to_have_count(3)
    expect(page.get_by_text("•••@gmial.com → •••@gmail.com").first).to_be_visible()
    expect(page.locator(".rokt-remarks:visible")).to_contain_text("1,000 or more")
    slips = page.get_by_label("Apply: mistyped mail domains")
    offices = page.get_by_label("Apply: mailboxes of offices")
    for box in (slips, offices, page.get_by_label("Apply: throw-away mail")):
        expect(box).not_to_be_checked()
    slips.check()
    offices.check()
    table = page.locator(".rokt-live table").first
    expect(table).to_contain_text("rewrites the domain")
    table.scroll_into_view_if_needed()
    lab.look("10_prepare_advice", narrow=True)
    page.locator(".rokt-prepare:visible").click()
    expect(status).to_contain_text("4 of 5 rows are ready", timeout=30_000)
    expect(status).to_contain_text("The advice you chose changed 2 rows.")
    expect(page.locator(".rokt-sums:visible")).to_contain_text("left out by choice")
    lab.picture("10_prepare_advice_done")
    assert lab.asked_elsewhere == []


def test_a_bad_file_is_a_sentence_and_the_page_stays_usable(lab: Lab) -> None:
    """A list of MD5 values is refused with the reason, and another list can be chosen."""
    page = lab.open("10_prepare_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Check", timeout=60_000)
    md5 = b"cb8419c1d471d55fbca0d63d1fb2b6ac\n" * 3
    lab.drop("md5.csv", md5)
    page.locator(".rokt-check:visible").click()
    expect(status).to_contain_text("3 MD5 digests", timeout=30_000)
    expect(status).to_contain_text("Stopped")
    lab.look("10_prepare_refused")
    lab.pick("sample_customers.csv")
    page.locator(".rokt-check:visible").click()
    expect(page.locator(".rokt-prepare:visible")).to_be_enabled(timeout=30_000)
