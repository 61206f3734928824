"""Tell which texts the fast reader cuts into the same rows as a spreadsheet does.

The law kept here: doubt goes to the forgiving reader. The fast one takes any quotation mark for
the start or end of a quoted cell and knows no old Mac line ends, so a stray one would swallow rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Literal

import polars as pl

from rokt_helpers.tables.origins import Origin

__all__ = ["ABSENT", "Regularity", "line_chunks", "regularity"]

ABSENT: Final = "\x02"  # a control character no list holds, as the delimiter of a single column

Regularity = Literal["unquoted", "quoted", "irregular"]
_CHUNK_BYTES: Final = 256 * 1024  # stays in the processor's cache
_LINES_BYTES: Final = 4 * 1024 * 1024
_AS_LINES: Final[dict[str, Any]] = {
    "has_header": False,
    "schema": {"line": pl.String},
    "separator": ABSENT,
    "quote_char": None,
}


def regularity(origin: Origin, *, delimiter: str) -> Regularity:
    """Return ``unquoted``, ``quoted`` (every mark in its place) or ``irregular``; of UTF-8.

    A quoted cell with a line end in it makes a text irregular, too.
    """
    quoted = False
    with origin.open() as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if chunk.endswith(b"\r"):
                chunk += stream.read(1)  # the pair must not be parted
            if b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"):
                return "irregular"
            quoted = quoted or b'"' in chunk
    if not quoted:
        return "unquoted"
    return "quoted" if _is_well_quoted(origin, delimiter) else "irregular"


def line_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a stream in pieces of whole lines; none is empty."""
    rest = b""
    while chunk := stream.read(_LINES_BYTES):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = chunk[end:]
        else:
            rest += chunk
    if rest:
        yield rest


def _is_well_quoted(origin: Origin, delimiter: str) -> bool:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}][^"{mark}]*|)'
    line = pl.col("line")
    stray = line.str.contains('"', literal=True) & ~line.str.contains(
        rf"^\x{{feff}}?{cell}(?:{mark}{cell})*\r?$"
    )
    try:
        return not any(
            lines.select(stray.any()).collect(engine="streaming").item()
            for lines in _lines_of(origin)
        )
    except pl.exceptions.PolarsError:
        return False


def _lines_of(origin: Origin) -> Iterator[pl.LazyFrame]:
    if origin.plain:
        yield pl.scan_csv(origin.plain, glob=False, **_AS_LINES)
        return
    with origin.open() as stream:
        for chunk in line_chunks(stream):
            yield pl.read_csv(chunk, **_AS_LINES).lazy()
