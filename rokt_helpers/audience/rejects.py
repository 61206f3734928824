"""What stands in rejected rows: for the person who corrects them, and as shapes for everybody else.

The law kept here: only :func:`rejected_values` gives values, and only because it is asked for them.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, Final, TypedDict, Unpack

import polars as pl

from rokt_helpers import contract
from rokt_helpers.advice import Code, chosen_codes
from rokt_helpers.audience.columns import choose_column
from rokt_helpers.audience.correcting import refuse_rows_without_numbers
from rokt_helpers.audience.judging import Identifier, judge, likely_kind, with_advice
from rokt_helpers.audience.preparing import opened
from rokt_helpers.redact import shape
from rokt_helpers.tables import Table

__all__ = ["masked_examples", "rejected_values"]

_EXAMPLES: Final = 3
# Shapes are looked for among so many rejected rows of each reason.
_LOOKED_AT: Final = 100
_NOTHING: Final = "(nothing)"


class _Choices(TypedDict, total=False):
    """How the list is read, as in :func:`prepare_audience`."""

    header: bool | None
    sheet: str | None
    member: str | None


def rejected_values(
    source: object,
    rows: Collection[int] | None = None,
    *,
    column: Hashable | None = None,
    identifier: Identifier = "email",
    apply_advice: Collection[Code] = (),
    first: int = 200,
    **reading: Unpack[_Choices],
) -> pl.DataFrame:
    """Return what stands in rejected rows. These are personal data: for the correction grid only.

    Parameters
    ----------
    source, column, identifier, apply_advice, reading
        As for :func:`~rokt_helpers.prepare_audience`; an open table, too.
    rows
        Numbers of rows to look at, as the rejection report shows them; None looks at all, and stops
        reading after ``first`` rejected ones.
    first
        The most rows to return.

    Returns
    -------
    ``row`` (UInt32), ``reason`` (String, a key of ``contract.REASONS``), ``value`` (String, as it
    stands in the source; null where there is nothing or it cannot be read), by row. Whether the
    column holds addresses or digests is told by its first rows.

    Raises
    ------
    InputError
        When the source cannot be used, or its rows cannot be corrected by their numbers.
    """
    table = opened(source, **reading)
    refuse_rows_without_numbers(table.facts)
    rejected = _rejected(table, rows, column, identifier, apply_advice)
    return rejected.head(first).collect(engine="streaming")


def masked_examples(
    source: object,
    *,
    column: Hashable | None = None,
    identifier: Identifier = "email",
    apply_advice: Collection[Code] = (),
    **reading: Unpack[_Choices],
) -> dict[str, tuple[str, ...]]:
    """Return for each reason how the rejected cells look: no letter or digit of them stays.

    Parameters
    ----------
    source, column, identifier, apply_advice, reading
        As for :func:`~rokt_helpers.prepare_audience`; an open table, too. All of it is read.

    Returns
    -------
    Reason → up to three different shapes (:func:`redact.shape`), in the order of the contract.
    """
    table = opened(source, **reading)
    rejected = _rejected(table, None, column, identifier, apply_advice)
    few = rejected.group_by("reason").agg(pl.col("value").head(_LOOKED_AT))
    found: dict[str, list[str | None]] = dict(few.collect(engine="streaming").rows())
    return {reason: _shapes(found[reason]) for reason in contract.REASONS if reason in found}


def _rejected(
    table: Table,
    rows: Collection[int] | None,
    column: Hashable | None,
    identifier: Identifier,
    apply_advice: Collection[Code],
) -> pl.LazyFrame:
    choice = choose_column(table, column, identifier)
    cells = table.rows(choice.column).with_columns(value=pl.col("text").cast(pl.String))
    if rows is not None:
        # No row stands further down than its number: the rest need not be read.
        wanted = pl.col("row").is_in(pl.Series(sorted({*rows}), dtype=pl.UInt32).implode())
        cells = cells.head(max(rows, default=0)).filter(wanted)
    kind = likely_kind(table.sample[choice.column], identifier)
    judged = judge(with_advice(cells, chosen_codes(apply_advice)), kind, "sha256")
    rejected = judged.filter(pl.col("reason").is_not_null())
    return rejected.select("row", pl.col("reason").cast(pl.String), "value")


def _shapes(values: list[Any]) -> tuple[str, ...]:
    shapes = (shape(value).strip() if value else "" for value in values)
    return tuple(dict.fromkeys(one or _NOTHING for one in shapes))[:_EXAMPLES]
