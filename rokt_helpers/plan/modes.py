"""What each mode sends: whole, only what is new, or the difference to what was sent before.

The law kept here: a mirror takes nobody off a list whom this ledger did not put there.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers
from rokt_helpers.errors import InputError
from rokt_helpers.plan.known import KnownList
from rokt_helpers.plan.people import as_digests, people_of
from rokt_helpers.plan.targets import Mode

__all__ = ["Part", "parts_of"]


@dataclass(frozen=True)
class Part:
    """Identifiers that go with one action."""

    action: contract.Action
    identifiers: Identifiers


def parts_of(
    identifiers: Identifiers, *, mode: Mode, action: contract.Action, known: KnownList
) -> list[Part]:
    """Return what a mode makes of prepared identifiers; parts may be empty.

    Raises
    ------
    InputError
        When a mirror is asked to exclude: it does both by itself.
    """
    if mode == "mirror":
        if action != "include":
            raise InputError(
                "A mirror includes who is new and excludes who is gone by itself: pass "
                "action='include' (--action include), or mode='delta' to exclude."
            )
        gone = _gone(identifiers, known)
        return [_new(identifiers, "include", known), Part("exclude", Identifiers.in_memory(gone))]
    if mode == "delta":
        return [_new(identifiers, action, known)]
    return [Part(action, identifiers)]


def _new(identifiers: Identifiers, action: contract.Action, known: KnownList) -> Part:
    """Leave out whom the last confirmed run to name them brought to the same state."""
    before = known.last_named(action, sure=True)
    if before.is_empty():
        return Part(action, identifiers)
    is_new = ~_is_among(people_of(identifiers), before)
    return Part(action, Identifiers.in_memory(identifiers.to_series().filter(is_new)))


def _gone(identifiers: Identifiers, known: KnownList) -> pl.Series:
    """Return whom this ledger included and who is not prepared now, as digests."""
    before = known.last_named("include", sure=False)
    return as_digests(before.filter(~_is_among(before, people_of(identifiers)))).sort()


def _is_among(people: pl.Series, others: pl.Series) -> pl.Series:
    """Return for each person whether they are among the others."""
    marked = others.unique().to_frame("person").with_columns(there=pl.lit(value=True))
    both = people.to_frame("person").join(marked, on="person", how="left", maintain_order="left")
    return both["there"].fill_null(value=False)
