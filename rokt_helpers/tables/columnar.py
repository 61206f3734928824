"""Read lists kept by column: Parquet, and the file and stream forms of Arrow (Feather).

The law kept here: a cell that is no text, such as a list, is an unreadable row, not an empty one.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.table import (
    SAMPLE_ROWS,
    Places,
    Rows,
    SourceFacts,
    Table,
    cell_name,
    distinct_names,
)
from rokt_helpers.tables.typed import text_of

__all__ = ["open_columnar"]


def open_columnar(path: Path, magic: str, *, name: str) -> Table:
    """Look at a Parquet or Arrow file; ``magic`` says which, not ``name``, what it is called.

    Raises
    ------
    InputError
        When it is damaged or has no column.
    """
    try:
        frame = _scanned(path, magic)
        names = frame.collect_schema().names()
        sample = frame.head(SAMPLE_ROWS).select(_text(frame, title) for title in names).collect()
    except (pl.exceptions.PolarsError, OSError):
        # Its message could show a value.
        raise InputError(f"{name} is damaged or was cut short. Write it again.") from None
    if not names:
        raise InputError(f"{name} has no column. Write the list again.")
    columns = tuple(distinct_names(names))

    def rows(places: Places) -> Rows:
        texts = {cell_name(i): _text(frame, names[place]) for i, place in enumerate(places)}
        unreadable = pl.any_horizontal(
            pl.col(names[place]).is_not_null() & text.is_null()
            for place, text in zip(places, texts.values(), strict=True)
        )
        return frame.select(**texts, unreadable=unreadable).with_row_index("row", offset=1)

    sample.columns = list(columns)
    kinds = zip(columns, frame.collect_schema().dtypes(), strict=True)
    floats = frozenset(column for column, kind in kinds if kind.is_float())
    return Table(SourceFacts("file", name, columns), sample, rows, floats=floats)


def _scanned(path: Path, magic: str) -> pl.LazyFrame:
    if magic == "parquet":
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)
    if magic == "arrow":
        return pl.scan_ipc(path, glob=False, hive_partitioning=False)
    return pl.read_ipc_stream(path).lazy()


def _text(frame: pl.LazyFrame, name: str) -> pl.Expr:
    return text_of(pl.col(name), frame.collect_schema()[name])
