"""Recognise the columns of a source by name and content, and the way each writes its values.

The law kept here: ambiguity asks. Where two columns could be one attribute, or a column's marks
or dates could be read in two ways, the error names them and says what to pass.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from rokt_helpers.conversions.amounts import Decimal, marks_in
from rokt_helpers.conversions.attributes import ATTRIBUTES, rank_of
from rokt_helpers.conversions.mapping import Mapping, Match, check_attributes
from rokt_helpers.conversions.moments import DateOrder, orders_in, without_zone
from rokt_helpers.conversions.values import filled, reading
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import looks_like
from rokt_helpers.tables import Table

__all__ = ["Form", "form_of", "propose"]

# A column is what its name says when at least this share of its filled cells can be read as it.
_SHARE: Final = 0.5
_BY_CONTENT: Final = 2  # the rank of a column whose name says nothing
# A cell that could be read in two ways is of its kind all the same.
_OF_ITS_KIND: Final = ("ambiguous_amount", "ambiguous_date", "negative_amount", "skipped_hour")


@dataclass(frozen=True)
class Form:
    """How one column writes its values; None where no cell of it depends on that."""

    decimal: Decimal | None = None
    order: DateOrder | None = None


@dataclass(frozen=True)
class _Candidate:
    """A column that may be an attribute: how well it fits, and the sentence for it."""

    column: str
    attribute: str
    rank: int
    evidence: str


# --- which column is what ------------------------------


def propose(table: Table, chosen: AbstractMapping[str, str | None], *, plain: bool) -> Mapping:
    """Return a mapping of the columns of a source, found by name and content.

    Parameters
    ----------
    chosen
        Column → attribute or None: what a person decided goes before what is found.
    plain
        Whether raw values may be kept; without, attributes that cannot be hashed are left out.

    Raises
    ------
    InputError
        When two columns could be one attribute, or a choice is of what there is not.
    """
    check_attributes(chosen.values())
    taken = {name for name in chosen.values() if name is not None}
    found: dict[str, _Candidate | Match] = {}
    for column in table.facts.columns:
        if column not in chosen:
            found[column] = _look(column, _cells(table, column), plain=plain)
    likely = [one for one in found.values() if isinstance(one, _Candidate)]
    winners = _winners([one for one in likely if one.attribute not in taken])
    matches = (
        _match(column, found.get(column, Match(column, None, "")), winners)
        for column in table.facts.columns
    )
    return Mapping(tuple(matches)).changed(chosen)


def _cells(table: Table, column: str) -> pl.Series:
    cell = filled(pl.col(column).cast(pl.String)).alias("cell")
    return table.sample.select(cell).to_series().drop_nulls()


def _look(column: str, cells: pl.Series, *, plain: bool) -> _Candidate | Match:
    """Return what a column may be, or why it is nothing."""
    ranked = [(rank, name) for name in ATTRIBUTES if (rank := rank_of(column, name)) is not None]
    look = _look_of(cells)
    if look == "SHA-256":
        return _of_digests(column, ranked, cells)
    nothing = Match(column, None, "its name and content say nothing")
    for rank, name in sorted(ranked):
        attribute = ATTRIBUTES[name]
        if attribute.personal and attribute.hashed is None and not plain:
            said = f"named like {name}, which has no hashed form; kept with output='plain' only"
            nothing = Match(column, None, said)
            continue
        share = _share(cells, name)
        if share is None:
            return _Candidate(column, name, rank, f"named like {name}; its first cells are empty")
        if share >= _SHARE:
            evidence = f"named like {name}; {_percent(share)} of its first {len(cells):,} filled"
            return _Candidate(column, name, rank, f"{evidence} cells can be read as it")
        said = f"named like {name}, but only {_percent(share)} of its first cells can be read as it"
        nothing = Match(column, None, said, named=name)
    if look == "email":
        return _Candidate(column, "email", _BY_CONTENT, "its first filled cells are addresses")
    return nothing


def _of_digests(column: str, ranked: list[tuple[int, str]], cells: pl.Series) -> _Candidate:
    """Return which hashed attribute a column of digests is; by its content it is of addresses."""
    hashed = [
        (rank, ATTRIBUTES[name].hashed or name)
        for rank, name in sorted(ranked)
        if ATTRIBUTES[name].hashed or ATTRIBUTES[name].kind == "digest"
    ]
    rank, name = hashed[0] if hashed else (_BY_CONTENT, "emailsha256")
    named = f"named like {name}; " if hashed else ""
    return _Candidate(
        column, name, rank, f"{named}its first {len(cells):,} filled cells are SHA-256 digests"
    )


def _look_of(cells: pl.Series) -> str | None:
    """Return the look of at least half of the filled cells."""
    looks = cells.to_frame("cell").select(look=looks_like(pl.col("cell"))).to_series()
    for look in ("email", "SHA-256"):
        if len(cells) and (looks == look).sum() >= _SHARE * len(cells):
            return look
    return None


def _share(cells: pl.Series, name: str) -> float | None:
    """Return the share of filled cells that can be read as an attribute; None where none is."""
    if not len(cells):
        return None
    read = reading(ATTRIBUTES[name].kind, pl.col("cell"), plain=False, time_zone="UTC")
    fault = read.struct.field("fault")
    passed = fault.is_null() | fault.is_in(_OF_ITS_KIND)
    return float(cells.to_frame("cell").select(passed.mean()).item())


def _percent(share: float) -> str:
    if share in {0.0, 1.0}:
        return f"{share:.0%}"
    return f"{min(max(share, 0.01), 0.99):.0%}"  # neither all nor nothing where it is not


def _winners(candidates: list[_Candidate]) -> dict[str, _Candidate]:
    """Return the best column of each attribute.

    Raises
    ------
    InputError
        When two are equally good.
    """
    winners: dict[str, _Candidate] = {}
    for name in dict.fromkeys(candidate.attribute for candidate in candidates):
        of_it = [candidate for candidate in candidates if candidate.attribute == name]
        best = min(candidate.rank for candidate in of_it)
        columns = [candidate for candidate in of_it if candidate.rank == best]
        if len(columns) > 1:
            first, second = columns[0].column, columns[1].column
            raise InputError(
                f"Columns {' and '.join(repr(one.column) for one in columns)} could each be "
                f"{name}. Say which, and leave the other out: "
                f"mapping={{{first!r}: {name!r}, {second!r}: None}}."
            )
        winners[name] = columns[0]
    return winners


def _match(column: str, found: _Candidate | Match, winners: dict[str, _Candidate]) -> Match:
    if isinstance(found, Match):
        return found
    winner = winners.get(found.attribute)
    if winner is found:
        return Match(column, found.attribute, found.evidence)
    other = f"column {winner.column!r}" if winner else "another column, by choice"
    return Match(column, None, f"could be {found.attribute}, which is {other}")


# --- how it writes its values ------------------------------


def form_of(
    table: Table,
    column: str,
    attribute: str,
    *,
    decimal: Decimal | None,
    order: DateOrder | None,
    time_zone: str | None,
) -> Form:
    """Return how a column writes amounts or dates, going by its first rows.

    What a person passes goes before what is found; the text of floats has a point.

    Raises
    ------
    InputError
        When its first rows leave the decimal mark, the order of day and month, or the time zone
        open.
    """
    kind = ATTRIBUTES[attribute].kind
    if kind in {"amount", "margin"}:
        if column in table.floats:
            return Form(decimal=".")
        return Form(decimal=decimal or _decimal(column, _cells(table, column)))
    if kind not in {"day", "moment"}:
        return Form()
    cells = _cells(table, column)
    if kind == "moment" and time_zone is None and (count := without_zone(cells)):
        raise InputError(
            f"{count:,} of the first {len(cells):,} times in column {column!r} name no time zone. "
            "Pass theirs, for example time_zone='America/New_York' or time_zone='UTC' "
            "(--time-zone UTC)."
        )
    return Form(order=order or _order(column, cells))


def _decimal(column: str, cells: pl.Series) -> Decimal | None:
    proven, either = marks_in(cells)
    if len(proven) == 1:
        return next(iter(proven))
    if either:
        raise InputError(
            f"{either:,} of the first amounts in column {column!r} can be read in two ways: a mark "
            "before three digits may be of thousands or of decimals. Pass decimal='.' where 1,234 "
            "is more than a thousand, decimal=',' where it is a little more than one."
        )
    return None


def _order(column: str, cells: pl.Series) -> DateOrder | None:
    proven, either = orders_in(cells)
    if len(proven) == 1:
        return next(iter(proven))
    if either:
        raise InputError(
            f"{either:,} of the first dates in column {column!r} can be read in two ways. Pass "
            "date_order='dmy' where 02/03 is the second of March, date_order='mdy' where it is "
            "the third of February."
        )
    return None
