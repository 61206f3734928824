"""Cut a text into pieces of whole lines, and tell which of them the fast reader cuts into rows.

Law: doubt goes to the reader that looks at every cell. The fast one takes any quotation mark for
the start or end of a quoted cell and knows no old Mac line ends, so a stray one would swallow rows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import polars as pl
import pyarrow as pa

from rokt_helpers.tables.regularity import ABSENT

__all__ = ["is_regular", "line_count", "pieces_of"]

_MARK: Final = ord('"')
_LINE_END: Final = ord("\n")
_RETURN: Final = ord("\r")


def pieces_of(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield large pieces of whole lines, and whether each is the last."""
    held = _piece(stream, size)
    while held:
        coming = _piece(stream, size)
        yield held, not coming
        held = coming


def _piece(stream: BinaryIO, size: int) -> bytes:
    """Read so many bytes, and on to the end of the line."""
    if isinstance(getattr(stream, "raw", None), io.FileIO):
        # Finding the end first is quicker than joining large pieces.
        begin = stream.tell()
        stream.seek(begin + size)
        size += len(stream.readline())
        stream.seek(begin)
        return stream.read(size)
    piece = stream.read(size)
    return piece if piece.endswith(b"\n") else piece + stream.readline()


def is_regular(part: bytes, delimiter: str) -> bool:
    """Tell whether every quotation mark and every carriage return is in its place.

    A quoted cell may still go over a line end: then there are fewer rows than lines.
    """
    values = _values(part)
    if b"\r" in part and not _ends_in_pairs(values):
        return False
    return b'"' not in part or _is_well_quoted(part, values, delimiter)


def line_count(part: bytes) -> int:
    """Return how many lines there are; the last one may lack its end."""
    return int((_values(part) == _LINE_END).sum()) + (not part.endswith(b"\n"))


def _values(part: bytes) -> pl.Series:
    """Return the bytes as a column of numbers, without a copy: Polars counts them quickest."""
    array = pa.Array.from_buffers(pa.uint8(), len(part), [None, pa.py_buffer(part)])
    return pl.Series("bytes", array)


def _ends_in_pairs(values: pl.Series) -> bool:
    """Tell whether every carriage return stands before a line end."""
    returns = (values == _RETURN).arg_true()
    last = len(values) - 1
    return returns[-1] != last and bool((values.gather(returns + 1) == _LINE_END).all())


def _is_well_quoted(part: bytes, values: pl.Series, delimiter: str) -> bool:
    """Tell whether every quotation mark is in its place.

    Nearly always marks only stand around cells, and then looking at them alone is enough.
    """
    marks = (values == _MARK).arg_true()
    if len(marks) % 2 == 0:
        opening, closing = marks.gather_every(2), marks.gather_every(2, 1)
        before = values.gather(opening[int(opening[0] == 0) :] - 1)
        after = values.gather(closing[: -1 if closing[-1] == len(part) - 1 else None] + 1)
        edges = [ord(delimiter), _LINE_END]
        if before.is_in(edges).all() and after.is_in([*edges, _RETURN]).all():
            return True
    return _is_closely_well_quoted(part, delimiter)


def _is_closely_well_quoted(part: bytes, delimiter: str) -> bool:
    """Tell the same where marks are inside of cells, too."""
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}][^"{mark}]*|)'
    options: dict[str, Any] = {"has_header": False, "schema": {"line": pl.String}}
    try:
        lines = pl.read_csv(part, separator=ABSENT, quote_char=None, **options)["line"]
    except pl.exceptions.PolarsError:
        return False
    sound = rf"^{cell}(?:{mark}{cell})*\r?$"
    marked = lines.head(1_000).str.contains('"', literal=True).sum()
    if marked * 2 < min(len(lines), 1_000):  # few lines need the pattern
        lines = lines.filter(lines.str.contains('"', literal=True).fill_null(value=False))
    table = lines.to_frame().lazy().select(pl.col("line").str.contains(sound).all())
    return bool(table.collect(engine="streaming").item())
