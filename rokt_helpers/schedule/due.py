"""When an entry runs, and what is due now. Pure: the clock is handed in.

The laws kept here: a moment that an entry names is run at most once; of several that were missed
only the latest is made up for; a day on which the clocks change has its one run as every other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from rokt_helpers.schedule.entries import Entry

__all__ = ["ON_TIME", "Coming", "Due", "coming", "due", "latest_run", "next_run"]

# An entry that makes up for nothing, or has no past, runs no later than this after its moment.
ON_TIME: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Due:
    """One entry that should run now, and the moment (UTC) it names."""

    entry: Entry
    moment: datetime


@dataclass(frozen=True)
class Coming:
    """When an entry runs next (UTC): its next moment, or now where it is due."""

    entry: Entry
    moment: datetime
    is_due: bool


def due(entries: Iterable[Entry], last_runs: Mapping[str, datetime], now: datetime) -> list[Due]:
    """Return what should run now, in the order of the entries.

    Parameters
    ----------
    last_runs
        By name the moment up to which an entry is settled: the one that was run last, or since when
        it is known. An entry without one runs on time or not at all: what lies before its first
        hour was never promised.
    now
        An aware moment.
    """
    found = []
    for entry in entries:
        moment = latest_run(entry, now)
        settled = last_runs.get(entry.name)
        if not entry.enabled or (settled is not None and moment <= settled):
            continue
        if now - moment <= ON_TIME or (entry.catch_up and settled is not None):
            found.append(Due(entry, moment))
    return found


def coming(
    entries: Sequence[Entry], last_runs: Mapping[str, datetime], now: datetime
) -> list[Coming]:
    """Return when each entry that is switched on runs next; parameters as of :func:`due`."""
    waiting = {one.entry.name for one in due(entries, last_runs, now)}
    return [
        Coming(entry, now if entry.name in waiting else next_run(entry, now), entry.name in waiting)
        for entry in entries
        if entry.enabled
    ]


def latest_run(entry: Entry, now: datetime) -> datetime:
    """Return the latest moment (UTC) the entry names, up to and including ``now``."""
    return next(moment for moment in _moments(entry, now, -1) if moment <= now)


def next_run(entry: Entry, after: datetime) -> datetime:
    """Return the first moment (UTC) the entry names after ``after``."""
    return next(moment for moment in _moments(entry, after, 1) if moment > after)


def _moments(entry: Entry, around: datetime, step: int) -> Iterator[datetime]:
    """Give the moments from around ``around`` on, forwards or backwards."""
    around = around.astimezone(UTC)
    return (_hours if entry.hourly else _days)(entry, around, step)


def _hours(entry: Entry, around: datetime, step: int) -> Iterator[datetime]:
    """Look at each minute: there are zones, and changes, of half an hour and less."""
    minute = around.replace(second=0, microsecond=0)
    for number in count():
        moment = minute + step * number * _MINUTE
        if moment.astimezone(entry.zone).minute == entry.at.minute:
            yield moment


def _days(entry: Entry, around: datetime, step: int) -> Iterator[datetime]:
    """Give one moment a day.

    A time that the clock shows twice is the first one; one that it leaps over is read with the
    clock as it was before the leap, so 02:30 runs when the new clock shows 03:30.
    """
    today = around.astimezone(entry.zone).date()
    for number in count(-1):
        day = today + step * number * _DAY
        if day.weekday() in entry.days:
            yield datetime.combine(day, entry.at, entry.zone).astimezone(UTC)
