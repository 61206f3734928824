"""A quarter of unattended runs: the days, what a crontab calls, and the clock that is handed in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from rokt_helpers import PreparedAudience, prepare_audience
from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError
from rokt_helpers.notices import is_time, tell
from rokt_helpers.runner import NotebookRun, Stop, alone
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.schedule import Due, ScheduleState, due, read_schedule
from rokt_helpers.schedule.running import run_each
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench

__all__ = ["DAY", "FIRST", "LAST", "SCHEDULE", "Killed", "Quarter", "at"]

DAY = timedelta(days=1)
# Between them the clocks change in Berlin (25 October) and in New York (1 November).
FIRST, LAST = date(2026, 9, 14), date(2026, 12, 13)

# Both times come twice on the night on which the clocks are set back.
SCHEDULE = """\
entries:
  - {name: mirror, notebook: mirror.ipynb, at: "02:30", time_zone: Europe/Berlin}
  - {name: conversions, notebook: conversions.ipynb, at: "01:30", time_zone: America/New_York}
  - {name: referrals, notebook: referrals.ipynb, at: "07:15"}
"""
_SHORT_SECONDS = 0.5


class Killed(BaseException):
    """The computer went off: nobody wrote down how the run ended."""


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


class StoryClock(Clock):
    """Goes on by itself, can be set, and leaps over every longer wait."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def set(self, moment: datetime) -> None:
        self._ahead = moment - datetime.now(tz=UTC)

    def now(self) -> datetime:
        return datetime.now(tz=UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead.total_seconds()

    def sleep(self, seconds: float, *, until: threading.Event | None = None) -> None:
        if seconds > _SHORT_SECONDS:
            self._ahead += timedelta(seconds=seconds)
        else:
            super().sleep(seconds, until=until)


@dataclass
class Quarter:
    """What stands on this computer, and what every run came to.

    ``people`` says who the mirrored list is on a day. ``ran`` holds each begun run with the moment
    that its entry named, ``ended`` the outcomes by name and day, ``kept`` the referrals of each
    collection.
    """

    sandbox: Sandbox
    schedule: Path
    people: Callable[[date], range]
    clock: StoryClock = field(default_factory=StoryClock)
    ran: list[tuple[str, datetime]] = field(default_factory=list)
    ended: list[tuple[date, str, int]] = field(default_factory=list)
    referrals_in: int = 0
    referrals_out: list[tuple[int, int, int]] = field(default_factory=list)
    kill: str = ""

    def look(self, moment: datetime) -> None:
        """Do what `rokt run --due` does, at a moment and without kernels."""
        self.clock.set(moment)
        settings, ran = load_settings(), False
        with alone("due", key="due", locks=settings.folder / "locks", clock=self.clock):
            entries, state = read_schedule(self.schedule), self._state()
            dues = due(entries, state.last_runs(), moment)
            state.meet(entries, moment, due=dues)
            outcomes = run_each(
                dues,
                state=state,
                folder=settings.folder,
                stop=Stop(),
                on_outcome=lambda _: None,
                clock=self.clock,
                execute=self.execute,
            )
            ran = bool(outcomes)
            self.ended += [(moment.date(), one.name, one.exit_code) for one in outcomes]
        if is_time(settings, self.clock.now(), ran=ran):
            assert not tell(settings, self.schedule, clock=self.clock).failures

    def _state(self) -> ScheduleState:
        return ScheduleState(load_settings().folder / "schedule.json")

    def execute(self, one: Due) -> NotebookRun:
        """Do what the entry's notebook does, for the day of the moment that it named."""
        name, day = one.entry.name, one.moment.date()
        self.ran.append((name, one.moment))
        with Workbench(load_settings(), clock=self.clock) as workbench:
            jobs = {"mirror": self._mirror, "conversions": self._convert}
            jobs.get(name, self._collect)(workbench, day)
        if self.kill == name:
            self.kill = ""
            raise Killed
        return NotebookRun(name, Path(), {})

    def _mirror(self, workbench: Workbench, day: date) -> None:
        plan = workbench.plan(_addresses(self.people(day)), list="Customers", mode="mirror")
        receipt = workbench.deliver(plan)
        assert receipt.rows_confirmed == plan.rows

    def _convert(self, workbench: Workbench, day: date) -> None:
        workbench.deliver(workbench.plan_conversions(_addresses(buyers(day)), via="sftp"))

    def _collect(self, workbench: Workbench, _day: date) -> None:
        collected = workbench.fetch_referrals()
        self.referrals_in += collected.rows_in
        self.referrals_out.append(
            (collected.rows_kept, collected.rows_duplicate, collected.rows_rejected)
        )

    def overlap(self, moment: datetime) -> str:
        """Look while another look is under way; return what stopped it."""
        self.clock.set(moment)
        locks = load_settings().folder / "locks"
        with alone("rokt run --due", key="due", locks=locks, clock=self.clock):
            try:
                self.look(moment)
            except GuardError as error:
                return error.guard
        return ""


def buyers(day: date) -> range:
    """Return who bought on a day: nobody twice."""
    first = 10_000 + 3 * (day - FIRST).days
    return range(first, first + 3)


def _addresses(people: range) -> PreparedAudience:
    column = pl.Series("email", [f"person{number}@example.com" for number in people])
    return prepare_audience(column)
