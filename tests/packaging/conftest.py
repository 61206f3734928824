"""The project copied with what a person leaves in it, built once, and installed once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.project import NOT_OURS, ROOT
from tests.packaging.environments import New

# What a person or a tool leaves in the folder, and must not travel.
LEFT_BEHIND = (
    ".env",
    ".rokt/demo/customers.csv",
    ".venv/lib/left.py",
    "dist/older.whl",
    "accounts/eu.env",
    "inbox/customers.csv",
    "params/my.pem",
    "runs/last/result.json",
    "screenshots/left.png",
    "notebooks/left.executed.ipynb",
    "rokt_helpers/__pycache__/left.pyc",
)


@pytest.fixture(scope="session")
def project_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the project in which somebody has worked."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_OURS, ".env", "site"))
    (folder / "inbox").mkdir()
    (folder / "inbox" / ".gitkeep").touch()
    for name in LEFT_BEHIND:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("left behind", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def built(project_copy: Path) -> Path:
    """Build both forms, and give the folder they are in."""
    folder = project_copy.with_name("built")
    build(project_copy, folder)
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    """Give the wheel."""
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> New:
    """Give an environment that had JupyterLab, and then got the wheel."""
    new = New(tmp_path_factory.mktemp("installed"))
    new.install("jupyterlab")
    new.install(str(wheel))
    return new


def build(source: Path, into: Path, *which: str) -> None:
    """Build with the project's own build system, without an environment of its own for it."""
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(into), *which]
    done = subprocess.run(words, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
