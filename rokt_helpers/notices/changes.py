"""What is new since a person was told last. Pure: what was told and what is, to what to tell.

The law kept here: what begins is told once, what is over is told once, and what stays as it is
stays silent, unless somebody wants to be reminded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rokt_helpers.attention import UNREADABLE, Concern, Kind, is_out_of_sight

__all__ = ["Changes", "ToldOf", "changes", "key_of", "now_told"]

_OF_RUNS: Final = frozenset({"failed", "guard_stopped", "late"})


@dataclass(frozen=True)
class ToldOf:
    """One concern as a receiver was told of it; moments are UTC."""

    kind: Kind
    subject: str
    since: datetime
    told_at: datetime


@dataclass(frozen=True)
class Changes:
    """What to tell: what is new, what is to be called to mind, and what is over.

    What runs no longer is over as well, and was not mended.
    """

    new: tuple[Concern, ...] = ()
    still: tuple[Concern, ...] = ()
    over: tuple[ToldOf, ...] = ()
    gone: tuple[ToldOf, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.still or self.over or self.gone)


def key_of(concern: Concern | ToldOf) -> str:
    """Return what tells one concern from another."""
    return f"{concern.kind} {concern.subject}"


def changes(
    told: Mapping[str, ToldOf],
    concerns: Iterable[Concern],
    now: datetime,
    *,
    again_days: int = 0,
    whole: bool = True,
    open_subjects: Collection[str] = (),
    unattended: Collection[str] | None = None,
) -> Changes:
    """Return what a receiver has to be told.

    Parameters
    ----------
    told
        What the receiver knows, by :func:`key_of`.
    again_days
        After how many days what has not changed is told again; 0 is never.
    whole
        Whether everything could be looked at. What could not be seen is not over.
    open_subjects
        What is not told and not over: what runs at this moment, and what needs a person in a way
        that the receiver does not want to hear of.
    unattended
        Names of what runs unattended; None where nobody knows.
    """
    known = list(concerns)
    new = [one for one in known if key_of(one) not in told]
    patience = timedelta(days=again_days)
    still = [
        one
        for one in known
        if again_days and key_of(one) in told and now - told[key_of(one)].told_at >= patience
    ]
    # A failure that became a guard's stop is not over; the new concern says how it goes on.
    subjects = {*open_subjects, *(one.subject for one in known)}
    over = [
        one
        for one in told.values()
        if whole and one.subject not in subjects and not is_out_of_sight(one.kind, one.since, now)
    ]
    gone = [one for one in over if unattended is not None and _is_gone(one, unattended)]
    mended = [one for one in over if one not in gone]
    return Changes(tuple(new), tuple(still), tuple(mended), tuple(gone))


def _is_gone(one: ToldOf, unattended: Collection[str]) -> bool:
    """Tell whether it was of a run that nothing runs any more."""
    of_run = one.kind in _OF_RUNS and one.subject not in UNREADABLE
    return of_run and one.subject not in unattended


def now_told(
    told: Mapping[str, ToldOf],
    concerns: Iterable[Concern],
    changed: Changes,
    now: datetime,
    *,
    whole: bool = True,
    open_subjects: Collection[str] = (),
) -> dict[str, ToldOf]:
    """Return what the receiver knows once these changes were told; parameters as before."""
    known = list(concerns)
    fresh = {key_of(one) for one in (*changed.new, *changed.still)}
    still_open = {*open_subjects} - {one.subject for one in known}
    kept = {key: one for key, one in told.items() if not whole or one.subject in still_open}
    for one in known:
        key = key_of(one)
        at = now if key in fresh else told[key].told_at
        kept[key] = ToldOf(one.kind, one.subject, one.since, at)
    return kept
