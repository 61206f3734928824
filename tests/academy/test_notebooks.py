"""Every page of the academy in a real kernel, on a computer that is set up for production."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from rokt_helpers.academy import Readiness
from rokt_helpers.runner import NotebookRun, run_notebook
from tests.academy.production import LIVE, Watched
from tests.house.project import ROOT

PAGES = sorted((ROOT / "notebooks" / "academy").glob("*.ipynb"))
# The kernel; a delivery that is killed; two nights, each with a kernel of its own.
PROCESSES = {"04": 2, "08": 5}
LESSONS = [page for page in PAGES if page.stem[:2] not in {"00", "09"}]


def run(page: Path, **parameters: object) -> NotebookRun:
    return run_notebook(page, parameters=parameters, runs=Path(os.environ["ROKT_HOME"]) / "runs")


def pages_cells(page: Path) -> list[Any]:
    node: Any = nbformat.read(page, as_version=4)  # type: ignore[no-untyped-call]
    return list(node.cells)


def said(done: NotebookRun) -> str:
    """Return everything the page shows, as text."""
    node: Any = nbformat.read(done.executed, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in node.cells for output in cell.get("outputs", [])]
    return "\n".join(str(output.get("data", output.get("text", ""))) for output in outputs)


def test_there_are_ten_pages() -> None:
    """Eight lessons, the words, and what was passed."""
    assert [page.stem[:2] for page in PAGES] == [f"{number:02}" for number in range(10)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_it_knows_the_academy_only(page: Path) -> None:
    """A page imports nothing by which it could reach an account."""
    cells = [cell for cell in pages_cells(page) if cell.cell_type == "code"]
    imports = [
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for cell in cells
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imports == ["rokt_helpers.academy"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_its_links_lead_somewhere(page: Path) -> None:
    """Each link to another page finds it, and the pages can be read one after the other."""
    prose = "\n".join(cell.source for cell in pages_cells(page) if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)#]+)\)", prose)
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", LESSONS, ids=lambda path: path.stem)
def test_it_is_read_in_minutes(page: Path) -> None:
    """A lesson is short: with its exercise five to eight minutes."""
    prose = "\n".join(cell.source for cell in pages_cells(page) if cell.cell_type == "markdown")
    assert re.search(r"\*\*(Five|Six|Seven|Eight) minutes\.\*\*", prose)
    assert 200 < len(prose.split()) < 600


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_runs_with_nothing_answered_and_reaches_nobody(
    page: Path, leads_to_production: Watched
) -> None:
    """It comes to its end, no socket goes to another machine, nothing of the account is shown."""
    done = run(page)
    assert leads_to_production.guarded() >= PROCESSES.get(page.stem[:2], 1)
    assert leads_to_production.tried() == []
    shown = said(done)
    assert [value for value in LIVE.values() if value != "live" and value in shown] == []
    assert Readiness().passed() == {}
    if page in LESSONS:
        assert done.result["sentence"].endswith(": not answered yet.")
        assert (done.result["answered"], done.result["passed"]) == (False, False)
        assert "Not answered yet." in shown
    else:
        assert done.result["sentence"]


@pytest.mark.parametrize(("answer", "verdict"), [(121, "not quite"), (122, "right")])
def test_an_answer_can_be_handed_in(answer: int, verdict: str) -> None:
    """A page that is run with an answer marks it, and writes down what was passed."""
    page = next(page for page in PAGES if page.stem.startswith("02"))
    done = run(page, answer=answer)
    assert done.result["sentence"] == f"Lesson 2, Reading a broken list: {verdict}."
    assert ("02" in Readiness().passed()) == done.result["passed"] == (verdict == "right")
