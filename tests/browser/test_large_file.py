"""A file that nobody would send through a browser lies in inbox/."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Lab

ROWS = 2_000_000
FILLER = ";" + "x" * 75
PIECE_ROWS = 50_000


def test_two_hundred_megabytes_are_prepared_and_can_be_stopped(lab: Lab) -> None:
    """Looked for, checked, begun, stopped, begun again: every row is counted, and none is half."""
    page = lab.open("10_prepare_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Check", timeout=60_000)
    large = lab.folder / "inbox" / "large.csv"
    written = lab.home / "sandbox" / "prepared" / "large-sha256.csv"
    try:
        with large.open("w", encoding="ascii") as file:
            file.write("email;note\n")
            for first in range(0, ROWS, PIECE_ROWS):
                numbers = range(first, first + PIECE_ROWS)
                file.write("".join(f"p{n:07}@example.com{FILLER}\n" for n in numbers))
        assert large.stat().st_size > 190_000_000
        page.locator(".rokt-look-again:visible").click()
        expect(page.get_by_label("Source", exact=True)).to_contain_text("large.csv")
        lab.pick("large.csv")
        check = page.locator(".rokt-check:visible")
        check.click()
        expect(status).to_contain_text("would be accepted", timeout=60_000)
        prepare, stop = page.locator(".rokt-prepare:visible"), page.locator(".rokt-stop:visible")
        prepare.click()
        stop.click()
        expect(status).to_contain_text("Stopped", timeout=60_000)
        assert not written.exists()
        check.click()
        prepare.click(timeout=60_000)
        expect(status).to_contain_text(f"{ROWS:,} of {ROWS:,} rows are ready", timeout=180_000)
        with written.open("rb") as lines:
            assert sum(1 for _ in lines) in {ROWS, ROWS + 1}
    finally:
        large.unlink(missing_ok=True)
        written.unlink(missing_ok=True)
