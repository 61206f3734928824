"""Read lists that are already in memory: pandas, and whatever speaks the Arrow C stream."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import text_column
from rokt_helpers.tables.spark_frames import is_spark_frame, open_spark_frame
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

__all__ = ["open_frame"]

# The types of pandas and Polars that hold binary floats.
_FLOATS: Final = {"float64", "float32", "double[pyarrow]", "float[pyarrow]"}


def open_frame(source: object) -> Table:
    """Look at a pandas frame or column, or at an object with the Arrow C stream interface.

    A PySpark DataFrame is read through Arrow, too: the column that is read is collected into the
    memory of this computer. What does not fit is one for ``cluster.prepare_on_cluster``.
    """
    if is_spark_frame(source):
        return open_spark_frame(source)
    columns = _frame_columns(source)
    if not columns:
        raise InputError("The frame has no column. Pass one with the addresses in it.")

    def read(places: Places) -> Rows:
        wanted = [columns[place][1] for place in places]
        texts = {cell_name(i): _as_text(column) for i, column in enumerate(wanted)}
        unreadable = [
            (_filled(column) & text.is_null()).alias(name)
            for column, (name, text) in zip(wanted, texts.items(), strict=True)
        ]
        any_of_them = pl.DataFrame(unreadable).select(pl.any_horizontal(pl.all())).to_series()
        frame = pl.DataFrame({**texts, "unreadable": any_of_them})
        return frame.lazy().with_row_index("row", offset=1)

    names = distinct_names([name for name, _ in columns])
    sample = pl.DataFrame(
        {name: _as_text(column.head(SAMPLE_ROWS)) for name, (_, column) in zip(names, columns)}  # noqa: B905
    )
    facts = SourceFacts("frame", type(source).__name__, tuple(names))
    floats = (name for name, (_, column) in zip(names, columns, strict=True) if _is_float(column))
    return Table(facts, sample, read, floats=frozenset(floats), labels=_labels(source))


def _frame_columns(source: object) -> list[tuple[str, Any]]:
    if type(source).__module__.split(".")[0] == "pandas" and hasattr(source, "iloc"):
        frame: Any = source
        if frame.ndim == 2:  # noqa: PLR2004
            return [(str(name), column) for name, column in frame.items()]
        return [(str(frame.name) if frame.name is not None else "column_1", frame)]
    if hasattr(source, "__arrow_c_stream__"):
        return _arrow_columns(source)
    raise InputError(
        f"A source of type {type(source).__name__} cannot be read. Pass the path of a file, a "
        "pandas or PySpark DataFrame, a Series, or an object with the Arrow C stream interface "
        "(Polars, PyArrow, DuckDB)."
    )


def _labels(source: Any) -> tuple[Hashable, ...]:
    return tuple(source.columns) if hasattr(source, "iloc") and source.ndim > 1 else ()


def _arrow_columns(source: Any) -> list[tuple[str, pl.Series]]:
    for read in (pl.DataFrame, lambda column: pl.Series(column).to_frame()):
        try:
            return [(column.name, column) for column in read(source)]
        except (TypeError, ValueError, pl.exceptions.PolarsError):
            continue  # its message could show a value
    raise InputError(
        f"This {type(source).__name__} cannot be read as a table. Give each column a name of its "
        "own, or pass only the column with the addresses."
    )


def _filled(column: Any) -> pl.Series:
    return column.is_not_null() if isinstance(column, pl.Series) else pl.Series(column.notna())


def _is_float(column: Any) -> bool:
    return str(column.dtype).lower() in _FLOATS


def _as_text(column: Any) -> pl.Series:
    """Return a column as text; what is not text, such as a list, is null."""
    if not isinstance(column, pl.Series):
        if not _is_float(column):
            return text_column(column)
        column = pl.from_pandas(column)
    cells: pl.DataFrame = column.to_frame("cell")
    return cells.with_columns(text_of(pl.col("cell"), column.dtype)).to_series()
