"""Read lists kept in a spreadsheet: XLSX, XLSB, XLS and ODS.

The law kept here: rows have the numbers that the spreadsheet shows, and which sheet is meant is
only decided where no other sheet could be.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.extras import load
from rokt_helpers.tables.table import (
    SAMPLE_ROWS,
    Places,
    Rows,
    SourceFacts,
    Table,
    cell_name,
    is_header,
    looks_of,
)
from rokt_helpers.tables.text_files import cell_table

__all__ = ["open_workbook"]


def open_workbook(path: Path, *, name: str, sheet: str | None, header: bool | None) -> Table:
    """Look at a spreadsheet file.

    Parameters
    ----------
    path
        The file; its content decides which kind it is.
    name
        What it is called.
    sheet
        The name of the sheet; None takes the only one that holds identifiers.

    Raises
    ------
    InputError
        When it is damaged, locked, empty, or several sheets could be meant.
    """
    sheets = _sheets(path, name)
    chosen = _choose(sheets, name) if sheet is None else sheet
    if chosen not in sheets:
        raise InputError(f"{name} has no sheet {chosen!r}. It has: {_listed(sheets)}.")
    return _table(sheets[chosen], name, chosen, header=header)


def _sheets(path: Path, name: str) -> dict[str, pl.DataFrame]:
    fastexcel: Any = load("fastexcel", extra="excel", purpose=f"the spreadsheet {name}")
    try:
        book = fastexcel.read_excel(str(path))
        return {sheet: _cells(book, sheet) for sheet in book.sheet_names}
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, OSError):
        raise InputError(
            f"{name} cannot be read as a spreadsheet: it is damaged or locked with a "
            "password. Save the list as .csv and try once more."
        ) from None


def _cells(book: Any, name: str) -> pl.DataFrame:
    # Without `skip_rows=0` blank rows at the top are left out, and every row number is wrong.
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    return pl.DataFrame(sheet.to_arrow()) if sheet.height else pl.DataFrame()


def _choose(sheets: dict[str, pl.DataFrame], book: str) -> str:
    filled = [name for name, cells in sheets.items() if _first_row(cells) is not None]
    holding = [name for name in filled if _holds_identifiers(sheets[name])]
    likely = holding or filled
    if not likely:
        raise InputError(f"{book} is empty. Export the list again and try once more.")
    if len(likely) > 1:
        raise InputError(
            f"{len(likely)} sheets of {book} could hold the list: {_listed(likely)}. Name one with "
            "sheet=."
        )
    return likely[0]


def _holds_identifiers(cells: pl.DataFrame) -> bool:
    sample = cells.head(SAMPLE_ROWS)
    return any(set(looks_of(column)) - {"blank", "other"} for column in sample)


def _first_row(cells: pl.DataFrame) -> int | None:
    """Return the index of the first row that holds anything."""
    if not cells.width:
        return None
    filled = cells.select(
        pl.any_horizontal(pl.all().str.strip_chars().fill_null("") != "")
    ).to_series()
    return filled.arg_max() if filled.any() else None


def _table(cells: pl.DataFrame, book: str, name: str, *, header: bool | None) -> Table:
    top = _first_row(cells)
    if top is None:
        raise InputError(f"Sheet {name!r} of {book} is empty. Name another with sheet=.")
    body = cells[top:]
    sample_cells = [[cell or "" for cell in row] for row in body.head(SAMPLE_ROWS + 1).rows()]
    has_header = is_header(sample_cells[0]) if header is None else header
    columns, sample = cell_table(sample_cells, header=has_header)
    first_row = top + 1 + has_header

    def rows(places: Places) -> Rows:
        data = body[int(has_header) :]
        texts = {cell_name(i): data.to_series(place) for i, place in enumerate(places)}
        frame = pl.DataFrame(texts).with_columns(unreadable=pl.lit(value=False))
        return frame.lazy().with_row_index("row", offset=first_row)

    facts = SourceFacts("file", book, columns, first_row, header=has_header, sheet=name)
    titles = tuple(sample_cells[0]) if has_header else ("",) * len(columns)
    return Table(facts, sample, rows, titles)


def _listed(names: object) -> str:
    return ", ".join(repr(name) for name in names)  # type: ignore[attr-defined]
