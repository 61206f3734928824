"""Read columns of a text, at the speed its shape allows.

The law kept here: every physical row comes out exactly once, with the number a spreadsheet shows,
as text or marked as unreadable; and whatever the speed, the rows are the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.origins import Origin
from rokt_helpers.tables.regularity import ABSENT, line_chunks, regularity
from rokt_helpers.tables.table import Places, Rows, cell_name, streamed

__all__ = ["Shape", "cells_of", "rows_of"]

_BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Shape:
    """How a text in UTF-8 is to be cut into cells.

    ``blank_lines`` counts the lines above the first that holds anything; ``width`` the columns.
    """

    origin: Origin
    delimiter: str
    blank_lines: int
    width: int = 0
    header: bool = False

    @property
    def first_row(self) -> int:
        """Return the number of the first data row as a spreadsheet shows it."""
        return self.blank_lines + (2 if self.header else 1)


def rows_of(shape: Shape, places: Places) -> Rows:
    """Return columns: scanned where it can be, in chunks of lines, or cell by cell."""
    kind = regularity(shape.origin, delimiter=shape.delimiter)
    if kind == "irregular":
        return streamed(lambda: _by_cell(shape, places), len(places))
    quote = '"' if kind == "quoted" else None
    if shape.origin.plain and not _is_ragged(shape, quote):
        return _scanned(shape, places, quote)
    return streamed(lambda: _by_chunk(shape, places, quote), len(places))


def cells_of(shape: Shape) -> Iterator[list[str]]:
    """Yield every physical row after the leading blank lines as its cells; slow, forgiving.

    Raises
    ------
    InputError
        When the text cannot be cut into rows.
    """
    with shape.origin.open() as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        for _ in range(shape.blank_lines):
            next(text)
        try:
            yield from _checked_cells(text, shape.delimiter)
        except csv.Error:
            raise _uncuttable(shape) from None


def _uncuttable(shape: Shape) -> InputError:
    return InputError(
        f"{shape.origin.name} cannot be cut into rows: most often a quotation mark was opened and "
        "never closed. Export the list again, quoting every cell or none."
    )


def _checked_cells(text: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    quotes = 0

    def counted() -> Iterator[str]:
        nonlocal quotes
        for line in text:
            quotes += line.count('"')
            yield line

    rows = csv.reader(counted(), delimiter=delimiter)
    before = lines_in_row = 0
    for row in rows:
        lines_in_row, before = rows.line_num - before, rows.line_num
        yield row
    if quotes % 2 and lines_in_row > 1:
        raise csv.Error


# --- three speeds ------------------------------


def _csv(shape: Shape, quote: str | None) -> dict[str, object]:
    return {
        "has_header": False,
        "schema": {f"column_{i}": pl.String for i in range(shape.width)},
        "separator": shape.delimiter,
        "quote_char": quote,
        "raise_if_empty": False,
    }


def _scan(shape: Shape, quote: str | None) -> pl.LazyFrame:
    skip = shape.blank_lines + shape.header
    options: dict[str, object] = {"glob": False, "skip_lines": skip, **_csv(shape, quote)}
    return pl.scan_csv(shape.origin.plain, **options)  # type: ignore[arg-type]


def _is_ragged(shape: Shape, quote: str | None) -> bool:
    """Tell whether a row has too many cells, which a scan of some columns would not notice."""
    if shape.delimiter == ABSENT:
        return False
    every = pl.struct(pl.all()).is_not_null().all()
    try:
        _scan(shape, quote).select(every).collect(engine="streaming")
    except pl.exceptions.PolarsError:
        return True  # its message would show the row it stumbled over
    return False


def _scanned(shape: Shape, places: Places, quote: str | None) -> Rows:
    return (
        _scan(shape, quote)
        .select(**_wanted(places))
        .with_row_index("row", offset=shape.first_row)
        .with_columns(unreadable=pl.lit(value=False))
    )


def _by_chunk(shape: Shape, places: Places, quote: str | None) -> Iterator[pl.DataFrame]:
    row = shape.first_row
    with shape.origin.open() as stream:
        for _ in range(shape.blank_lines + shape.header):
            stream.readline()
        for chunk in line_chunks(stream):
            frame = _cut(chunk, shape, places, quote)
            yield frame.with_row_index("row", offset=row)
            row += len(frame)


def _cut(chunk: bytes, shape: Shape, places: Places, quote: str | None) -> pl.DataFrame:
    try:
        cells = pl.read_csv(chunk, **_csv(shape, quote))  # type: ignore[arg-type]
    except pl.exceptions.PolarsError:
        lines = io.StringIO(chunk.decode(), newline="")
        try:
            return _framed(csv.reader(lines, delimiter=shape.delimiter), shape, places)
        except csv.Error:
            raise _uncuttable(shape) from None
    return cells.select(**_wanted(places), unreadable=pl.lit(value=False))


def _wanted(places: Places) -> dict[str, pl.Expr]:
    return {cell_name(i): pl.col(f"column_{place}") for i, place in enumerate(places)}


def _by_cell(shape: Shape, places: Places) -> Iterator[pl.DataFrame]:
    row = shape.first_row
    rows = cells_of(shape)
    if shape.header:
        next(rows)
    while len(frame := _framed(islice(rows, _BATCH_ROWS), shape, places)):
        yield frame.with_row_index("row", offset=row)
        row += len(frame)


def _framed(rows: Iterable[list[str]], shape: Shape, places: Places) -> pl.DataFrame:
    texts: list[list[str | None]] = [[] for _ in places]
    unreadable: list[bool] = []
    for row in rows:
        for column, place in zip(texts, places, strict=True):
            column.append(row[place] if place < len(row) else None)
        unreadable.append(any(cell.strip() for cell in row[shape.width :]))
    cells = {cell_name(i): pl.Series(column, dtype=pl.String) for i, column in enumerate(texts)}
    return pl.DataFrame({**cells, "unreadable": pl.Series(unreadable, dtype=pl.Boolean)})
