from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import run
from tests.house.project import ROOT, parse, run_tool

OPTIONAL = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
SOURCE = (ROOT / "run.py").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a folder with run.py and an environment that its stamp calls complete."""
    for name in ("run.py", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    python = tmp_path / run.PYTHON.relative_to(ROOT)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = " ".join([run.fingerprint(frozenset({"lab", "test"})), "lab", "test"])
    (tmp_path / run.STAMP.relative_to(ROOT)).write_text(stamp, encoding="utf-8")
    return tmp_path


def start(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(project / "run.py"), *arguments]
    # No uv on the PATH and no index for pip: an attempt to install anything is seen to fail.
    surroundings = {**os.environ, "PATH": "", "PIP_NO_INDEX": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=surroundings, timeout=60
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_without_a_task_it_says_what_it_can_do(arguments: tuple[str, ...]) -> None:
    """No argument and --help both show every task, and neither is an error."""
    code, said = run_tool("run.py", *arguments)
    assert code == 0
    assert all(f"\n  {task} " in said for task in run.EXTRAS)


def test_an_unknown_task_is_refused_with_a_sentence() -> None:
    """A task that does not exist ends with code 2 and the names of those that do."""
    code, said = run_tool("run.py", "dmeo")
    assert (code, said) == (2, "There is no task 'dmeo'. There are: demo, lab, docs, test, add.\n")


def test_it_needs_nothing_but_python() -> None:
    """Every import of run.py is of the standard library."""
    tree = parse(ROOT / "run.py")
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_old_python_can_read_it() -> None:
    """Python 3.8 can read run.py, and so gets as far as saying that it is too old."""
    assert ast.parse(SOURCE, feature_version=(3, 8)).body


@pytest.mark.parametrize(
    ("version", "complaint"),
    [
        ((3, 8, 10, "final", 0), "This needs Python 3.11 or newer, and it was started with"),
        ((3, 10, 14, "final", 0), "started with Python 3.10."),
        ((3, 11, 0, "final", 0), ""),
        ((3, 13, 2, "final", 0), ""),
        ((4, 0, 0, "final", 0), ""),
    ],
)
def test_a_python_that_is_too_old_is_told_so(
    version: tuple[int | str, ...], complaint: str
) -> None:
    """Below 3.11 there is a sentence with both versions, from there on there is none."""
    said = run.version_complaint(version)
    assert complaint in said
    assert bool(said) == bool(complaint)


@pytest.mark.parametrize("arguments", [[], ["-q"], ["-x", "-k", "vault"]])
def test_workers_share_the_whole_suite(arguments: list[str]) -> None:
    """Without a file or folder all tests run, and each core has a worker."""
    assert run.shared_out(arguments)[:2] == ["-n", "logical"]


@pytest.mark.parametrize("words", [["tests/house", "-q"], ["-q", "tests/conftest.py::nothing"]])
def test_a_file_that_is_named_starts_without_workers(words: list[str]) -> None:
    """A file, a folder or one test of a file needs no worker to be started for it."""
    assert run.shared_out(words) == []


def test_it_names_no_address() -> None:
    """Where packages come from is each person's own setting."""
    assert "://" not in SOURCE


def test_a_second_start_installs_nothing(project: Path) -> None:
    """With the stamp in place the task starts at once, and its exit code is passed on."""
    (project / "rokt_helpers").mkdir()
    (project / "rokt_helpers" / "demo.py").write_text(
        "import sys; print(sys.argv[1:]); sys.exit(7)", encoding="utf-8"
    )
    done = start(project, "demo", "--fast")
    assert (done.returncode, done.stdout) == (7, "['--fast']\n")


def test_a_changed_list_of_dependencies_is_installed_anew(project: Path) -> None:
    """When pyproject.toml changes the stamp no longer holds, and failing to install is said."""
    stamp = project / run.STAMP.relative_to(ROOT)
    before = stamp.read_text(encoding="utf-8")
    with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.nobody]\n")
    python = project / run.PYTHON.relative_to(ROOT)
    python.unlink()
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o700)
    done = start(project, "demo")
    assert done.returncode == 1
    assert done.stdout.startswith("Setting up .venv")
    assert "could not be installed" in done.stdout
    assert stamp.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("extras", [(), ("exel",), ("excel", "exel")])
def test_an_extra_that_is_not_there_is_refused_with_those_that_are(extras: tuple[str, ...]) -> None:
    """An installer would go on without it; this ends with code 2 and names every extra there is."""
    code, said = run_tool("run.py", "add", *extras)
    assert (code, ", ".join(sorted(OPTIONAL)) in said) == (2, True)


def test_an_extra_that_is_there_is_added_at_once(project: Path) -> None:
    """What the stamp names is not installed again."""
    done = start(project, "add", "lab")
    assert (done.returncode, done.stdout) == (0, "Added: lab.\n")


def test_an_extra_is_installed_beside_those_before(project: Path) -> None:
    """One that the stamp does not name is asked for, and failing to install it is said."""
    (project / run.PYTHON.relative_to(ROOT)).unlink()
    python = project / run.PYTHON.relative_to(ROOT)
    python.write_text('#!/bin/sh\necho "$@"\nexit 1\n', encoding="utf-8")
    python.chmod(0o700)
    done = start(project, "add", "excel")
    assert (done.returncode, "could not be installed" in done.stdout) == (1, True)


def test_a_program_in_a_folder_of_its_version_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A star stands for the version; while no version is there, nothing is found."""
    monkeypatch.setitem(run.PARTS, "server", (("server",), ("server-xyz", f"{tmp_path}/*/server")))
    assert run.find_part("server") is None
    program = tmp_path / "18" / "server"
    program.parent.mkdir()
    program.touch(mode=0o700)
    assert run.find_part("server") == str(program)
