from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from importlinter.api import read_configuration

from tests.house.project import PACKAGE, ROOT, modules, names_used, parse, run_tool

CORE = [
    "audience",
    "conversions",
    "doctor",
    "forms",
    "identifiers",
    "plan",
    "referrals/analysis",
]
# No wire, no clock, no dice, no environment.
IMPURE = (
    "asyncio", "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
    "datetime.datetime.utcnow", "datetime.now", "datetime.today", "datetime.utcnow", "date.today",
    "getpass", "http", "numpy.random", "np.random", "os.environ", "os.getenv", "os.urandom",
    "pd.Timestamp.now", "platform", "random", "requests", "secrets", "socket", "subprocess",
    "threading", "time", "urllib", "uuid.uuid1", "uuid.uuid4",
)  # fmt: skip


def core_modules() -> list[Path]:
    """Each room of the core, whether it is one module or a folder of them."""
    rooms = [PACKAGE / f"{name}.py" for name in CORE]
    folders = [PACKAGE / name for name in CORE]
    return [path for path in modules(PACKAGE) if path in rooms or {*path.parents} & {*folders}]


def impurities(tree: ast.Module) -> set[str]:
    return {
        name
        for name in names_used(tree)
        if any(name == word or name.startswith(f"{word}.") for word in IMPURE)
    }


def test_a_room_imports_only_from_below() -> None:
    """Import-linter keeps every contract of pyproject.toml."""
    lint = str(Path(sys.executable).with_name("lint-imports"))
    code, said = run_tool(lint, "--no-cache")
    assert code == 0, said


def test_the_floors_cover_the_whole_package() -> None:
    """The floors are a contract that names every room, so that a new one cannot stand outside."""
    floors = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"][0]
    words = {word.strip(" ()") for floor in floors["layers"] for word in floor.split("|")}
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules(PACKAGE)}
    assert str(floors["exhaustive"]) == "True"
    assert rooms - words == {"__init__"}


def test_the_core_is_pure() -> None:
    """The functional core reads no clock, throws no dice, opens no wire, asks no environment."""
    looked_at = core_modules()
    assert {"audience", "forms", "identifiers", "plan", "analysis"} <= {
        part for path in looked_at for part in path.relative_to(PACKAGE).with_suffix("").parts
    }
    found = {str(path.relative_to(ROOT)): impurities(parse(path)) for path in looked_at}
    assert {where: names for where, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from time import sleep",
        "from datetime import datetime\nx = datetime.now(UTC)",
        "import os\nx = os.environ['HOME']",
        "import random",
        "import urllib.request",
    ],
)
def test_the_search_for_impurities_finds_them(line: str) -> None:
    """What must not be in the core is found when it is there."""
    assert impurities(ast.parse(line))


def test_imports_stand_at_the_top() -> None:
    """No import hides inside a function, where a circle could hide with it, but in the CLI."""
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in modules(PACKAGE)
        if PACKAGE / "cli" not in path.parents
        for outer in ast.walk(parse(path))
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []
