"""What the pages for users say is what the program does."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import stat
from pathlib import Path

import pytest

from rokt_helpers import contract, errors
from rokt_helpers.advice.oddities import TITLES
from rokt_helpers.attention import KINDS
from rokt_helpers.cli.manual import EXIT_CODES
from rokt_helpers.identifiers import hash_email
from rokt_helpers.plan import GUARDS
from rokt_helpers.runner import run_notebook
from tests.command_line import Rokt, caller, parses
from tests.house.project import PACKAGE, ROOT
from tests.house.test_readme import same_every_time

DOCS = ROOT / "docs"
TROUBLE = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
SECURITY = (DOCS / "security.md").read_text(encoding="utf-8")
TUTORIAL = (DOCS / "tutorial.md").read_text(encoding="utf-8")
USER_PAGES = [
    *(DOCS / "how").glob("*.md"),
    *(DOCS / f"{name}.md" for name in ("install", "operations", "security", "tutorial")),
]
CALLS = sorted(
    {
        line.strip()
        for page in USER_PAGES
        for block in re.findall(r"^```\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
        if line.startswith("rokt ")
    }
)
CELL = re.compile(r"^\| `?([\w./ ]+?)`? \| (.*?) \| .*\|$", re.MULTILINE)


def rows(heading: str) -> dict[str, str]:
    """The first table below a heading: its first cell and its second."""
    below = TROUBLE.split(f"## {heading}\n")[1].split("\n## ")[0]
    table = below[below.index("| ---") :].partition("\n\n")[0]
    return dict(CELL.findall(table.partition("\n")[2]))


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Exit codes", {str(code): words for code, words in EXIT_CODES.items()}),
        ("Guards", GUARDS),
        ("Reasons of rejected rows", contract.REASONS),
        ("Reasons of rejected purchases", contract.CONVERSION_REASONS),
        ("Advice", TITLES),
    ],
)
def test_the_table_is_the_code(heading: str, words: dict[str, str]) -> None:
    """Each word of the program has its line, in its order and words, and no line is left over."""
    assert list(rows(heading).items()) == list(words.items())


def test_every_error_has_its_line() -> None:
    """The tree of errors is in the table, each with the first words of its docstring."""
    said = rows("Errors")
    assert {*said} == {n for n in errors.__all__ if inspect.isclass(getattr(errors, n))}
    for name, words in said.items():
        assert (inspect.getdoc(getattr(errors, name)) or "").startswith(words)


def test_every_kind_of_concern_has_its_line() -> None:
    """What may need a person is explained."""
    assert [*rows("What needs a person")] == [*KINDS]


def test_every_guard_in_the_code_is_explained() -> None:
    """A guard that some module raises by name stands in one of the two tables."""
    raised = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"guard=\"(\w+)\"|stop_at\(\"(\w+)\"", path.read_text())
        for name in name
        if name
    }
    assert {"busy", "overtaken"} <= raised
    assert {name for name in raised | {"plain_http"} if f"| `{name}` |" not in TROUBLE} == set()


@pytest.mark.parametrize("call", CALLS)
def test_a_command_on_a_page_is_one_that_the_program_takes(call: str) -> None:
    """Each line that calls `rokt` parses: verb, options and choices exist."""
    parses(shlex.split(call)[1:])


def kept() -> set[str]:
    """What the security page says lies in the state folder."""
    table = SECURITY.split("<!-- kept -->")[1].split("<!-- end -->")[0]
    return {name.rstrip("/") for name in re.findall(r"^\| `([\w./]+)` ", table, re.MULTILINE)}


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


def test_the_tutorial_prints_what_it_shows(rokt: Rokt) -> None:
    """From the file it asks for to the receipt, each command prints what stands below it."""
    (table,) = re.findall(r"^```csv\n(.*?)^```", TUTORIAL, re.DOTALL | re.MULTILINE)
    Path("customers.csv").write_text(table, encoding="utf-8")
    steps = re.findall(r"^```console\n\$ (.+?)\n(.*?)^```", TUTORIAL, re.DOTALL | re.MULTILINE)
    assert len(steps) == 3
    for call, shown in steps:
        code, said, _ = rokt(*shlex.split(call)[1:])
        assert code == 0
        assert same_every_time(said) == same_every_time(shown), call


def test_the_security_page_and_the_architecture_know_the_same_files() -> None:
    """What lies in the state folder is told twice, and both times whole."""
    architecture = (DOCS / "architecture.md").read_text(encoding="utf-8")
    tree = architecture.split("<ROKT_HOME>/<profile>/\n")[1].split("```")[0]
    assert set(re.findall(r"^ {4}([\w.]+)", tree, re.MULTILINE)) == kept()


@pytest.mark.usefixtures("sandbox")
def test_what_is_kept_is_what_the_security_page_says(rokt: Rokt) -> None:
    """After real work each file of the state folder is in the table, for its owner only.

    Digests of people lie only where the page says so, and addresses nowhere.
    """
    address = "canary.of.the.state@example.com"
    Path("list.csv").write_text(f"email\n{address}\ngrace@example.org\n", encoding="utf-8")
    assert rokt("deliver", "list.csv", "--list", "L", "--action", "include", "--send")[0] == 0
    assert rokt("referrals", "fetch")[0] == 0
    run_notebook(
        ROOT / "notebooks" / "10_prepare_audience.ipynb",
        parameters={"source": str(Path("list.csv").absolute()), "run": True},
        runs=Path(os.environ["ROKT_HOME"]) / "sandbox" / "runs",
    )
    home = Path(os.environ["ROKT_HOME"]) / "sandbox"
    there = {path.name.removesuffix("-wal").removesuffix("-shm") for path in home.iterdir()}
    assert {"ledger.sqlite", "members", "locks", "runs", "prepared"} <= there <= kept()
    digest = str(hash_email(address))
    for path in home.rglob("*"):
        is_open = stat.S_IMODE(path.stat().st_mode) & 0o077
        assert not is_open, f"{path.relative_to(home)} can be read by others"
        if path.is_file():
            content = path.read_bytes()
            assert address.encode() not in content
            of_people = path.relative_to(home).parts[0] in {"members", "prepared", "referrals"}
            assert of_people or (digest.encode() not in content)
