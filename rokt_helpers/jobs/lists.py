"""Hold two lists against one another, show what was found, and keep who conflicts in a file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

import polars as pl

from rokt_helpers.audience import (
    Identifiers,
    PreparedAudience,
    StopSign,
    prepare_audience,
    upload_target,
)
from rokt_helpers.charts import Picture, ageing_bars
from rokt_helpers.charts.lists import Found
from rokt_helpers.errors import InputError
from rokt_helpers.files import private_folder, write_private
from rokt_helpers.forms.lists import Mode
from rokt_helpers.jobs.answer import Answer
from rokt_helpers.jobs.job import Job
from rokt_helpers.jobs.namespace import is_frame
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.places import resolve, source_named
from rokt_helpers.list_lab import Conflicts, ageing, churn, compare, conflicts
from rokt_helpers.progress import OnProgress, with_rate
from rokt_helpers.settings import load_settings
from rokt_helpers.tables.paths import files_of

__all__ = ["ListsJob"]

_FIRST: Final = Notice("Nothing is compared yet. Use the form above; this place fills itself.")
_ASK: Final[dict[Mode, Callable[[object, object], Found]]] = {
    "overlap": compare,
    "conflicts": conflicts,
    "churn": churn,
}
_DAY: Final = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


class ListsJob(Job):
    """Compares two lists, by digest: a plain one and a hashed one can be compared.

    Parameters
    ----------
    left, right
        Paths of the lists, or patterns; relative ones are found from the project folder, too.
    mode
        ``overlap``; ``conflicts`` takes the list to target and the one to suppress; ``churn``
        takes the earlier list and the later one.
    out
        A file for the digests of those who conflict; empty writes none when the job is run.
    history
        A pattern of files whose names carry a day, for :meth:`ageing_chart`; empty for none.

    Raises
    ------
    InputError
        When the mode is none of these, or ``out`` is given for another one than ``conflicts``.
    """

    notebook = "16_list_lab"

    def __init__(
        self,
        *,
        left: str = "",
        right: str = "",
        mode: Mode = "overlap",
        out: str = "",
        history: str = "",
    ) -> None:
        super().__init__()
        if mode not in get_args(Mode):
            choices = " or ".join(repr(choice) for choice in get_args(Mode))
            raise InputError(f"mode is {choices}, not {mode!r}.")
        if out and mode != "conflicts":
            raise InputError("Only conflicts are written to a file: choose conflicts, or no file.")
        self.left = left
        self.right = right
        self.mode: Mode = mode
        self.out = out
        self.history = history
        self.answer: Answer | None = None
        self.written: Path | None = None

    def run(self, progress: OnProgress | None = None, cancel: StopSign | None = None) -> Answer:
        """Read both lists and compare them.

        Raises
        ------
        InputError
            When a list cannot be used, both are the same one, or ``out`` is one of their files.
        Cancelled
            When ``cancel`` was set while a list was being read; what was found before stays.
        """
        self._check_paths()
        left, right = (_prepared(path, progress, cancel) for path in (self.left, self.right))
        names = _names((self.left, left), (self.right, right))
        self.answer = Answer(self.mode, _ASK[self.mode](left, right), *names)
        self.written = None
        if self.out and self.mode == "conflicts":
            self.write_conflicts()
        self._tell_it_changed()
        return self.answer

    def write_conflicts(self) -> Path:
        """Write the digests of those who conflict, in the form in which Rokt takes them off a list.

        It goes to ``out``, or else to ``prepared/`` in the workbench's state folder. Where nobody
        conflicts the file is empty, so that no older one is taken for this answer.

        Raises
        ------
        InputError
            When no conflicts were asked for, or the file cannot be written.
        """
        if self.answer is None or not isinstance(self.answer.found, Conflicts):
            raise InputError("There are no conflicts to write: compare two lists for them first.")
        target = upload_target(self.out) if self.out else _own_target(self.answer.left)
        write_private(target, Identifiers.in_memory(self.answer.found.members).write)
        self.written = target
        return target

    @property
    def kept(self) -> str:
        """Where the digests of those who conflict are, in a sentence; empty when nowhere."""
        if self.written is None or self.answer is None:
            return ""
        if self.answer.conflicts:
            return f"Their digests were written to {self.written}."
        return f"{self.written} is empty, for there is nobody to take off."

    def _check_paths(self) -> None:
        """Refuse before reading what would tell nothing, or write over one of the lists."""
        if not (self.left and self.right):
            raise InputError("Two lists are needed. Name one on each side.")
        sides = [_files(path) for path in (self.left, self.right)]
        if sides[0] == sides[1]:
            raise InputError("Both sides are the same list. Name another one on one side.")
        if self.out and upload_target(self.out).resolve() in sides[0] | sides[1]:
            raise InputError("The file for the conflicts is one of the lists. Name another one.")

    def _present(self) -> dict[str, Any]:
        # Who presses the button for the conflicts wants them again, too.
        return super()._present() | {"out": self.out or str(self.written or "")}

    # --- views --------------------------------

    def chart(self) -> Picture | Notice:
        """Return what was found as a chart; its title says it."""
        return self.answer.picture if self.answer else _FIRST

    def table(self) -> pl.DataFrame | Notice:
        """Return ``part`` (in words), ``people`` and ``share`` of everybody on either list."""
        return self.answer.table if self.answer else _FIRST

    def sentence(self) -> Sentences | Notice:
        """Return what was found in one sentence, and in a second what it means."""
        if self.answer is None:
            return _FIRST
        return Sentences((self.answer.finding, self.kept or self.answer.meaning))

    def ageing_chart(self) -> Picture | Notice:
        """Return how long people have been on the list that ``history`` keeps, a file a day.

        Raises
        ------
        InputError
            When one of the files cannot be used.
        """
        days = _by_day(self.history) if self.history else {}
        if len(days) < 2:  # noqa: PLR2004  one day alone has no age
            return Notice(
                "To see how old a list is, keep a copy of it now and then, with the day in its "
                "name, such as newsletter_2026-11-01.csv. Two days are needed at least."
            )
        return ageing_bars(ageing(days))

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without addresses or digests."""
        if self.answer is None:
            return {"sentence": _FIRST.text}
        return {**self.answer.as_dict(), "out": self.written and str(self.written)}


