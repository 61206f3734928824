"""What ran last, in one small file of the account: ``schedule.json``, mode 0600, written whole.

Written before a run and after it: a run that broke off with its computer counts as one, and is not
begun a second time by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rokt_helpers.errors import InputError
from rokt_helpers.files import write_private
from rokt_helpers.schedule.due import Due
from rokt_helpers.schedule.entries import Entry

__all__ = ["LastRun", "ScheduleState"]

_VERSION: Final = 1


@dataclass(frozen=True)
class LastRun:
    """What is kept of an entry. ``settled`` is all there is of one that has not run yet.

    Moments are UTC in ISO form. ``moment`` is the one the entry named, ``exit_code`` is None while
    it runs, and for ever when it broke off.
    """

    settled: str
    moment: str | None = None
    started: str | None = None
    seconds: float | None = None
    exit_code: int | None = None
    sentence: str = ""
    folder: str = ""


class ScheduleState:
    """The last run of each entry, read when it is made.

    Raises
    ------
    InputError
        When the file is there and cannot be read: to take it for empty could run things twice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._runs: dict[str, LastRun] = {}
        self._schedule: Path | None = None
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            self._runs = {name: LastRun(**run) for name, run in content["runs"].items()}
            for run in self._runs.values():
                datetime.fromisoformat(run.settled)
            if content.get("schedule"):
                self._schedule = Path(content["schedule"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{path} cannot be read, so nobody knows what ran last. Look which runs there are "
                "in runs/ beside it, then remove the file: entries begin anew at their next time."
            ) from None

    def belong_to(self, schedule: Path) -> None:
        """Keep from now on what runs by this schedule; refuse another as below."""
        self.refuse_another(schedule)
        if self._schedule != schedule.resolve():
            self._schedule = schedule.resolve()
            self._write()

    def refuse_another(self, schedule: Path) -> None:
        """Look whether this is the schedule that is kept here, or the same in a newer folder.

        Raises
        ------
        InputError
            When it has another name, and the one that is kept is still there: entries of two files
            would forget one another, and so run twice or never.
        """
        kept = self._schedule
        if kept is not None and kept.name != schedule.name and kept.exists():
            raise InputError(
                f"This account runs by {kept}, and an account has one schedule: entries of two "
                f"files would not know what the others settled. Bring the entries of {schedule} "
                "into that file, or run them for an account of their own (ROKT_ACCOUNT). Where it "
                "shall take the other's place, remove or rename the other."
            )

    def __getitem__(self, name: str) -> LastRun | None:
        """Return what is kept of an entry."""
        return self._runs.get(name)

    def runs(self) -> dict[str, LastRun]:
        """Return what is kept, by the names of the entries."""
        return dict(self._runs)

    def last_runs(self) -> dict[str, datetime]:
        """Return by name up to which moment an entry is settled."""
        return {name: datetime.fromisoformat(run.settled) for name, run in self._runs.items()}

    def keep(self, name: str, run: LastRun | None) -> None:
        """Write down the last run of an entry; None forgets it."""
        if run is None:
            self._runs.pop(name, None)
        else:
            self._runs[name] = run
        self._write()

    def meet(self, entries: Iterable[Entry], now: datetime, *, due: Iterable[Due] = ()) -> None:
        """Settle up to now what is new and not due, and forget what was switched off or taken out.

        An entry that is switched on again has missed nothing in between.
        """
        waiting = {one.entry.name for one in due}
        enabled = {entry.name for entry in entries if entry.enabled}
        known = {name: run for name, run in self._runs.items() if name in enabled}
        new = {name: LastRun(now.isoformat()) for name in enabled - waiting - {*known}}
        if new or len(known) < len(self._runs):
            self._runs = known | new
            self._write()

    def _write(self) -> None:
        runs: dict[str, Any] = {name: asdict(run) for name, run in sorted(self._runs.items())}
        whose = {"schedule": str(self._schedule)} if self._schedule else {}
        content = {"version": _VERSION, **whose, "runs": runs}
        text = json.dumps(content, indent=2, ensure_ascii=False)
        write_private(self._path, lambda part: part.write_text(text + "\n", encoding="utf-8"))
