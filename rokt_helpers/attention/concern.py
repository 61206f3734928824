"""One thing that needs a person, and the order in which such things do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

__all__ = ["KINDS", "UNREADABLE", "Concern", "Kind", "is_out_of_sight", "worst_first"]

# The worst first: what will be lost, what nobody knows, what did not happen, what is half done.
Kind = Literal[
    "expiring",
    "in_doubt",
    "failed",
    "guard_stopped",
    "late",
    "incomplete",
    "set_aside",
    "pickup_missing",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
# Subjects of what could not be read: while one of them is there, nobody knows what else is.
UNREADABLE: Final = ("the schedule", "the ledger", "the referrals")
# How a delivery ended is looked at for so long: nobody mends what is older, and the history has it.
_LOOKED_BACK: Final = timedelta(days=30)
_OF_DELIVERIES: Final = frozenset({"in_doubt", "incomplete", "pickup_missing"})


@dataclass(frozen=True)
class Concern:
    """What needs a person, and what to do. It holds no personal data.

    Attributes
    ----------
    kind
        One of ``KINDS``: ``expiring`` (referrals will be lost), ``in_doubt`` (nobody knows what a
        run changed), ``failed``, ``guard_stopped`` and ``late`` (of unattended runs),
        ``incomplete`` (the platform left rows out), ``set_aside`` (a referral file could not be
        read), ``pickup_missing`` (a file still lies there).
    subject
        Whom it is about: an entry of the schedule, a list, a file, a day. Together with the kind
        it tells one concern from another.
    sentence, advice
        What is the matter, and what to do now.
    since
        Since when, in UTC.
    """

    kind: Kind
    subject: str
    sentence: str
    advice: str
    since: datetime


def worst_first(concerns: Iterable[Concern]) -> list[Concern]:
    """Return the concerns by kind, the worst first, and of one kind the oldest first."""
    return sorted(concerns, key=lambda one: (KINDS.index(one.kind), one.since, one.subject))


def is_out_of_sight(kind: Kind, since: datetime, now: datetime) -> bool:
    """Tell what is too old to be looked at from what is over: nobody knows how it ended."""
    return kind in _OF_DELIVERIES and since < now - _LOOKED_BACK
