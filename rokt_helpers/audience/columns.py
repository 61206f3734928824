"""Find the column that holds the identifiers, by its content, and say what speaks for it.

The law kept here: ambiguity asks. Where two columns could be meant, none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience.judging import Identifier
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import ATTRIBUTES, looks_like, with_attribute_verdict
from rokt_helpers.tables import Table

__all__ = ["Choice", "choose_column"]

# A column is a candidate when at least this share of its filled cells looks like identifiers.
_CANDIDATE_SHARE: Final = 0.5


@dataclass(frozen=True)
class Choice:
    """The column to read, and in one sentence what speaks for it; no values."""

    column: str
    evidence: str


def choose_column(
    table: Table, column: Hashable | None, identifier: Identifier = "email"
) -> Choice:
    """Return the named column, by its name here or its label in pandas, or find it by its content.

    Raises
    ------
    InputError
        When it is not there, or none or several could be meant.
    """
    names = table.facts.columns
    if column is not None:
        name = _named(table, column)
        return Choice(name, _evidence(table, name, identifier))
    shares = {name: _share(table.sample[name], identifier) for name in names}
    likely = [name for name, share in shares.items() if share >= _CANDIDATE_SHARE]
    possible = likely or [name for name, share in shares.items() if share > 0]
    if len(possible) > 1 and identifier in ATTRIBUTES:
        # Any word may be a name and any five digits a ZIP code, so the title decides, too.
        title = re.compile(ATTRIBUTES[identifier].title, re.IGNORECASE)
        possible = [name for name in possible if title.search(name)] or possible
    if not possible:
        raise InputError(
            f"{_NONE.get(identifier, 'No value of that kind')} was found in {table.facts.name} "
            f"(columns: {_listed(names)}). Check that it is the right list, or name the column "
            "with column= (--column)."
        )
    if len(possible) > 1:
        found = ", ".join(f"{name!r} ({_percent(shares[name])})" for name in possible)
        raise InputError(
            f"{len(possible)} columns could hold the identifiers: {found} of their first filled "
            "cells look like it. Name one with column= (--column)."
        )
    return Choice(possible[0], _evidence(table, possible[0], identifier))


def _named(table: Table, column: Hashable) -> str:
    names = table.facts.columns
    labels = table.labels or names
    places = [place for place, label in enumerate(labels) if label == column]
    if len(places) > 1:
        raise InputError(
            f"{len(places)} columns are named {column!r}. Pass the one that is meant by itself: "
            f"frame.iloc[:, {places[0]}] is the first of them."
        )
    if places:
        return names[places[0]]
    if isinstance(column, str) and column in names:
        return column
    raise InputError(f"There is no column {column!r}. The source has: {_listed(labels)}.")


_NONE: Final = dict.fromkeys(("email", "sha256"), "No address and no digest") | {
    kind: f"No {attribute.spoken}" for kind, attribute in ATTRIBUTES.items()
}


def _share(cells: pl.Series, identifier: Identifier) -> float:
    """Return which part of the filled cells looks like identifiers, 0 to 1."""
    if identifier in ATTRIBUTES:
        fitting, filled = _fitting(cells, identifier)
        return fitting / filled if filled else 0.0
    looks = _looks(cells)
    return len(looks.filter(looks != "other")) / len(looks) if len(looks) else 0.0


def _fitting(cells: pl.Series, identifier: Identifier) -> tuple[int, int]:
    """Return how many filled cells pass as the attribute, and how many are filled."""
    rows = cells.cast(pl.String).to_frame("text").lazy()
    faults = with_attribute_verdict(rows, identifier).select("fault").collect().to_series()
    return faults.null_count(), len(faults) - int((faults == "empty").sum())


def _looks(cells: pl.Series) -> pl.Series:
    return cells.to_frame("cell").select(looks_like(pl.col("cell"))).to_series().drop_nulls()


def _evidence(table: Table, column: str, identifier: Identifier) -> str:
    """Say how many of the first filled cells are what."""
    cells = table.sample[column]
    if identifier in ATTRIBUTES:
        fitting, filled = _fitting(cells, identifier)
        counts: Iterable[tuple[str, int]] = [(f"{ATTRIBUTES[identifier].spoken}s", fitting)]
    else:
        looks = _looks(cells)
        filled, counts = len(looks), _by_frequency(looks)
    if not filled:
        return "its first cells are empty"
    said = (f"{_percent(n / filled)} {_SPOKEN.get(look, look)}" for look, n in counts)
    return f"its first {filled:,} filled cells: {', '.join(said)}"


_SPOKEN: Final = {"email": "addresses", "other": "neither"} | {
    name: f"{name} digests" for name in contract.DIGEST_LENGTHS.values()
}


def _percent(share: float) -> str:
    """Return a share as a person says it; neither all nor nothing where it is not."""
    if 0 < share < 0.01:  # noqa: PLR2004
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"  # noqa: PLR2004


def _by_frequency(looks: pl.Series) -> Iterable[tuple[str, int]]:
    counts = looks.to_frame("look").group_by("look").len()
    rows: list[tuple[str, int]] = counts.sort("len", "look", descending=[True, False]).rows()
    return rows


def _listed(names: Iterable[Hashable]) -> str:
    return ", ".join(repr(name) for name in names)
