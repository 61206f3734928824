"""The Containerfile as far as it can be tried where no container can be built."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.house.project import ROOT
from tests.packaging.environments import New

TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
STEPS = [
    (word, rest)
    for word, rest in re.findall(r"^([A-Z]+) (.*(?:\\\n.*)*)$", TEXT, flags=re.MULTILINE)
]


def of(word: str) -> list[str]:
    return [rest for name, rest in STEPS if name == word]


def sources() -> list[str]:
    """Every path that is copied from the project."""
    copies = [shlex.split(rest) for rest in of("COPY") if not rest.startswith("--from")]
    return [source for words in copies for source in words[:-1]]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> New:
    """Give an environment made by the steps of the file, from nothing but what it copies."""
    new = New(tmp_path_factory.mktemp("image"))
    folder = new.desk / "src"
    for name in sources():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    (step,) = [rest for rest in of("RUN") if "pip install" in rest]
    wanted = shlex.split(step)[-1]
    new.install(f"rokt-workbench{wanted.removeprefix('.')} @ {folder.as_uri()}")
    return new


def test_every_line_is_an_instruction() -> None:
    """Comments and known instructions, and nothing that a builder would stumble over."""
    lines = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(STEPS)
    known = {
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "ENTRYPOINT",
        "CMD",
    }
    assert {word for word, _ in STEPS} == known


def test_everything_it_copies_is_there() -> None:
    """No step takes a file that the project does not have, or a person's own."""
    assert [name for name in sources() if not (ROOT / name).exists()] == []
    assert {".", ".env", "inbox"}.isdisjoint(sources())


def test_it_is_not_run_as_root() -> None:
    """The last user is one that a step before it made, and nothing is run as another one after."""
    words = [word for word, _ in STEPS]
    (user,) = of("USER")
    assert any(
        f"useradd --uid 10001 --create-home --home-dir /srv/rokt {user}" in r for r in of("RUN")
    )
    assert words.index("USER") < words.index("ENTRYPOINT")


def test_its_steps_install_the_program(image: New) -> None:
    """With only the copied files the package is built, and the extras it names are there."""
    where = image.says(
        "import rokt_helpers, duckdb, fastexcel, uvicorn; print(rokt_helpers.__file__)"
    )
    assert not Path(where.strip()).is_relative_to(image.desk)
    assert not Path(where.strip()).is_relative_to(ROOT)


def test_its_desk_and_its_commands_work(image: New, tmp_path: Path) -> None:
    """The folder it makes has the notebooks; what it starts and what cron calls are answered."""
    assert any(rest.startswith("rokt notebooks . ") for rest in of("RUN"))
    assert image.call(image.rokt, "notebooks", ".", cwd=tmp_path).returncode == 0
    assert (tmp_path / "notebooks" / "00_start_here.ipynb").exists()
    (entry,), (command,) = map(json.loads, of("ENTRYPOINT")), map(json.loads, of("CMD"))
    assert entry == ["rokt"]
    lab = image.call(image.rokt, *command, "--version", cwd=tmp_path)
    assert lab.returncode == 0, lab.stderr
    line = re.search(r"#   podman run .* rokt-workbench (run --due)$", TEXT, flags=re.MULTILINE)
    assert line is not None
    due = image.call(image.rokt, *line[1].split(), cwd=tmp_path)
    assert (due.returncode, due.stdout) == (0, "")
