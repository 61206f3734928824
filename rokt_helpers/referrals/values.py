"""Work on each different text of a column once, where a column has few of them.

Most columns of a delivery name one of a few things: a state, an audience, an age. Such a column is
read as a polars.Categorical and judged by its different texts. Law: what comes out is the same as
if each cell had been judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

__all__ = ["any_value", "as_text", "each_value", "is_of_few"]


def is_of_few(cells: pl.Series) -> bool:
    """Tell whether a column was read as one of few different texts."""
    return isinstance(cells.dtype, pl.Categorical)


def each_value(cells: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Return what ``read`` makes of the cells.

    Parameters
    ----------
    cells
        String, or Categorical where there are few different texts.
    read
        Takes a String column and makes a value of each cell by itself, null of null.
    """
    if not is_of_few(cells):
        return read(cells).alias(cells.name)
    return read(_texts(cells)).gather(cells.to_physical()).alias(cells.name)


def any_value(cells: pl.Series, test: Callable[[pl.Series], pl.Series]) -> bool:
    """Tell whether any cell passes a test; ``test`` as ``read`` of :func:`each_value`."""
    if not is_of_few(cells):
        return bool(test(cells).any())
    passed = test(_texts(cells))
    # Columns of a table share their texts: one of another column is not yet one of this.
    return bool(passed.any()) and bool(passed.gather(cells.to_physical()).any())


def as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with every column of few texts as String."""
    return table.with_columns(each_value(cells, _itself) for cells in table if is_of_few(cells))


def _itself(texts: pl.Series) -> pl.Series:
    return texts


def _texts(cells: pl.Series) -> pl.Series:
    """Return the text of each code up to the greatest one of the column."""
    greatest = cells.to_physical().max()
    count = 0 if greatest is None else int(greatest) + 1  # type: ignore[arg-type]
    codes = pl.int_range(0, count, dtype=pl.UInt32, eager=True)
    return codes.alias(cells.name).cat.to(cells.dtype).cast(pl.String)
