"""A person in front of the drop zone and the table of corrections, in a page made for it."""

from __future__ import annotations

import json
import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Lab

MEGABYTE = 1_000_000
CANARY = "canary.example.com"
WHERE = "Or put the file into the folder inbox/"

DROP = """
import hashlib, os, threading, time, ipywidgets as w
from rokt_helpers.widgets.drop import DropZone
from rokt_helpers.widgets.dropped import DroppedFiles
took = w.HTML()
took.add_class("took")
def show(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    took.value = f"{path.name} {digest} {os.getpid()} {path.parent}"
took.value = f"ready {os.getpid()}"
zone = DropZone(DroppedFiles(), show, accept=[".csv", ".csv.gz", ".xlsx"])
w.VBox([zone, took])
"""
GRID = f"""
import ipywidgets as w
from rokt_helpers.widgets.grid import CorrectionGrid, GridRow
told = w.HTML("nothing yet")
told.add_class("told")
def changed(corrections):
    told.value = f"{{len(corrections)}} mended: rows {{sorted(corrections)}}"
    show(corrections)
def show(corrections):
    def row(n, reason, value):
        state = "accepted now" if "@" in corrections.get(n, value) else f"rejected: {{reason}}"
        return GridRow(n, reason, value, state)
    grid.show([
        row(12, "no @", {CANARY!r}), row(40, "no domain", "bob.canary"),
        row(1240, "no @", "a rather long value that somebody typed into the wrong canary field"),
        GridRow(2001, "a placeholder", "test.canary@test.com", "left out"),
    ], more=1240)
grid = CorrectionGrid(changed)
show({{}})
w.VBox([grid, told])
"""


@pytest.fixture
def drop(lab: Lab) -> Page:
    """Open a page with a drop zone."""
    return opened(lab, "drop", DROP)


@pytest.fixture
def grid(lab: Lab) -> Page:
    """Open a page with a table of corrections."""
    return opened(lab, "grid", GRID)


