"""What every wire offers to delivery: its limits, one send, and one check that writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from rokt_helpers.plan import Batch, Limits, Target
from rokt_helpers.showing import table_of

__all__ = ["Channel", "Confirmation", "Finding", "Findings", "LeftOut", "Turn"]


@dataclass(frozen=True)
class LeftOut:
    """One row of a batch that the platform did not store, though it took the batch.

    Attributes
    ----------
    position
        In the batch, counted from 0; None where the answer does not tell which row it was.
    reason
        In the platform's words, masked: no value stands in it.
    """

    position: int | None
    reason: str


@dataclass(frozen=True)
class Confirmation:
    """The platform's yes to one batch, as far as the wire can tell.

    ``status`` is an HTTP status, ``name`` the file's path on the server: one of them is set.
    ``left_out`` is what the platform said no to within its yes, where the wire has such answers.
    """

    status: int | None = None
    request_id: str | None = None
    name: str | None = None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One line of a connection check: what was looked at, whether it is well, what was found."""

    what: str
    well: bool
    detail: str


class Findings(list[Finding]):
    """The lines of a connection check, which a cell shows as a table."""

    def _repr_html_(self) -> str:
        rows = [["Works" if one.well else "Look here", one.what, one.detail] for one in self]
        return table_of(("", "what", "found"), rows)


class Turn:
    """The right to start one request. This one is given at once; a pace gives others.

    A channel builds what it sends, calls :meth:`wait`, sends, and calls :meth:`began` when the
    first byte has left.
    """

    def wait(self) -> None:
        """Return when the request may start.

        Raises
        ------
        Cancelled
            When the delivery was stopped meanwhile.
        """

    def began(self) -> None:
        """Note that the first byte has left."""


class Channel(Protocol):
    """One wire to one account."""

    @property
    def limits(self) -> Limits:
        """What one piece may hold and how fast pieces may follow each other."""
        ...

    @property
    def host(self) -> str:
        """The other side, as a plan is sealed for it; never with credentials."""
        ...

    def send(
        self, target: Target, batch: Batch, identifiers: pl.Series, *, name: str, turn: Turn
    ) -> Confirmation:
        """Send one batch once. Sending the same batch again must do no harm.

        Parameters
        ----------
        name
            Made of letters, digits and dashes; the same batch of the same plan has the same name.
        turn
            Where the platform names a rate: asked right before the first byte leaves.

        Raises
        ------
        DeliveryError
            One of its children, which says whether the send may be repeated.
        """
        ...

    def picked_up(self, name: str) -> bool | None:
        """Tell whether the platform took a delivered file; None where a wire has no files."""
        ...

    def check(self) -> list[Finding]:
        """Prove the connection and change nothing on the other side."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
