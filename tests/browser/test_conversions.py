"""A person in front of `30_conversions` in a real JupyterLab."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab

OPEN = "See which column is what"
# Two columns of addresses, a time without a zone, and no type.
SHOP = b"""Buyer,Gift for,Order number,Order date,Total
ann@example.com,eve@example.com,A-1,2026-11-01 10:00,49.99
bob@example.com,,A-2,2026-11-02 11:30,12.50
cy@example.com,eve@example.com,A-3,2026-11-02 12:00,7.25
"""


def row(page: Page, column: str) -> Any:
    return page.locator(".rokt-column:visible").filter(has_text=column)


def test_purchases_are_checked_and_reported(lab: Lab) -> None:
    """Columns are seen, the plan stands before Send opens, and the charts fill themselves."""
    page = lab.open("30_conversions")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text(OPEN, timeout=60_000)
    expect(page.locator(".rokt-column:visible")).to_have_count(8)
    expect(row(page, "Order number").locator("select")).to_have_value("order id")
    send = page.locator(".rokt-send:visible")
    expect(send).to_be_disabled()
    page.get_by_text("1. Choose a file of purchases").scroll_into_view_if_needed()
    lab.look("30_conversions_columns", narrow=True)
    page.locator(".rokt-check:visible").click()
    plan = page.locator(".rokt-plan-view:visible")
    expect(plan).to_contain_text("Report 250 conversions", timeout=30_000)
    expect(status).to_contain_text("250 of 251 rows are conversions to report; duplicates: 1")
    plan.locator("summary").click()
    expect(plan.locator("pre")).to_contain_text('"other": "•••"')
    lab.look("30_conversions_checked")
    send.click()
    expect(status).to_contain_text("every request was taken", timeout=30_000)
    sales = page.get_by_text("USD in 250 conversions").first
    sales.scroll_into_view_if_needed()
    lab.look("30_conversions_sales")
    there = page.get_by_text("The sandbox knows").first
    there.scroll_into_view_if_needed()
    expect(there).to_be_visible()
    lab.picture("30_conversions_turned_into")
    assert lab.asked_elsewhere == []


def test_columns_are_mended_asked_about_and_saved(lab: Lab) -> None:
    """What could be two things is left to the person, what is open is asked, and it is kept."""
    page = lab.open("30_conversions")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text(OPEN, timeout=60_000)
    lab.drop("shop.csv", SHOP)
    expect(page.locator(".rokt-column:visible")).to_have_count(5)
    todo = page.locator(".rokt-todo:visible")
    for said in ("No column says who bought", "name no time zone", "conversion type"):
        expect(todo).to_contain_text(said)
    check = page.locator(".rokt-check:visible")
    expect(check).to_be_disabled()
    lab.look("30_conversions_asked")
    for column in ("Buyer", "Gift for"):
        row(page, column).locator("select").select_option("e-mail address")
    expect(todo).to_contain_text("'Buyer' and 'Gift for' are both e-mail address")
    row(page, "Gift for").locator("select").select_option("leave out")
    for field, said in (("Time zone", "Europe/Berlin"), ("Type if none", "purchase")):
        page.get_by_label(field, exact=True).fill(said)
        page.get_by_label(field, exact=True).press("Tab")
    expect(todo.locator("li")).to_have_count(0)
    page.get_by_label("Save as", exact=True).fill("shop")
    page.locator(".rokt-save:visible").click()
    expect(status).to_contain_text("params/mappings/shop.yml", timeout=10_000)
    check.click()
    expect(status).to_contain_text("3 of 3 rows are conversions", timeout=30_000)
    lab.picture("30_conversions_mended")
    saved = (lab.folder / "params" / "mappings" / "shop.yml").read_text()
    assert "Buyer: email\nGift for: null\n" in saved
    assert lab.asked_elsewhere == []


def test_a_bad_file_is_a_sentence_and_the_page_stays_usable(lab: Lab) -> None:
    """An empty file is refused with the reason, and another one can be chosen."""
    page = lab.open("30_conversions")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text(OPEN, timeout=60_000)
    lab.drop("empty.csv", b"\n")
    expect(status).to_contain_text("is empty", timeout=30_000)
    expect(status).to_contain_text("Stopped")
    expect(page.locator(".rokt-column:visible")).to_have_count(0)
    expect(page.locator(".rokt-check:visible")).to_be_disabled()
    lab.picture("30_conversions_refused")
    lab.pick("sample_purchases.csv")
    expect(page.locator(".rokt-column:visible")).to_have_count(8, timeout=30_000)


def test_it_is_readable_in_the_dark(lab: Lab) -> None:
    """On a computer set to dark the panel and the text of a chart stand light on dark."""
    lab.page.emulate_media(color_scheme="dark")
    page = lab.open("30_conversions")
    expect(page.locator(".rokt-status:visible")).to_contain_text(OPEN, timeout=60_000)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.locator(".rokt-check:visible").click()
    expect(page.locator(".rokt-send:visible")).to_be_enabled(timeout=30_000)
    colours = page.locator(".rokt-column:visible").first.evaluate(
        """row => [row.querySelector('.rokt-hint'), row.closest('.rokt-panel')].map((part, at) =>
            getComputedStyle(part)[at ? 'backgroundColor' : 'color'])"""
    )
    ink, ground = (brightness(colour) for colour in colours)
    assert ink - ground > 80
    lab.picture("30_conversions_dark")
    page.get_by_text("USD in 250 conversions").first.scroll_into_view_if_needed()
    chart_ink = page.locator(".rokt-live svg text").first.evaluate(
        "text => getComputedStyle(text).fill"
    )
    assert brightness(chart_ink) - ground > 80
    lab.picture("30_conversions_dark_sales")


def brightness(colour: str) -> float:
    """Return the mean of red, green and blue of `rgb(…)`, 0 to 255, at its opacity on black."""
    figures = [float(part) for part in colour.partition("(")[2].rstrip(")").split(",")]
    return sum(figures[:3]) / 3 * (figures[3] if len(figures) == 4 else 1)