def opened(lab: Lab, name: str, *cells: str) -> Page:
    code: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    notebook = {
        "cells": [
            {**code, "id": f"cell-{i}", "source": cell.strip()} for i, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    place = lab.folder / "notebooks" / f"scratch_{name}.ipynb"
    place.write_text(json.dumps(notebook), encoding="utf-8")
    page = lab.open(f"scratch_{name}")
    expect(page.locator(f".rokt-{name}")).to_be_visible(timeout=60_000)
    return page


def status_of(page: Page) -> Locator:
    return page.locator(".rokt-drop").get_by_role("status")


def took(page: Page) -> Locator:
    return page.locator(".took")


def csv(folder: Path, name: str, megabytes: int) -> Path:
    path = folder / name
    dice = random.Random(megabytes)
    path.write_bytes(b"".join(dice.randbytes(MEGABYTE) for _ in range(megabytes)))
    return path


def drop_on(page: Page, *names: str) -> None:
    """Let files fall on the zone, as a mouse does."""
    files = page.evaluate_handle(
        """names => {
            const held = new DataTransfer();
            for (const name of names) held.items.add(new File(["email\\n"], name));
            return held;
        }""",
        names,
    )
    zone = page.locator(".rokt-drop-zone")
    for kind in ("dragenter", "dragover", "drop"):
        zone.dispatch_event(kind, {"dataTransfer": files})


def test_a_file_of_fifty_megabytes_arrives_whole(lab: Lab, drop: Page, tmp_path: Path) -> None:
    """It is sent piece by piece with a reading of how far it is, and its digest is the same."""
    large = csv(tmp_path, "large.csv", 50)
    lab.picture("drop_empty")
    drop.get_by_label("Choose a file").set_input_files(large)
    expect(drop.locator(".rokt-drop-figures")).to_contain_text("of 50.0 MB")
    expect(drop.locator(".rokt-drop-figures")).to_contain_text("a second,")
    lab.picture("drop_sending")
    expect(status_of(drop)).to_have_text("“large.csv” is here, 50.0 MB.", timeout=60_000)
    expect(took(drop)).to_contain_text(sha256(large.read_bytes()).hexdigest())
    lab.picture("drop_done")
    folder = Path(str(took(drop).text_content()).split()[-1])
    assert [path.name for path in folder.iterdir()] == ["large.csv"]
    assert lab.asked_elsewhere == []


def test_what_is_no_list_is_refused_with_a_sentence(lab: Lab, drop: Page) -> None:
    """Wrong endings and empty files are refused before anything is sent; two give the first."""
    chooser = drop.get_by_label("Choose a file")
    drop_on(drop, "picture.png")
    expect(status_of(drop)).to_contain_text("“picture.png” is not a kind of file that is read here")
    lab.picture("drop_refused")
    chooser.set_input_files({"name": "no.csv", "mimeType": "text/csv", "buffer": b""})
    expect(status_of(drop)).to_contain_text("“no.csv” is empty")
    drop_on(drop, "one.csv", "two.csv")
    expect(status_of(drop)).to_contain_text("“one.csv” is here, 6 bytes.")
    expect(status_of(drop)).to_contain_text("Only the first of 2 files was taken.")
    drop_on(drop, "one.csv")
    expect(status_of(drop)).to_contain_text("It takes the place of the one before.")


def test_the_keyboard_chooses_a_file(drop: Page) -> None:
    """Space on the zone opens the choice of a file, and no shortcut of the notebook answers."""
    cells = drop.locator(".jp-Cell").count()
    zone = drop.get_by_label("Choose a file")
    # Until its cells have run, JupyterLab moves the focus to the cell.
    expect(drop.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]"))
    with drop.expect_file_chooser() as chooser:
        zone.press("Space")
    zone.press("b")  # with the notebook listening this were a new cell
    chooser.value.set_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"email\n"})
    expect(status_of(drop)).to_contain_text("“a.csv” is here")
    assert drop.locator(".jp-Cell").count() == cells


def test_a_transfer_is_cancelled_and_leaves_nothing(drop: Page, tmp_path: Path) -> None:
    """Cancel ends it at once, and the half sent file is gone from the disk."""
    drop_on(drop, "small.csv")
    expect(status_of(drop)).to_contain_text("“small.csv” is here")
    folder = Path(str(took(drop).text_content()).split()[-1])
    drop.get_by_label("Choose a file").set_input_files(csv(tmp_path, "large.csv", 100))
    expect(drop.locator(".rokt-drop-figures")).to_contain_text("a second,")
    drop.get_by_role("button", name="Cancel").click()
    expect(status_of(drop)).to_have_text("Cancelled. Nothing of “large.csv” was kept.")
    expect(drop.locator(".rokt-drop-zone")).to_be_visible()
    drop_on(drop, "another.csv")
    expect(status_of(drop)).to_contain_text("“another.csv” is here")
    assert sorted(path.name for path in folder.iterdir()) == ["another.csv", "small.csv"]


