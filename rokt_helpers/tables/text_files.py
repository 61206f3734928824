"""Look at lists kept as text: CSV, TSV, TXT, whatever the delimiter and however dirty."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.encodings import as_utf8, encoding_of, spoken
from rokt_helpers.tables.origins import Origin
from rokt_helpers.tables.regularity import ABSENT
from rokt_helpers.tables.table import SAMPLE_ROWS, SourceFacts, Table, distinct_names, is_header
from rokt_helpers.tables.text_rows import Shape, cells_of, rows_of

__all__ = ["Pasted", "cell_table", "open_pasted", "open_text"]

_SNIFF_BYTES: Final = 256 * 1024
_DELIMITERS: Final = (",", ";", "\t", "|")
DELIMITER_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Pasted:
    """Text copied out of a spreadsheet or a mail: one row a line, cells parted by tabs or commas.

    Its own form never shows the text.
    """

    text: str = field(repr=False)


def open_pasted(pasted: Pasted, *, header: bool | None) -> Table:
    """Look at pasted text as if it were a file."""
    try:
        content = pasted.text.encode()
    except UnicodeEncodeError:
        raise InputError(
            "The pasted text holds half a character. Copy and paste it again."
        ) from None
    origin = Origin("the pasted text", ".txt", lambda: io.BytesIO(content))
    table = open_text(origin, header=header, codec="utf-8")
    return replace(table, facts=replace(table.facts, kind="pasted", encoding=None))


def open_text(origin: Origin, *, header: bool | None, codec: str | None = None) -> Table:
    """Look at a text: encoding, delimiter, header, columns, a sample.

    Raises
    ------
    InputError
        When it is empty, in an encoding that cannot be told, or cannot be cut into rows.
    """
    codec = codec or encoding_of(origin)
    origin = as_utf8(origin, codec)
    lines = _first_lines(origin)
    blank = next((i for i, line in enumerate(lines) if line.replace("\0", "").strip()), None)
    if blank is None:
        raise InputError(f"{origin.name} is empty. Export the list again and try once more.")
    shape = Shape(origin, _sniff_delimiter(lines[blank:]), blank)
    cells = list(islice(cells_of(shape), SAMPLE_ROWS + 1))
    has_header = is_header(cells[0]) if header is None else header
    shape = replace(shape, width=len(cells[0]), header=has_header)
    names, sample = cell_table(cells, header=has_header)
    facts = SourceFacts(
        kind="file",
        name=origin.name,
        columns=names,
        first_row=shape.first_row,
        encoding=spoken(codec),
        delimiter=DELIMITER_NAMES.get(shape.delimiter),
        header=has_header,
    )
    titles = tuple(cells[0]) if has_header else ("",) * len(names)
    return Table(facts, sample, lambda places: rows_of(shape, places), titles)


def cell_table(cells: list[list[str]], *, header: bool) -> tuple[tuple[str, ...], pl.DataFrame]:
    """Return the column names of rows of cells, and their data rows as a frame of text."""
    first = cells[0]
    names = distinct_names(first) if header else [f"column_{i + 1}" for i in range(len(first))]
    rows = cells[1:] if header else cells
    columns = {
        name: [row[i] if i < len(row) else None for row in rows] for i, name in enumerate(names)
    }
    return tuple(names), pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _first_lines(origin: Origin) -> list[str]:
    with origin.open() as stream:
        start = stream.read(_SNIFF_BYTES)
    # The cut may fall inside a character, and only the first row must be whole.
    text = start.decode(errors="ignore")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _sniff_delimiter(lines: list[str]) -> str:
    """Return the delimiter the first row has and most rows agree on; ABSENT for one column."""
    best, best_score = ABSENT, (0.0, 0)
    for delimiter in _DELIMITERS:
        widths = _widths(lines[:1000], delimiter)
        if not widths or widths[0] < 2:  # noqa: PLR2004
            continue
        cut = sum(width > 1 for width in widths) / len(widths)
        agreeing = Counter(widths)[widths[0]] / len(widths)
        if cut > 0.5 and (agreeing, widths[0]) > best_score:  # noqa: PLR2004
            best, best_score = delimiter, (agreeing, widths[0])
    return best


def _widths(lines: list[str], delimiter: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return []
