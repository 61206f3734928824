"""What a run leaves to be read: pages that need no kernel, on a screen and on paper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from rokt_helpers.runner import NotebookRun, read_parameters, run_notebook
from rokt_helpers.sandbox import Sandbox, write_customers, write_practice_lists
from tests.browser.conftest import ROOT
from tests.browser.looking import barriers, dark

A4 = ViewportSize(width=794, height=1123)
OURS = ("figure.picture", "table", "main", "header")
REMAINS = ".jupyter-widgets, .widget-subarea, .rokt-panel, input, button, script, img"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page the width of a sheet of paper."""
    context = chromium.new_context(viewport=A4)
    yield context.new_page()
    context.close()


def run(stem: str, **parameters: object) -> NotebookRun:
    inbox = Path.cwd() / "inbox"
    inbox.mkdir(exist_ok=True)
    write_customers(inbox / "sample_customers.csv", rows=300)
    write_practice_lists(inbox)
    return run_notebook(
        ROOT / "notebooks" / f"{stem}.ipynb",
        parameters={**read_parameters(ROOT / "params" / f"{stem}.yml"), **parameters},
        runs=Path(os.environ["ROKT_HOME"]) / "runs",
    )


def hold(page: Page, path: Path, name: str) -> None:
    """Read a page on screen, in the dark and on paper."""
    page.goto(path.as_uri())
    assert page.locator("figure.picture svg").count() > 0
    assert page.locator(REMAINS).count() == 0, "a form, a script or a picture of dots is left"
    assert "VBox(" not in str(page.text_content("body"))
    page.screenshot(path=ROOT / "screenshots" / f"{name}.png", full_page=True)
    assert barriers(page, *OURS) == [], name
    with dark(page):
        page.screenshot(path=ROOT / "screenshots" / f"{name}_dark.png", full_page=True)
        assert barriers(page, *OURS) == [], f"{name}, dark"
    page.emulate_media(media="print")
    page.screenshot(path=ROOT / "screenshots" / f"{name}_paper.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    breaks = "figure => getComputedStyle(figure).breakInside"
    assert page.locator("figure.picture").first.evaluate(breaks) == "avoid"


@pytest.mark.parametrize("stem", ["10_prepare_audience", "30_conversions"])
@pytest.mark.usefixtures("sandbox")
def test_a_run_can_be_read_on_screen_and_on_paper(stem: str, page: Page) -> None:
    """Charts are drawn and not dots, no form is left, and nothing is wider than the sheet."""
    hold(page, run(stem).folder / "executed.html", f"exported_{stem[:2]}")


def test_referrals_and_their_report_can_be_read(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of the run and the report for a meeting, side by side."""
    report = tmp_path / "report.html"
    with Sandbox() as rokt:
        for name, value in rokt.environment.items():
            monkeypatch.setenv(name, value)
        done = run("40_referrals", report=str(report), currency="USD")
    hold(page, done.folder / "executed.html", "exported_40")
    hold(page, report, "exported_report")
