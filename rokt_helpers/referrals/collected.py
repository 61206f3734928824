"""What a collection brought, what was left and why, and what will be lost if nobody acts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals.rhythm import Gap, in_words
from rokt_helpers.showing import sentences_html

__all__ = ["Collected", "Expiring", "LeftFile"]

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class LeftFile:
    """A file that was not collected this time, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Expiring:
    """A file not yet collected, and the whole days and hours until Rokt removes it."""

    name: str
    days_left: int
    hours_left: int = 0

    @classmethod
    def of(cls, name: str, left: timedelta) -> Expiring:
        """Return the countdown for the time that is left; none is less than nothing."""
        hours = max(0, left // _HOUR)
        return cls(name, hours // 24, hours % 24)

    def __str__(self) -> str:
        """Say it in a sentence."""
        if not self.days_left and not self.hours_left:
            return f"{self.name} was not collected, and Rokt may remove it at any moment."
        left = [_count(self.days_left, "day")] if self.days_left else []
        left += [_count(self.hours_left, "hour")] if self.hours_left else []
        return f"{self.name} was not collected; Rokt will remove it in {' and '.join(left)}."


@dataclass(frozen=True)
class Collected:
    """What one collection brought.

    Always ``rows_in == rows_kept + rows_duplicate + rows_rejected``.

    Attributes
    ----------
    files_known
        Collected, or set aside, before.
    files_redelivered
        New names for content that was collected; they add no rows.
    files_left
        Not collected this time; they are looked at again the next time.
    files_set_aside
        Could not be read. They lie in the vault's quarantine, see ``Vault.quarantined``.
    expiring
        Every file that was seen and not collected, the most urgent first.
    lost
        Days for which a file was due and never came.
    cancelled
        Somebody asked to stop; what is left comes the next time.
    """

    files_new: tuple[str, ...] = ()
    files_known: tuple[str, ...] = ()
    files_redelivered: tuple[str, ...] = ()
    files_left: tuple[LeftFile, ...] = ()
    rows_in: int = 0
    rows_kept: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    expiring: tuple[Expiring, ...] = ()
    files_set_aside: tuple[LeftFile, ...] = ()
    lost: tuple[Gap, ...] = ()
    cancelled: bool = False

    def __post_init__(self) -> None:
        if self.rows_in != self.rows_kept + self.rows_duplicate + self.rows_rejected:
            raise ContractError("The rows of this collection do not add up.")

    def describe(self, *, now: datetime | None = None) -> list[str]:
        """Return what was collected, in sentences for a person.

        Parameters
        ----------
        now
            Aware; to say of what is lost whether a late file can still come.
        """
        sums = (
            f"{_count(len(self.files_new), 'new file')} with {self.rows_in:,} referrals: "
            f"{self.rows_kept:,} kept, {self.rows_duplicate:,} had been delivered before, "
            f"{self.rows_rejected:,} could not be read."
        )
        lines = [sums]
        if self.files_known:
            lines.append(f"{_count(len(self.files_known), 'file')} had been collected before.")
        lines.extend(f"{left.name} was left: {left.why}." for left in self.files_left)
        lines.extend(f"{f.name} was set aside: {_ended(f.why)}" for f in self.files_set_aside)
        lines.extend(map(str, self.expiring))
        moment = now or max((gap.recover_until for gap in self.lost), default=None)
        if moment is not None:
            lines.extend(in_words(self.lost, now=moment))
        if self.cancelled:
            lines.append("Stopped when asked to. Collect again to go on with the rest.")
        return lines

    def _repr_html_(self) -> str:
        return sentences_html("Collected", self.describe())

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; moments and days as ISO text."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=_iso))
        for gap, values in zip(self.lost, found["lost"], strict=True):
            values["sentence"] = gap.sentence
        return found


def _iso(value: date) -> str:
    return value.isoformat()


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
