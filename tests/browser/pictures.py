"""Makes the pictures of the documentation: `python run.py test tests/browser/pictures.py`.

Not a test of the suite, and so not collected with it. What is shown is invented by the sandbox.
"""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator, ViewportSize, expect

from tests.browser.conftest import ROOT, WIDE, Lab

PICTURES = ROOT / "docs" / "pictures"
TALL = ViewportSize(
    width=WIDE["width"], height=3_000
)  # a panel is cut off at the edge of the window
LIST = "US_Customers"


def keep(part: Locator, name: str, room: int = 0) -> None:
    """Write one picture, cropped to what it shows and some room around it, in pixels."""
    PICTURES.mkdir(exist_ok=True)
    part.page.mouse.move(0, 0)
    part.page.wait_for_timeout(500)
    box = part.bounding_box()
    assert box is not None
    clip = FloatRect(
        x=box["x"] - room,
        y=box["y"] - room,
        width=box["width"] + 2 * room,
        height=box["height"] + 2 * room,
    )
    path = PICTURES / f"{name}.png"
    part.page.screenshot(path=path, clip=clip, animations="disabled", caret="hide")


def test_prepare(lab: Lab) -> None:
    """The panel that prepares, after a check: how rows add up, and why some are rejected."""
    lab.page.set_viewport_size(TALL)
    page = lab.open("10_prepare_audience")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Check", timeout=60_000)
    page.locator(".rokt-check:visible").click()
    expect(status).to_contain_text("would be accepted", timeout=30_000)
    page.locator(".rokt-check:visible").blur()
    keep(page.locator(".rokt-panel:visible"), "prepare")


def test_deliver(lab: Lab) -> None:
    """The panel that delivers, with the plan that is about to be sent."""
    lab.page.set_viewport_size(TALL)
    page = lab.open("20_deliver_audience")
    name = page.get_by_label("To list", exact=True)
    name.fill(LIST, timeout=60_000)
    name.press("Tab")
    page.locator(".rokt-plan:visible").click()
    expect(page.locator(".rokt-send:visible")).to_be_enabled(timeout=30_000)
    page.locator(".rokt-plan:visible").blur()
    keep(page.locator(".rokt-panel:visible"), "deliver")


def test_referrals(lab: Lab) -> None:
    """One chart of the referrals, its finding as its title."""
    lab.page.set_viewport_size(TALL)
    page = lab.open("40_referrals")
    status = page.locator(".rokt-status:visible")
    expect(status).to_contain_text("Press Collect", timeout=60_000)
    currency = page.get_by_label("Currency", exact=True)
    currency.fill("USD")
    currency.press("Tab")
    page.locator(".rokt-collect:visible").click()
    expect(status).to_contain_text("new files with", timeout=60_000)
    page.get_by_role("heading", name="Where the money goes").first.scroll_into_view_if_needed()
    chart = page.locator("figure.picture:visible").filter(has_text="no file came").first
    chart.scroll_into_view_if_needed()
    keep(chart, "referrals", room=8)


def test_start(lab: Lab) -> None:
    """The page that JupyterLab opens on."""
    lab.page.set_viewport_size(TALL)
    lab.page.goto(f"{lab.address}/?token=test&reset")
    expect(lab.page.locator(".rokt-where")).to_be_visible(timeout=90_000)
    connection = lab.page.get_by_role("region", name="Connection")
    expect(connection).to_contain_text("connections work.", timeout=30_000)
    keep(lab.page.locator(".rokt-start"), "start", room=8)
