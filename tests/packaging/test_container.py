"""The Containerfile as far as it can be tried without a builder; docs/install.md tells the rest."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.command_line import parses
from tests.house.project import ROOT, text_files
from tests.packaging.conftest import LEFT_BEHIND
from tests.packaging.environments import New

TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
STEPS = [
    (word, rest)
    for word, rest in re.findall(r"^([A-Z]+) (.*(?:\\\n.*)*)$", TEXT, flags=re.MULTILINE)
]
LINES = re.findall(r"^#   podman run (.*)$", TEXT, flags=re.MULTILINE)
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8")
# What a person may put beside the project's own files, over what packaging looks for anyway.
ALSO_LEFT = (
    "accounts/eu.env",
    "customers.csv",
    "inbox/week/customers.csv",
    "notebooks/.ipynb_checkpoints/00_start_here-checkpoint.ipynb",
    "notebooks/customers.csv",
    "notebooks/my_own.ipynb",
    "params/customers.parquet",
    "params/my_own.yml",
    "rokt_helpers/customers.csv",
    "rokt_helpers/settings/.env",
    "state/live/ledger.sqlite",
)


def of(word: str) -> list[str]:
    return [rest for name, rest in STEPS if name == word]


def sources() -> list[str]:
    """Every path that is copied from the project."""
    copies = [shlex.split(rest) for rest in of("COPY") if not rest.startswith("--from")]
    return [source for words in copies for source in words[:-1]]


def reaches_the_builder(name: str) -> bool:
    """Tell whether a file is in the context: the last pattern that fits it or a folder of it."""
    paths = [name, *(parent.as_posix() for parent in Path(name).parents)]
    kept = True
    for line in filter(None, IGNORED.splitlines()):
        pattern = line.removeprefix("!")
        if not line.startswith("#") and any(re.fullmatch(_as_regex(pattern), p) for p in paths):
            kept = line.startswith("!")
    return kept


def _as_regex(pattern: str) -> str:
    """Translate what builders read: two stars cross folders, one does not."""
    parts = re.split(r"(\*\*/|\*|\[0-9\])", pattern)
    meaning = {"**/": "(?:.*/)?", "*": "[^/]*", "[0-9]": "[0-9]"}
    return "".join(meaning.get(part, re.escape(part)) for part in parts)


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
        "ARG",
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


def test_the_project_reaches_the_builder() -> None:
    """The ignore file lets through each file of the project that a step copies."""
    names = {path.relative_to(ROOT).as_posix() for path in text_files()} | {"inbox/.gitkeep"}
    wanted = {name for name in names for source in sources() if f"{name}/".startswith(f"{source}/")}
    assert {"run.py", "tests/conftest.py"}.isdisjoint(wanted)
    assert len(wanted) > 400
    assert {name for name in wanted if not reaches_the_builder(name)} == set()


@pytest.mark.parametrize("name", sorted({*LEFT_BEHIND, *ALSO_LEFT}))
def test_what_a_person_left_does_not(name: str) -> None:
    """Settings, keys, lists, runs and pages of one's own cannot get into an image."""
    assert not reaches_the_builder(name)


def test_it_is_not_run_as_root() -> None:
    """The last user is one that a step before it made, and nothing is run as another one after."""
    words = [word for word, _ in STEPS]
    (user,) = of("USER")
    assert any(
        f"useradd --uid $UID --create-home --home-dir /srv/rokt {user}" in r for r in of("RUN")
    )
    assert of("ARG") == ["UID=10001"]
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
    made = image.call(image.rokt, "notebooks", ".", cwd=tmp_path)
    assert made.returncode == 0
    assert "files written to this folder.\nGo on here: `rokt lab`." in made.stdout
    assert (tmp_path / "notebooks" / "00_start_here.ipynb").exists()
    (entry,), (command,) = map(json.loads, of("ENTRYPOINT")), map(json.loads, of("CMD"))
    assert entry == ["rokt"]
    lab = image.call(image.rokt, *command, "--version", cwd=tmp_path)
    assert lab.returncode == 0, lab.stderr
    due = image.call(image.rokt, "run", "--due", cwd=tmp_path)
    assert (due.returncode, due.stdout) == (0, "")


def test_its_comments_name_what_there_is() -> None:
    """The lines to type mount the folders that the steps make, and call verbs that there are."""
    (desk,) = [folder for folder in of("WORKDIR") if folder != "/src"]
    cut = [line.partition("rokt-workbench") for line in LINES]
    for options, _, _ in cut:
        mounted = {word.split(":")[1] for word in options.split() if word.startswith("rokt-")}
        assert mounted == {desk, *of("VOLUME")}
    assert [words.split() for _, _, words in cut] == [[], ["run", "--due"]]
    assert parses(["run", "--due"]).name == "run"


def test_what_a_page_showed_stays_here(image: New, tmp_path: Path) -> None:
    """The step that empties the notebooks leaves nothing of what a saved page showed."""
    (step,) = [rest for rest in of("RUN") if "nbconvert" in rest]
    program, *words = shlex.split(step)
    switches = [word for word in words if ".ipynb" not in word]
    folders = [word.split("/starter/files/")[1] for word in words if ".ipynb" in word]
    assert folders == ["notebooks/*.ipynb", "notebooks/academy/*.ipynb"]
    page = tmp_path / "page.ipynb"
    shown = new_output("stream", name="stdout", text="ada@example.com")  # type: ignore[no-untyped-call]
    cell = new_code_cell("who", outputs=[shown])  # type: ignore[no-untyped-call]
    nbformat.write(new_notebook(cells=[cell]), page)  # type: ignore[no-untyped-call]
    done = image.call(image.rokt.with_name(Path(program).name), *switches, page)
    assert done.returncode == 0, done.stderr
    assert "ada@example.com" not in page.read_text(encoding="utf-8")
