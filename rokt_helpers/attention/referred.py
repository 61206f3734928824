"""What of the referrals will be lost unless a person acts. Pure: the clock is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rokt_helpers.attention.concern import Concern
from rokt_helpers.redact import scrub
from rokt_helpers.referrals.rhythm import RECOVERY, Gap

__all__ = ["Aside", "Lying", "of_aside", "of_referrals"]

# A file that the next collection brings needs nobody; one that has so little time left does.
SOON: Final = timedelta(days=5)


@dataclass(frozen=True)
class Lying:
    """A file that the last look saw ready at Rokt, and that is not in the vault."""

    name: str
    modified: datetime


@dataclass(frozen=True)
class Aside:
    """A file that could not be read and lies aside; ``pushed`` came by the receiver."""

    name: str
    reason: str
    since: datetime
    pushed: bool = False


def of_aside(files: Iterable[Aside]) -> list[Concern]:
    """Return the files that lie aside, those of one name together; names are masked."""
    first: dict[str, Aside] = {}
    for file in sorted(files, key=lambda one: one.since):
        first.setdefault(scrub(file.name), file)
    return [_aside(name, file) for name, file in first.items()]


def _aside(name: str, file: Aside) -> Concern:
    advice = (
        "`rokt referrals aside` lists it. Mend what keeps it from being read, then read it anew "
        "with --read; or remove it with --remove."
    )
    if file.pushed:
        advice = (
            "Look into it in pushed/aside/ of the state folder, and remove it there. What could be "
            "read of it is in the table."
        )
    return Concern(
        "set_aside",
        name,
        f"The referral file {name} lies aside. {scrub(file.reason)}",
        advice,
        file.since,
    )


def of_referrals(
    lying: Iterable[Lying], gaps: Iterable[Gap], now: datetime, *, retention_days: int
) -> list[Concern]:
    """Return the files that Rokt removes soon, and the days without one that can be mended."""
    keeps = timedelta(days=retention_days)
    # Where files are kept for a short time only, half of it is soon.
    soon = min(SOON, keeps / 2)
    return [*_files(lying, now, keeps, soon), *_days(gaps, now)]


def _files(
    lying: Iterable[Lying], now: datetime, keeps: timedelta, soon: timedelta
) -> Iterator[Concern]:
    for file in lying:
        goes = file.modified + keeps
        if now < goes <= now + soon:
            name = scrub(file.name)
            yield Concern(
                "expiring",
                name,
                f"The referral file {name} is not collected, and Rokt removes it about "
                f"{goes:%Y-%m-%d %H:%M} UTC.",
                "Collect it now: `rokt referrals fetch` says what keeps it from being read.",
                goes - soon,
            )


def _days(gaps: Iterable[Gap], now: datetime) -> Iterator[Concern]:
    """Tell of a day for as long as its file may still lie there; a late one may come by itself."""
    for gap in gaps:
        if now < gap.recover_until:
            until = f"{gap.recover_until:%Y-%m-%d}"
            yield Concern(
                "expiring",
                f"{gap.day}",
                f"No referral file for {gap.day:%A} {gap.day} was collected.",
                f"`rokt referrals fetch` brings it if it lies ready, which ends on {until}; if it "
                f"does not, {RECOVERY}.",
                gap.expected_at,
            )
