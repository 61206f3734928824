"""Environments that are new, outside the project, and made the way ``run.py`` makes one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import run
from tests.house.project import ROOT

__all__ = ["NEWEST", "New", "pythons", "uv_program"]

NEWEST: Final = 14  # the newest Python, 3.14, whose packages are asked for
_OF_THE_PERSON: Final = ("PYTHON", "ROKT_", "VIRTUAL_ENV", "JUPYTER")


def uv_program() -> str | None:
    """Find uv as ``run.py`` does."""
    return run.find_uv()


def pythons() -> dict[str, Path]:
    """Find one interpreter of each version that the package takes; this one is always there."""
    versions = Path.home() / ".pyenv" / "versions"
    found: dict[str, Path] = {}
    for minor in range(run.OLDEST[1], NEWEST + 1):
        kept = [str(path / "bin" / "python") for path in versions.glob(f"3.{minor}.*")]
        for candidate in filter(None, [*map(shutil.which, kept), shutil.which(f"python3.{minor}")]):
            if _says(candidate) == f"3.{minor}":
                found[f"3.{minor}"] = Path(candidate)
                break
    found["{}.{}".format(*sys.version_info[:2])] = Path(sys.executable)
    return found


def _says(python: str) -> str:
    """Ask an interpreter for its version; a shim for a version that is not there says nothing."""
    words = [python, "-c", "import sys, venv; print('{}.{}'.format(*sys.version_info[:2]))"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


class New:
    """One new environment, and programs run in it from a folder that knows nothing of the project.

    Parameters
    ----------
    folder
        Where to make it.
    python
        The interpreter it is made of; this one unless told otherwise.
    """

    def __init__(self, folder: Path, python: Path = Path(sys.executable)) -> None:
        scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
        self.python = scripts / ("python" + run.SUFFIX)
        self.rokt = scripts / ("rokt" + run.SUFFIX)
        self.desk = folder / "desk"
        self.desk.mkdir(parents=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_OF_THE_PERSON)}
        self.surroundings = {**kept, "ROKT_HOME": str(folder / "home"), "NO_COLOR": "1"}
        uv = uv_program()
        words = [uv, "venv", "-q", "--python", python] if uv else [python, "-m", "venv"]
        self._done([*words, folder / "env"])

    def install(self, *what: str) -> None:
        """Install at the pinned versions: out of uv's cache, and from an index what is not there.

        Raises
        ------
        AssertionError
            With what the installer said.
        """
        into = ["-q", "-c", str(ROOT / "constraints.txt"), *what]
        uv = uv_program()
        if uv is None:
            self._done([self.python, "-m", "pip", "install", *into])
            return
        words = [uv, "pip", "install", "--python", self.python]
        if self.call(*words, "--offline", *into).returncode:
            self._done([*words, *into])

    def call(
        self, *words: object, cwd: Path | None = None, seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run one program to its end."""
        return subprocess.run(
            [str(word) for word in words],
            cwd=cwd or self.desk,
            env=self.surroundings,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def says(self, program: str) -> str:
        """Run a few lines of Python, and return what they print."""
        return self._done([self.python, "-c", program])

    def _done(self, words: list[object]) -> str:
        done = self.call(*words, seconds=600)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout
