"""Each extra alone: it can be resolved for every Python, and brings what it promises."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.house.project import ROOT
from tests.packaging.environments import NEWEST, New, uv_program

EXTRAS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]["optional-dependencies"]
# Extras that are small, and the modules whose absence a person is told of by the extra's name.
SMALL = {
    "excel": ["fastexcel"],
    "keyring": ["keyring"],
    "notify": ["apprise"],
    "pgp": ["pysequoia"],
    "receive": ["uvicorn"],  # defusedxml comes with nbconvert already
    "sql": ["duckdb", "psycopg"],
}
NO_WHEELS = {"spark", "test"}  # pyspark and pyftpdlib are built where they are installed


def resolve(*words: str) -> str:
    """Resolve with uv: out of its cache, and with the index where that does not suffice."""
    uv = uv_program()
    assert uv is not None, "Resolving needs uv: pip install uv."
    command = [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", *words]
    for way in (["--offline"], []):
        done = subprocess.run(
            [*command, *way], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return done.stdout
    raise AssertionError(done.stderr)


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_alone_can_be_resolved(extra: str) -> None:
    """An extra without the others, at the pinned versions, has an answer with all it names."""
    said = resolve("pyproject.toml", "--extra", extra, "-c", "constraints.txt")
    found = {line.partition("==")[0] for line in said.splitlines()}
    wanted = {re.split(r"[\[><=; ]", line)[0].lower() for line in EXTRAS[extra]}
    assert wanted - found - {"rokt-workbench"} == set()


@pytest.mark.parametrize("minor", range(11, NEWEST + 1))
def test_the_pinned_versions_hold_for_every_python(minor: int) -> None:
    """From 3.11 to 3.14 what an analyst installs is there as wheels; pyspark never is one."""
    extras = [word for extra in EXTRAS if extra not in NO_WHEELS for word in ("--extra", extra)]
    version = ("--python-version", f"3.{minor}", "--only-binary", ":all:")
    said = resolve("pyproject.toml", *extras, "-c", "constraints.txt", *version)
    assert "\npolars==" in said


def test_the_page_on_installing_names_every_extra() -> None:
    """Who installs finds what each extra is for."""
    table = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert {*EXTRAS} - {*re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)} == set()


def test_the_small_extras_bring_what_they_promise(wheel: Path, tmp_path: Path) -> None:
    """What cannot be imported without an extra can be with it, one after the other."""
    new = New(tmp_path)
    new.install(str(wheel))
    for extra, modules in SMALL.items():
        look = f"from importlib.util import find_spec as f; print([m for m in {modules} if f(m)])"
        assert new.says(look).strip() == "[]", f"{extra} was there without its extra"
        new.install(f"rokt-workbench[{extra}] @ {wheel.as_uri()}")
        new.says(f"import {', '.join(modules)}")


def test_a_file_of_excel_names_the_extra_it_needs(wheel: Path, tmp_path: Path) -> None:
    """A spreadsheet is refused with a command that works: then only the file is at fault."""
    new = New(tmp_path)
    new.install(str(wheel))
    source = new.desk / "list.xlsx"
    source.write_bytes(b"PK\x03\x04 a spreadsheet")
    done = new.call(new.rokt, "prepare", source, "--out", new.desk / "out.csv")
    assert done.returncode == 2
    command = re.search(r"`pip install \"(fastexcel[^\"]*)\"`", done.stderr)
    assert command is not None, done.stderr
    new.install(command[1])
    done = new.call(new.rokt, "prepare", source, "--out", new.desk / "out.csv")
    assert "install" not in done.stderr