def test_a_kernel_that_does_not_answer_is_said(lab: Lab) -> None:
    """While a cell runs the zone says after twenty seconds what to do; later it works again."""
    page = opened(lab, "drop", DROP, "time.sleep(600)")
    drop_on(page, "a.csv")
    expect(status_of(page)).to_contain_text("Sending “a.csv”")
    expect(status_of(page)).to_contain_text("has not answered", timeout=30_000)
    expect(status_of(page)).to_contain_text(WHERE)
    lab.picture("drop_silence")
    page.evaluate("void window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    expect(page.get_by_text("KeyboardInterrupt").first).to_be_visible(timeout=30_000)
    drop_on(page, "a.csv")
    expect(status_of(page)).to_have_text("“a.csv” is here, 6 bytes.", timeout=30_000)


def test_values_are_shown_mended_and_undone_by_keyboard(lab: Lab, grid: Page) -> None:
    """Nothing is on the page before it is asked for; Enter keeps, arrows move, emptying undoes."""
    frame = grid.locator(".rokt-grid")
    expect(frame).to_contain_text("4 rows to mend by hand, and 1,240 more")
    assert grid.locator(".rokt-grid-input").count() == 0
    lab.picture("grid_hidden")
    frame.get_by_role("button", name="Show the values").press("Enter")
    first, second = (grid.get_by_label(f"value of row {row}", exact=True) for row in (12, 40))
    expect(first).to_have_value(CANARY)
    first.focus()
    grid.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    grid.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    first.fill("canary@example.com")
    grid.keyboard.press("Enter")
    expect(second).to_be_focused()
    expect(grid.locator(".told")).to_have_text("1 mended: rows [12]")
    states = grid.locator("td.rokt-grid-state")
    expect(states.first).to_have_text("accepted now")
    second.fill("bob.canary@example.com")
    grid.keyboard.press("Tab")
    expect(grid.get_by_label("value of row 1240")).to_be_focused()
    expect(grid.locator(".told")).to_have_text("2 mended: rows [12, 40]")
    lab.picture("grid_mended")
    second.fill("")
    grid.keyboard.press("Enter")
    expect(second).to_have_value("bob.canary")
    expect(grid.locator(".told")).to_have_text("1 mended: rows [12]")
    frame.get_by_role("button", name="Hide").click()
    assert grid.locator(".rokt-grid-input").count() == 0


def test_a_saved_notebook_holds_no_value_and_a_reload_gives_them_again(
    lab: Lab, grid: Page
) -> None:
    """Even with the state of all widgets saved, what is shown and typed is not in the file."""
    show = grid.get_by_role("button", name="Show the values")
    show.click()
    first = grid.get_by_label("value of row 12", exact=True)
    first.fill("canary@example.com")
    first.press("Enter")
    expect(grid.locator(".told")).to_have_text("1 mended: rows [12]")
    run = "name => window.jupyterapp.commands.execute(name)"
    grid.evaluate(run, "@jupyter-widgets/jupyterlab-manager:saveWidgetState")
    grid.evaluate(run, "docmanager:save")
    path = lab.folder / "notebooks" / "scratch_grid.ipynb"
    saved = json.loads(path.read_text(encoding="utf-8"))
    written = json.dumps([saved["metadata"], *(cell.get("outputs") for cell in saved["cells"])])
    assert "rokt_helpers.widgets.grid" in written, "the state of the widgets was not saved"
    assert "canary" not in written
    grid.reload()
    expect(show).to_be_visible(timeout=60_000)
    show.click()
    expect(first).to_have_value("canary@example.com")


def test_both_follow_the_dark_theme(lab: Lab) -> None:
    """Their words are readable on the ground of the theme that was chosen."""
    lab.page.emulate_media(color_scheme="dark")  # JupyterLab follows the system here
    page = opened(lab, "drop", DROP, GRID)
    expect(page.locator(".rokt-grid")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Show the values").click()
    expect(page.locator(".rokt-grid-input").first).to_be_visible()
    page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    drop_on(page, "a.csv")
    expect(status_of(page)).to_contain_text("“a.csv” is here")
    for name in ("drop", "grid"):
        ink, ground = page.locator(f".rokt-{name}").evaluate(
            """root => [root, root.querySelector('.rokt-drop-zone, .rokt-grid-table')].map(
                (part, i) => getComputedStyle(part)[i ? 'backgroundColor' : 'color'])"""
        )
        assert light(ink) > 150, ink
        assert light(ground) < 60, ground
    lab.picture("drop_and_grid_dark")


def light(colour: str) -> float:
    """Return how light a colour is, 0 to 255, of what a browser computed."""
    red, green, blue = (float(part) for part in colour.split("(")[1].rstrip(")").split(",")[:3])
    return 0.3 * red + 0.6 * green + 0.1 * blue
