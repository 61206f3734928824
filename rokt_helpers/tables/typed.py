"""Write typed cells as text.

The law kept here: what is no text, such as a list or bytes that are no UTF-8, is null; a whole
number is written without a point also where its column holds floats, as one with a missing value
does in pandas.
"""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["text_of"]

_EXACT: Final = 2**53  # beyond it floats leave whole numbers out
_PLAIN: Final = 1e-4  # below it floats are written with an exponent


def text_of(cell: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Return a cell of a type as text; a float that may have lost digits as ``1.25e+16``."""
    if kind == pl.Binary:
        return cell.map_batches(_decoded, return_dtype=pl.String, is_elementwise=True)
    if kind.is_nested() or kind == pl.Object:
        return pl.lit(None, dtype=pl.String).alias(cell.meta.output_name())
    text = cell.cast(pl.String, strict=False)
    if not kind.is_float():
        return text
    whole = (cell == cell.round()) & (cell.abs() <= _EXACT)
    small = cell.cast(pl.Decimal(38, 20), strict=False).cast(pl.String).str.strip_chars_end("0")
    return (
        pl.when(whole).then(cell.cast(pl.Int64, strict=False).cast(pl.String))
        .when(cell.abs() < _PLAIN).then(small.str.strip_chars_end("."))
        .otherwise(text)
    )  # fmt: skip


def _decoded(cells: pl.Series) -> pl.Series:
    try:
        return cells.cast(pl.String)
    except pl.exceptions.ComputeError:  # one of them is no UTF-8; its message could show it
        return pl.Series(cells.name, [*map(_utf_8, cells)], dtype=pl.String)


def _utf_8(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None
