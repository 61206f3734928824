"""Lesson 8: a schedule speaks by its exit code; in the morning somebody reads it."""

from __future__ import annotations

import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.academy.classroom import addresses
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, Shown, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.errors import InputError

__all__ = ["MorningAfter"]

_NOTEBOOK: Final = Path("notebooks") / "20_deliver_audience.ipynb"
_PARAMS: Final = ("source: members.csv", "list: Members", "mode: mirror", "send: true")
_MEMBERS: Final = 100
_THAT_NIGHT: Final = 55
_LONGEST_SECONDS: Final = 300
_ROKT: Final = "from rokt_helpers.cli import main; main()"


class MorningAfter(Lesson):
    """A schedule, and its morning after."""

    number = "08"
    title = "The morning after"

    @cached_property
    def nights(self) -> Shown:
        """Two nights, really run: ``night``, ``exit_code`` and ``last_words`` of each."""
        rows = [
            ("Monday", *self._night(_MEMBERS)),
            ("Tuesday", *self._night(_THAT_NIGHT)),
        ]
        return Shown(pl.DataFrame(rows, ["night", "exit_code", "last_words"], orient="row"))

    def params(self) -> Note:
        """Show the params file that the schedule uses."""
        return Note(_PARAMS)

    def _night(self, people: int) -> tuple[int, str]:
        """Run the notebook as a schedule does, in a process that knows this classroom only."""
        self.room.write("members.csv", ["email", *addresses(people)])
        params = self.room.write("members.yml", _PARAMS)
        words = ["run", str(_project() / _NOTEBOOK), "-f", str(params)]
        done = subprocess.run(
            [sys.executable, "-c", _ROKT, *words],
            cwd=self.room.folder,
            env=self.room.environment(),
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
        return done.returncode, self._last_words(done)

    def _last_words(self, done: subprocess.CompletedProcess[str]) -> str:
        """Return what a person would read first, without the paths of a folder that goes."""
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        said = next((line for line in reversed(lines) if not line.startswith("Record")), "")
        said = said.partition(" The notebook as far as it came")[0]
        folder = str(self.room.folder)
        return " ".join(word for word in said.split() if not word.startswith(folder))

    @property
    def exercise(self) -> Exercise:
        """Ask what to do about Tuesday."""
        return Exercise(
            question="It is Wednesday morning, and you see Tuesday's run. What is the first thing "
            "to do: run it again (again), put the guard's name into the params file (allow), or "
            "look why so few people are in the file (look)?",
            how="one of the words again, allow, look",
            judge=_judge,
        )


def _judge(answer: Answer) -> Marked:
    word = str(answer).strip(" .*'\"").lower()
    if word == "look":
        return right(
            "Exit code 3 says that a person has to decide, and nobody can before it is known why. "
            "Either the people have left: then pass the guard once, by hand. Or the export was cut "
            "off: then have it mended. Nothing was sent, so there is nothing to hurry about."
        )
    if word == "again":
        return wrong(
            "Again helps after exit code 1, when a wire failed. Here the same file meets the same "
            "guard, and stops with the same words."
        )
    if word == "allow":
        return wrong(
            "Then the schedule takes people off unseen, this night and every night after it. A "
            "guard is passed once, for one plan, by somebody who has looked."
        )
    return wrong("Choose one of the three words: again, allow, look.")


def _project() -> Path:
    """Return the nearest folder, from here upwards or beside the package, with the notebooks."""
    for folder in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[3]):
        if (folder / _NOTEBOOK).exists():
            return folder
    raise InputError(f"{_NOTEBOOK} is not here. Open this lesson in the project folder.")
