"""The columns of a Spark frame as text: which one holds the identifiers, and its rows.

The law kept here: every row comes out once, as text or marked as unreadable.
"""

from __future__ import annotations

import polars as pl
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import AtomicType, BinaryType, DataType, IntegralType

from rokt_helpers.audience import Identifier
from rokt_helpers.audience import choose_column as choose
from rokt_helpers.errors import InputError
from rokt_helpers.tables import open_table
from rokt_helpers.tables.table import SAMPLE_ROWS, distinct_names

__all__ = ["choose_column", "rows_of"]


def choose_column(
    frame: DataFrame, column: str | None, identifier: Identifier = "email"
) -> tuple[str, str]:
    """Return the named column, or the one found by its content, and what speaks for it.

    Raises
    ------
    InputError
        When it is not there, or none or several could be meant.
    """
    if not frame.columns:
        raise InputError("The frame has no column. Pass one with the addresses in it.")
    names = distinct_names(list(frame.columns))
    sample = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if column is None:
        texts = [text.alias(name) for name, text in zip(names, _texts(frame), strict=True)]
        sample = pl.DataFrame(_numbered(frame).select(texts).limit(SAMPLE_ROWS).toArrow())
    choice = choose(open_table(sample), column, identifier)
    # A frame may be dear to compute: what was named is not looked at before it is judged.
    return choice.column, choice.evidence if column is None else "it was named"


def rows_of(frame: DataFrame, column: str, *, row_column: str | None) -> DataFrame:
    """Return one column as ``row`` (long, or null), ``text`` (string), ``unreadable`` (boolean).

    Raises
    ------
    InputError
        When ``row_column`` is not there or does not hold whole numbers.
    """
    names = distinct_names(list(frame.columns))
    row = sf.lit(None) if row_column is None else sf.col(_row_position(frame, names, row_column))
    index = names.index(column)
    text = _texts(frame)[index]
    return _numbered(frame).select(
        row.cast("long").alias("row"),
        text.alias("text"),
        (sf.col(str(index)).isNotNull() & text.isNull()).alias("unreadable"),
    )


def _row_position(frame: DataFrame, names: list[str], row_column: str) -> str:
    if row_column not in names:
        known = ", ".join(map(repr, names))
        raise InputError(f"There is no column {row_column!r}. The source has: {known}.")
    index = names.index(row_column)
    if not isinstance(frame.schema[index].dataType, IntegralType):
        raise InputError(f"Column {row_column!r} does not hold whole numbers, so no row numbers.")
    return str(index)


def _numbered(frame: DataFrame) -> DataFrame:
    """Return the frame with positions for names: names may repeat, or hold dots."""
    return frame.toDF(*map(str, range(len(frame.columns))))


def _texts(frame: DataFrame) -> list[Column]:
    return [_as_text(sf.col(str(i)), field.dataType) for i, field in enumerate(frame.schema)]


def _as_text(cell: Column, kind: DataType) -> Column:
    """Return a column as text; what is not text, such as a list or bytes, is null."""
    if not isinstance(kind, AtomicType) or isinstance(kind, BinaryType):
        return sf.lit(None).cast("string")
    # Spark keeps whatever bytes a reader gave it; Arrow must have UTF-8.
    return sf.try_validate_utf8(cell.cast("string"))
