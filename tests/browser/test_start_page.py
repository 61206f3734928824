"""What a person meets who opens JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab

NAME = "20261122T060000Z-10_prepare_audience-aaaa"


def opened(lab: Lab) -> Page:
    """Open the bare address, as `rokt lab` does, and wait for what the page fills in by itself."""
    lab.page.goto(f"{lab.address}/?token=test&reset")
    expect(lab.page.locator(".rokt-where")).to_be_visible(timeout=90_000)
    return lab.page


def current(page: Page) -> str:
    return str(page.evaluate("window.jupyterapp.shell.currentWidget?.context?.path"))


def a_run(home: Path) -> None:
    folder = home / "sandbox" / "runs" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "executed.html").write_text("<h1>What was prepared</h1>")
    end = {"event": "ended", "exit_code": 0, "sentence": "12 of 13 rows are accepted."}
    (folder / "run.log").write_text(json.dumps(end) + "\n")


def test_it_opens_first_fills_itself_and_leaves_its_file_alone(lab: Lab) -> None:
    """The address alone shows where you are, and nothing of it is kept for another day."""
    file = lab.folder / "notebooks" / "00_start_here.ipynb"
    before = file.read_bytes()
    page = opened(lab)
    expect(page.get_by_role("region", name="Where you are")).to_contain_text("Sandbox")
    expect(page.get_by_role("region", name="Connection")).to_contain_text("connections work.")
    expect(page.get_by_role("region", name="What needs you")).to_be_visible()
    expect(page.get_by_text("Start this page").first).to_be_visible()
    lab.look("00_start_here")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert file.read_bytes() == before
    assert lab.asked_elsewhere == []


def test_its_links_open_pages_and_runs_beside_it(lab: Lab) -> None:
    """A card opens its notebook and a run its page, with the keyboard, inside JupyterLab."""
    a_run(lab.home)
    page = opened(lab)
    run = page.get_by_role("region", name="Last unattended runs")
    expect(run).to_contain_text("12 of 13 rows are accepted.")
    run.get_by_role("link", name="What it showed").focus()
    page.keyboard.press("Enter")
    shown = page.frame_locator("iframe.jp-HTMLViewer-frame, .jp-HTMLViewer iframe").first
    expect(shown.get_by_text("What was prepared")).to_be_visible(timeout=30_000)
    assert current(page) == f"reports/runs/sandbox/{NAME}/executed.html"
    page.evaluate(
        "window.jupyterapp.commands.execute('docmanager:open',"
        " {path: 'notebooks/00_start_here.ipynb'})"
    )
    page.get_by_role("region", name="Pages").get_by_role("link", name="Hash doctor").click()
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget?.context?.path === 'notebooks/15_hash_doctor.ipynb'"
    )
    assert lab.asked_elsewhere == []


def test_it_holds_in_the_dark_and_in_a_narrow_window(lab: Lab) -> None:
    """Light on dark, one column, and nothing that would have to be scrolled sideways."""
    lab.page.emulate_media(color_scheme="dark")
    lab.page.set_viewport_size({"width": 900, "height": 1500})
    page = opened(lab)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    ink = page.get_by_role("heading", name="Connection", exact=True).evaluate(
        "node => getComputedStyle(node).color"
    )
    assert min(int(part) for part in ink.partition("(")[2].rstrip(")").split(",")[:3]) > 150
    wide = page.locator(".rokt-start").evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert wide[0] <= wide[1]
    lab.picture("00_start_here_dark")
