"""Read lists that are already in memory: pandas, and whatever speaks the Arrow C stream."""

from __future__ import annotations

from typing import Any

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import text_column
from rokt_helpers.tables.table import SAMPLE_ROWS, Rows, SourceFacts, Table, distinct_names

__all__ = ["open_frame"]


def open_frame(source: object) -> Table:
    """Look at a pandas frame or column, or at an object with the Arrow C stream interface."""
    columns = _frame_columns(source)
    if not columns:
        raise InputError("The frame has no column. Pass one with the addresses in it.")

    def read(index: int) -> Rows:
        text = _as_text(columns[index][1])
        return text.to_frame("text").lazy().with_row_index("row", offset=1).with_columns(
            unreadable=pl.lit(value=False)
        )  # fmt: skip

    names = distinct_names([name for name, _ in columns])
    sample = pl.DataFrame(
        {name: _as_text(column[:SAMPLE_ROWS]) for name, (_, column) in zip(names, columns)}  # noqa: B905
    )
    return Table(SourceFacts("frame", type(source).__name__, tuple(names)), sample, read)


def _frame_columns(source: object) -> list[tuple[str, Any]]:
    if type(source).__module__.split(".")[0] == "pandas":
        frame: Any = source
        if hasattr(frame, "items") and frame.ndim == 2:  # noqa: PLR2004
            return [(str(name), column) for name, column in frame.items()]
        return [(str(frame.name) if frame.name is not None else "column_1", frame)]
    if hasattr(source, "__arrow_c_stream__"):
        try:
            return [(column.name, column) for column in pl.DataFrame(source)]
        except (TypeError, ValueError, pl.exceptions.PolarsError):
            return [("column_1", pl.Series(source))]
    raise InputError(
        f"A {type(source).__name__} cannot be read. Pass the path of a file, a pandas DataFrame or "
        "Series, or an object with the Arrow C stream interface (Polars, PyArrow, DuckDB)."
    )


def _as_text(column: Any) -> pl.Series:
    if isinstance(column, pl.Series):
        return column.cast(pl.String)
    return text_column(column)
