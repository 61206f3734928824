from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
import yaml

from tests.house.project import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("**/*.ipynb"))
# What a schedule may run. The lessons lie in a folder of their own and have no params file.
JOBS = [path for path in NOTEBOOKS if path.parent == ROOT / "notebooks"]
MOST_LINES = 9
# A notebook holds prose and calls; what has a shape of its own lives in the package.
FORBIDDEN = (
    ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.ClassDef, ast.For, ast.FunctionDef,
    ast.Lambda, ast.Try, ast.TryStar, ast.While,
)  # fmt: skip
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def is_parameters(cell: Any) -> bool:
    return "parameters" in cell.metadata.get("tags", [])


def faults(source: str) -> list[str]:
    """Name what must not stand in a cell."""
    nodes = list(ast.walk(ast.parse(source)))
    found = [type(node).__name__ for node in nodes if isinstance(node, FORBIDDEN)]
    stars = [n for n in nodes if isinstance(n, ast.ImportFrom) and n.names[0].name == "*"]
    return found + ["import *"] * len(stars)


def settings(path: Path) -> dict[str, Any]:
    file = ROOT / "params" / f"{path.stem}.yml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) or {}


def test_there_are_notebooks() -> None:
    """The tests of this file look at something."""
    assert NOTEBOOKS


def test_every_parameter_file_belongs_to_a_notebook() -> None:
    """No parameter file was left behind by a notebook that was renamed; the schedule is none."""
    stems = {path.stem for path in JOBS}
    assert {path.stem for path in (ROOT / "params").glob("*.yml")} == stems | {"schedule"}


@pytest.mark.parametrize(
    "source", ["def f(): ...", "for x in y: ...", "try: ...\nfinally: ...", "from os import *"]
)
def test_the_search_for_faults_finds_them(source: str) -> None:
    """What must not be in a cell is found when it is there."""
    assert faults(source)


@each_notebook
def test_it_is_valid_and_stripped(path: Path) -> None:
    """A committed notebook is valid and holds no output, no count and no widget state."""
    nbformat.validate(read(path))
    left = [c for c in code_cells(path) if c.outputs or c.execution_count is not None]
    assert left == []
    assert "widgets" not in read(path).metadata
    assert "papermill" not in read(path).metadata
    assert read(path).metadata.kernelspec.name == "python3"


@each_notebook
def test_it_begins_with_a_title(path: Path) -> None:
    """The first cell is prose and begins with a title."""
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


@each_notebook
def test_its_cells_are_short_and_plain(path: Path) -> None:
    """A code cell, but for the parameters, has nine lines at most, and prose and calls only."""
    calls = [cell.source for cell in code_cells(path) if not is_parameters(cell)]
    assert calls
    assert [source for source in calls if len(source.splitlines()) > MOST_LINES] == []
    assert [source for source in calls if faults(source)] == []


@each_notebook
def test_its_parameters_read_as_a_signature(path: Path) -> None:
    """There is one parameters cell, and each parameter in it has a type and a line of help."""
    assert len([cell for cell in code_cells(path) if is_parameters(cell)]) == 1
    found = papermill.inspect_notebook(str(path))
    assert found
    vague = {
        name: one
        for name, one in found.items()
        if one["inferred_type_name"] == "None" or not one["help"]
    }
    assert vague == {}


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.stem)
def test_its_parameter_file_sets_only_what_it_has(path: Path) -> None:
    """The YAML file beside it names no parameter the notebook does not have."""
    assert {*settings(path)} <= {*papermill.inspect_notebook(str(path))}
