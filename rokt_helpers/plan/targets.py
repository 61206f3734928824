"""Where a plan goes, in which pieces, and what a piece may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from rokt_helpers import contract

__all__ = [
    "AUDIENCE_WIRES",
    "CONVERSION_WIRES",
    "UNNAMED_LIST",
    "Batch",
    "Content",
    "Limits",
    "Mode",
    "Purpose",
    "Target",
    "Unnamed",
    "Via",
]


class Unnamed(str):
    """The name of the list that is taken where nobody named one."""

    __slots__ = ()


UNNAMED_LIST: Final = Unnamed(contract.DEFAULT_LIST)

Via = Literal["api", "api-legacy", "sftp", "events", "events-legacy", "events-sftp"]
# Which of them an audience may take, and which conversions: as what they are, or as one column.
AUDIENCE_WIRES: Final[tuple[Via, ...]] = ("api", "api-legacy", "sftp", "events", "events-sftp")
CONVERSION_WIRES: Final[tuple[Via, ...]] = ("events", "events-sftp", "events-legacy")
# full: everything prepared; delta: what this ledger has not delivered yet; mirror: the list as it
# is now, as far as this ledger made it; undo: the inverse of a run.
Mode = Literal["full", "delta", "mirror", "undo"]
Purpose = Literal["audience", "conversions"]
# What a plan holds; one conversion as JSON is a "batch" of the Event and Audience API, or an
# "event" of the legacy Event API.
Content = Literal["sha256", "email", "batch", "event"]


@dataclass(frozen=True)
class Limits:
    """What one piece may hold on a channel, and how fast pieces may follow each other.

    ``batch_bytes`` is None where only the count matters, and ``row_bytes`` where a row may be as
    long as a piece; ``starts_per_second`` is None where the platform names no rate.
    """

    batch_rows: int
    batch_bytes: int | None = None
    row_bytes: int | None = None
    starts_per_second: float | None = None
    in_flight: int = 1


@dataclass(frozen=True)
class Target:
    """Where a plan goes. ``host`` holds the port where it is not the usual one; no secrets."""

    profile: str
    via: Via
    account: str
    host: str
    list: str
    action: contract.Action
    purpose: Purpose = "audience"

    def __str__(self) -> str:
        """Say it the way a person would."""
        if self.purpose == "conversions":
            return f"conversions of account {self.account}"
        return f"list {self.list!r} of account {self.account}"


@dataclass(frozen=True)
class Batch:
    """One request or file: ``rows`` identifiers of one part of the plan, from ``offset`` on.

    ``number`` counts from 1 over the whole plan. ``action`` differs between the parts of a mirror.
    """

    number: int
    action: contract.Action
    part: int
    offset: int
    rows: int
    fingerprint: str