def _files(source: str) -> set[object]:
    """Return what a list is read from, to be held against another: its files, or its name."""
    return {source} if is_frame(source) else {file.resolve() for file in files_of(resolve(source))}


def _prepared(path: str, progress: OnProgress | None, cancel: StopSign | None) -> PreparedAudience:
    """Read one list; each reading begins with its name, for both lists have the same stages."""
    name = path if is_frame(path) else Path(path).name
    told = progress and with_rate(progress, monotonic=time.monotonic)
    return prepare_audience(
        source_named(path),
        mixed="hash",
        progress=told
        and (lambda reading: told(replace(reading, stage=f"{name}: {reading.stage}"))),
        cancel=cancel,
    )


def _names(*lists: tuple[str, PreparedAudience]) -> tuple[str, str]:
    """Return what the lists are called: their files' names, or the paths where these are alike."""
    left, right = (prepared.summary["source"]["name"] for _, prepared in lists)
    return (left, right) if left != right else (lists[0][0], lists[1][0])


def _own_target(left: str) -> Path:
    folder = private_folder(load_settings().folder / "prepared")
    return folder / f"{Path(left).stem}-conflicts.csv"


def _by_day(pattern: str) -> dict[date, list[Path]]:
    """Return day → the files of the pattern that carry it in their names; others are left out."""
    found: dict[date, list[Path]] = {}
    for file in sorted(resolve(str(Path(pattern).parent)).glob(Path(pattern).name)):
        day = _day_of(file.name)
        if day is not None:
            found.setdefault(day, []).append(file)
    return found


def _day_of(name: str) -> date | None:
    carried = _DAY.search(name)
    try:
        return date.fromisoformat(carried[0]) if carried else None
    except ValueError:  # such as 2026-13-45
        return None
