"""What is said of an extra that is missing: a command that works where one is."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.extras import how_to_install
from rokt_helpers.tables.extras import load
from tests.house.project import ROOT

EXTRAS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]["optional-dependencies"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "run.py").touch()
    return tmp_path


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_environment_of_a_checkout_is_added_to_by_run_py(checkout: Path, extra: str) -> None:
    """What run.py made, run.py adds to, and it knows each extra by this name."""
    said = how_to_install(extra, checkout=checkout, environment=str(checkout / ".venv"))
    assert said == f"`python run.py add {extra}`"


@pytest.mark.parametrize("extra", sorted({*EXTRAS} - {"test"}))
def test_any_other_environment_gets_the_packages(checkout: Path, extra: str) -> None:
    """A wheel, conda, a virtual environment of one's own: only what is on a registry is named."""
    needs = [f"{one}; extra == '{name}'" for name, of in EXTRAS.items() for one in of]
    needs += ["polars>=2.0", "tzdata>=2026.1; sys_platform == 'win32'"]
    for place in (checkout, checkout / "site-packages"):
        said = how_to_install(extra, checkout=place, environment="/usr", needs=needs)
        named = re.findall(r'"([^"]+)"', said)
        assert said.startswith("`pip install ")
        assert {re.split(r"[>=]", one)[0] for one in named} == {
            re.split(r"[>=]", one)[0] for one in EXTRAS[extra]
        }


def test_what_cannot_be_read_without_an_extra_says_so() -> None:
    """The message has the command for this very environment."""
    with pytest.raises(InputError, match=re.escape(how_to_install("excel"))):
        load("no_such_module", extra="excel", purpose="spreadsheets")


def test_no_message_names_the_workbench_as_a_package_of_a_registry() -> None:
    """It is on none, so a command with its name would end in an error or with somebody else's."""
    pages = [*(ROOT / "rokt_helpers").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    pages += [*(ROOT / "notebooks").rglob("*.ipynb"), ROOT / "README.md", ROOT / "run.py"]
    named = re.compile(r"install[^\n]*\brokt[-_]workbench(?!-?[\w.]*\.whl)(?!_)")
    found = [
        f"{path.name}: {line.strip()}"
        for path in pages
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line) and "uninstall" not in line and ".whl" not in line
    ]
    assert found == []


def test_a_ledger_without_its_driver_says_what_to_install() -> None:
    """PostgreSQL needs an extra; the address, which may hold a password, is not repeated."""
    program = """
import sys
sys.modules["psycopg"] = None
from rokt_helpers.errors import SettingsError
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench
try:
    Workbench(load_settings(ledger_url="postgresql+psycopg://me:canary@127.0.0.1:1/x"))
except SettingsError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert how_to_install("sql") in done.stdout, done.stderr
    assert "canary" not in done.stdout + done.stderr
