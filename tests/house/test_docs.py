"""What the documents say of the code is what the code says."""

from __future__ import annotations

import re
import tomllib

import pytest

from rokt_helpers import contract
from rokt_helpers.referrals import analysis
from rokt_helpers.settings import Settings
from tests.house.project import PACKAGE, ROOT

ROKT = (ROOT / "docs" / "rokt.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]


def test_the_reasons_are_documented_one_by_one() -> None:
    """The table of reasons is the closed set of the code, in its order and its words."""
    table = ROKT.split("one of a closed set of reasons:")[1].split("##")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", table, re.MULTILINE)) == contract.REASONS


def test_every_room_has_its_line() -> None:
    """Each module of the package's top floor plan is named in the table of rooms."""
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    rooms -= {"__init__", "__pycache__", "templates"}
    table = ARCHITECTURE.split("## The rooms")[1].split("## The laws")[0]
    assert {room for room in rooms if not re.search(rf"`{room}/?`", table)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: object) -> None:
    """No link to a file that is not there."""
    text = page.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    folder = page.parent  # type: ignore[attr-defined]
    assert [link for link in links if not (folder / link).exists()] == []


def test_the_page_on_referrals_names_functions_that_exist() -> None:
    """What the table of questions calls a function is one."""
    table = (ROOT / "docs" / "referrals.md").read_text().split("| question | function |")[1]
    names = re.findall(r"`(\w+)`", table.split("A purchase belongs")[0])
    assert len(names) > 20
    assert [name for name in names if not callable(getattr(analysis, name, None))] == []


def test_every_decision_is_listed() -> None:
    """The index of decisions names each page once."""
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_every_variable_is_in_the_example() -> None:
    """`.env.example` explains each setting there is, and no other."""
    from_example = set(
        re.findall(r"^#?(ROKT_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    assert from_example == {f"ROKT_{name.upper()}" for name in Settings.model_fields}


def test_the_changelog_has_the_version() -> None:
    """The version of the package stands in the changelog."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
