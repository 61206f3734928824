"""Tell which files the fast reader cuts into the same rows as a spreadsheet does.

The law kept here: doubt goes to the forgiving reader. The fast one takes any quotation mark for
the start or end of a quoted cell and knows no old Mac line ends, so a stray one would swallow rows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

import polars as pl

__all__ = ["ABSENT", "Regularity", "regularity"]

ABSENT: Final = "\x02"  # a control character no list holds, as the delimiter of a single column

Regularity = Literal["unquoted", "quoted", "irregular"]
_CHUNK_BYTES: Final = 16 * 1024 * 1024


def regularity(path: Path, *, delimiter: str) -> Regularity:
    """Return ``unquoted``, ``quoted`` (every mark in its place) or ``irregular``.

    A quoted cell with a line end in it makes a file irregular, too.
    """
    quoted = False
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if chunk.endswith(b"\r"):
                chunk += stream.read(1)  # the pair must not be parted
            if b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"):
                return "irregular"
            quoted = quoted or b'"' in chunk
    if not quoted:
        return "unquoted"
    return "quoted" if _is_well_quoted(path, delimiter) else "irregular"


def _is_well_quoted(path: Path, delimiter: str) -> bool:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}][^"{mark}]*|)'
    lines = pl.scan_csv(
        path, has_header=False, schema={"line": pl.String}, separator=ABSENT, quote_char=None
    )
    line = pl.col("line")
    stray = line.str.contains('"', literal=True) & ~line.str.contains(
        rf"^\x{{feff}}?{cell}(?:{mark}{cell})*\r?$"
    )
    try:
        return not lines.select(stray.any()).collect(engine="streaming").item()
    except pl.exceptions.PolarsError:
        return False
