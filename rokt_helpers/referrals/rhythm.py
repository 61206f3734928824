"""Find the rhythm in which referral files are delivered, and the days for which none came.

Pure: files in, gaps out. A scheduled delivery holds only what is newer than the one before, so a
day whose file never came does not come with the next one; it has to be exported by hand.

Sources: "Referral export" (docs.rokt.com); how a lost file is recovered, Rokt's support pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median, mode
from typing import Final

from rokt_helpers import contract

__all__ = ["RECOVERY", "Delivered", "Gap", "Rhythm", "find_gaps", "find_rhythm", "in_words"]

RECOVERY: Final = "export those dates by hand: Campaigns > Customer Data > Referrals > Export"
_FEWEST_FILES: Final = 4
_GRACE: Final = timedelta(hours=6)  # how late a file may be before it is missed
_RHYTHMS: Final = {1: "daily", 7: "weekly"}


@dataclass(frozen=True)
class Delivered:
    """A file that came: its name, when it was written (aware), and the days its rows are of.

    ``scheduled`` is False for what somebody exported by hand: it fills gaps, and shows no rhythm.
    """

    name: str
    modified: datetime
    days: tuple[date, ...] = ()
    scheduled: bool = True


@dataclass(frozen=True)
class Rhythm:
    """A file every so many days, the last of its days being so many days before the delivery."""

    every_days: int
    days_behind: int

    def __str__(self) -> str:
        """Say it in a word or three."""
        return _RHYTHMS.get(self.every_days, f"every {self.every_days} days")


@dataclass(frozen=True)
class Gap:
    """A day for which no file came.

    Attributes
    ----------
    day
        The day the referrals would be of.
    expected_at
        When its file was due (UTC).
    recover_until
        Until then a file that was delivered and not seen may still lie ready; afterwards only an
        export by hand helps.
    """

    day: date
    expected_at: datetime
    recover_until: datetime

    @property
    def sentence(self) -> str:
        """What is missing, and the way to get it."""
        return f"no file for {_spoken(self.day)}; {RECOVERY}"


def find_rhythm(files: Iterable[Delivered]) -> Rhythm | None:
    """Return the rhythm of the scheduled files; None with fewer than four, or where there is none.

    It is the median of the days from one delivery to the next, if at least half of them agree.
    """
    scheduled = [file for file in files if file.scheduled]
    dates = sorted({_date(file.modified) for file in scheduled})
    steps = [(later - earlier).days for earlier, later in pairwise(dates)]
    if len(dates) < _FEWEST_FILES:
        return None
    every = int(median(steps))
    if every < 1 or sum(step == every for step in steps) * 2 < len(steps):
        return None
    behind = [(_date(file.modified) - max(file.days)).days for file in scheduled if file.days]
    return Rhythm(every, max(0, mode(behind)) if behind else 1)


def find_gaps(
    files: Iterable[Delivered],
    *,
    now: datetime,
    retention_days: int = contract.REFERRAL_RETENTION_DAYS,
) -> list[Gap]:
    """Return the days for which a file was due and none came, the first one first.

    A day is filled by the file that ends with it, by a file delivered when the day's was due (a
    day without referrals is no gap), and by any export by hand that has rows of it. Days before
    the first scheduled file are not missed.

    Parameters
    ----------
    now
        Aware; files are due until then, six hours of grace being given.
    retention_days
        How long Rokt keeps a file.
    """
    known = list(files)
    rhythm = find_rhythm(known)
    if rhythm is None:
        return []
    scheduled = sorted((file for file in known if file.scheduled), key=lambda file: file.modified)
    filled = {day for file in known if not file.scheduled for day in file.days}
    for file in scheduled:
        filled |= set(_window(_date(file.modified), rhythm))
        if file.days:  # it may be late; what it repeats of earlier days does not make those whole
            filled |= set(_until(max(file.days), rhythm))
    first, last = scheduled[0].modified.astimezone(UTC), scheduled[-1].modified.astimezone(UTC)
    gaps: dict[date, Gap] = {}
    for due in _due(first, last, now - _GRACE, rhythm):
        for day in _window(due.date(), rhythm):
            if day not in filled and day not in gaps:
                gaps[day] = Gap(day, due, due + timedelta(days=retention_days))
    return sorted(gaps.values(), key=lambda gap: gap.day)


def in_words(gaps: Sequence[Gap], *, now: datetime, most: int = 5) -> list[str]:
    """Return sentences for a person: days in a row together, the latest ones, and how to go on."""
    runs: list[list[Gap]] = []
    for gap in gaps:
        if runs and gap.day - runs[-1][-1].day == timedelta(days=1):
            runs[-1].append(gap)
        else:
            runs.append([gap])
    said = [_run(run, now) for run in runs[-most:]]
    if len(runs) > most:
        said.insert(0, f"{len(runs) - most:,} earlier gaps; {RECOVERY}.")
    return said


def _run(run: list[Gap], now: datetime) -> str:
    days = _spoken(run[0].day)
    if len(run) > 1:
        days += f" to {_spoken(run[-1].day)}"
    until = run[-1].recover_until
    late = f" A late file can still come until {_spoken(until.date())}." if until > now else ""
    return f"No file for {days}; {RECOVERY}.{late}"


def _due(first: datetime, last: datetime, until: datetime, rhythm: Rhythm) -> list[datetime]:
    """Return when files were due: at the hour of the last one, in step with it, both ways."""
    step = timedelta(days=rhythm.every_days)
    due = [last]
    while due[-1] - step >= first - _GRACE:
        due.append(due[-1] - step)
    due.reverse()
    while due[-1] + step <= until:
        due.append(due[-1] + step)
    return due


def _window(delivered: date, rhythm: Rhythm) -> list[date]:
    """Return the days that a file delivered on this date is of."""
    return _until(delivered - timedelta(days=rhythm.days_behind), rhythm)


def _until(end: date, rhythm: Rhythm) -> list[date]:
    return [end - timedelta(days=back) for back in range(rhythm.every_days)]


def _date(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _spoken(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
