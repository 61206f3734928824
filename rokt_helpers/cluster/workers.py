"""What runs on the workers: the kernel itself, over one Arrow batch after another.

The law kept here: one canonical form. The rows go through ``judge``, as they do everywhere; nothing
is trimmed, folded or hashed by Spark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl
import pyarrow as pa

from rokt_helpers.audience.judging import Identifier, Kind, Output, judge
from rokt_helpers.identifiers import ATTRIBUTES, looks_like

__all__ = ["judge_batches", "judged_columns"]

# A digest travels as its 32 bytes: half of what its text would cost in every shuffle.
_IDENTIFIER: Final[dict[Output, pa.DataType]] = {"sha256": pa.binary(), "plain": pa.string()}
_GATHERED_ROWS: Final = 200_000


def judged_columns(output: Output) -> str:
    """Return the columns a batch comes back with, as Spark is told of them."""
    return f"row long, identifier {_IDENTIFIER[output]}, look string, reason string"


def judge_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    output: Output,
    title: str,
    identifier: Identifier = "email",
) -> Iterator[pa.RecordBatch]:
    """Judge every row, without knowing yet what kind of list the whole is.

    Parameters
    ----------
    batches
        Columns ``row`` (Int64), ``text`` (String) and ``unreadable`` (Boolean).
    output
        What the identifiers shall be.
    title
        The column's name, by which a header in the middle of a list is known.
    identifier
        As in :func:`~rokt_helpers.prepare_audience`.

    Yields
    ------
    As many rows, in another order: ``row``, ``identifier`` (32 bytes, or text for plain addresses;
    null where there is a reason), ``look`` (as :func:`identifiers.looks_like` has it; of another
    attribute its name where the row is good) and ``reason`` (null where the row is good). A cell
    with an @ is judged as an address and any other as a digest; another attribute as what it is.
    """
    cell = pl.col("text")
    is_address = cell.str.contains("@", literal=True).fill_null(value=False)
    is_header = (cell == title).fill_null(value=False)
    for gathered in _gathered(batches):
        rows = gathered.with_columns(repeated_header=is_header)
        if identifier in ATTRIBUTES:
            yield from _judge(rows, identifier, output).to_batches()
            continue
        yield from _judge(rows.filter(is_address), "email", output).to_batches()
        yield from _judge(rows.filter(~is_address), "sha256", output).to_batches()


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pl.DataFrame]:
    """Put batches together: Spark's are so small that starting the kernel costs more than it does.

    At 10,000 rows a batch, Spark's own setting, the kernel takes twice the time.
    """
    kept: list[pa.RecordBatch] = []
    for batch in batches:
        kept.append(batch)
        if sum(part.num_rows for part in kept) >= _GATHERED_ROWS:
            yield pl.DataFrame(pa.Table.from_batches(kept))
            kept = []
    if kept:
        yield pl.DataFrame(pa.Table.from_batches(kept))


def _judge(rows: pl.DataFrame, kind: Kind, output: Output) -> pa.Table:
    is_good = pl.col("reason").is_null()
    found = pl.when(is_good).then("identifier")
    judged = judge(rows.lazy(), kind, output).select(
        "row",
        identifier=found.str.decode("hex") if output == "sha256" else found,
        look=_look(kind, is_good),
        reason=pl.col("reason").cast(pl.String),
    )
    return judged.collect().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_schema(output))


def _look(kind: Kind, is_good: pl.Expr) -> pl.Expr:
    if kind in ATTRIBUTES:
        return pl.when(is_good).then(pl.lit(kind))
    return pl.lit("email") if kind == "email" else looks_like(pl.col("canonical"))


def _schema(output: Output) -> pa.Schema:
    kinds = (pa.int64(), _IDENTIFIER[output], pa.string(), pa.string())
    return pa.schema(list(zip(("row", "identifier", "look", "reason"), kinds, strict=True)))
