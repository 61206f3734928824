"""Read the rows of a delivered file as text, batch by batch, whatever kind of file it is.

The law kept here: every row of the file comes out exactly once, with the number a spreadsheet
shows, as text or with the reason why it cannot be read; no more than a few batches are in memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.cutting import is_regular, line_count, pieces_of
from rokt_helpers.referrals.values import any_value, each_value, is_of_few
from rokt_helpers.tables import Table
from rokt_helpers.tables.encodings import as_utf8, encoding_of, spoken
from rokt_helpers.tables.files import open_file
from rokt_helpers.tables.origins import (
    COLUMNAR_SUFFIXES,
    JSON_SUFFIXES,
    WORKBOOK_SUFFIXES,
    Origin,
    magic_of,
    unpacked,
)
from rokt_helpers.tables.table import cell_name

__all__ = ["Part", "open_parts"]

_PIECE_BYTES: Final = 24 * 1024 * 1024
_CLOSE_LOOK_BYTES: Final = 256 * 1024  # smaller pieces with an odd row are read cell by cell
_LONGEST_ROW_BYTES: Final = 1024 * 1024
_HEAD_BYTES: Final = 256 * 1024
_LOOK_AT_BYTES: Final = 512 * 1024  # of a piece, to see which columns have few different texts
_FEW: Final = 4  # rows for each different text
_DELIMITERS: Final = ",;\t|"
_NOT_TEXT: Final = JSON_SUFFIXES | COLUMNAR_SUFFIXES


@dataclass(frozen=True)
class Part:
    """One table of a delivered file: the file itself, or a member of an archive.

    Attributes
    ----------
    name
        Of the member; empty where the file is no archive.
    header
        The names of the columns as delivered; empty where the part holds nothing at all.
    notes
        What was noticed about the encoding.
    batches
        Reads the rows: ``row`` (UInt32), ``cell_0``, ``cell_1`` … (String, or Categorical where
        few texts are different; trimmed, null where empty), ``fault`` (String: null,
        ``unreadable`` or ``cut_off``). Blank rows count, and are left out.
    """

    name: str
    header: tuple[str, ...]
    notes: tuple[str, ...] = ()
    batches: Callable[[], Iterator[pl.DataFrame]] = field(default=lambda: iter(()), repr=False)


def open_parts(path: Path, *, piece_bytes: int = _PIECE_BYTES) -> list[Part]:
    """Look at a delivered file: CSV, JSON, Parquet or a spreadsheet, also in .gz, .zst and .zip.

    Parameters
    ----------
    piece_bytes
        How much of a text is in memory at a time; twice as much, since one piece is read ahead.

    Raises
    ------
    InputError
        It is none of them, damaged, or in an encoding that cannot be told.
    """
    magic = magic_of(path)
    if magic is None and path.suffix.lower() not in _NOT_TEXT:
        return [_text_part(Origin(path.name, ".csv", lambda: path.open("rb"), path), piece_bytes)]
    if magic in {"gzip", "zstd"}:
        origin = unpacked(path, magic, member=None)[0]
        if origin.suffix not in _NOT_TEXT | WORKBOOK_SUFFIXES and origin.magic is None:
            return [_text_part(origin, piece_bytes)]
    tables = open_file(path, header=True, sheet=None, member=None)
    if not any(map(_is_text, tables)):
        return [_table_part(table, table.facts.name, path) for table in tables]
    origins = unpacked(path, magic, member=None)
    return [
        _text_part(origin, piece_bytes, name=_member(origin.name, path))
        if _is_text(table)
        else _table_part(table, origin.name, path)
        for table, origin in zip(tables, origins, strict=True)
    ]


def _is_text(table: Table) -> bool:
    """Tell text with a header from JSON, which has an encoding, too."""
    return table.facts.encoding is not None and table.facts.header is not None


def _member(name: str, path: Path) -> str:
    return name.removeprefix(path.name).removeprefix(": ")


def _table_part(table: Table, name: str, path: Path) -> Part:
    columns = table.facts.columns

    def batches() -> Iterator[pl.DataFrame]:
        rows = table.rows_of(columns).with_columns(
            fault=pl.when("unreadable").then(pl.lit("unreadable"))
        )
        cells = [cell_name(place) for place in range(len(columns))]
        plan = rows.select("row", pl.col(cells).cast(pl.String), "fault")
        for batch in plan.collect_batches(maintain_order=True):
            yield _trimmed(batch)

    return Part(_member(name, path), columns, (), batches)


def _trimmed(batch: pl.DataFrame) -> pl.DataFrame:
    """Return cells without white space around them, empty ones as null, blank rows left out."""
    few = [cells for cells in batch if is_of_few(cells)]
    text = pl.exclude(["row", "fault", *(cells.name for cells in few)])
    trimmed = batch.with_columns(
        text.str.strip_chars(),
        *(_bare(cells).cast(cells.dtype) for cells in few if any_value(cells, _is_not_bare)),
    )
    empty = trimmed.select((text == "").any())
    hollow = [name for name in empty.columns if empty[name].item()]
    if hollow:
        trimmed = trimmed.with_columns(pl.when(pl.col(hollow) != "").then(pl.col(hollow)))
    blank = trimmed.select(pl.all_horizontal(pl.exclude("row").is_null())).to_series()
    return trimmed.filter(~blank) if blank.any() else trimmed


def _is_not_bare(cells: pl.Series) -> pl.Series:
    return (cells == "") | (cells != cells.str.strip_chars())


def _bare(cells: pl.Series) -> pl.Series:
    def read(texts: pl.Series) -> pl.Series:
        bare = texts.str.strip_chars()
        return bare.set(bare == "", None)

    return each_value(cells, read)


# --- text ------------------------------


@dataclass(frozen=True)
class _Text:
    """A text in UTF-8: how it is cut, and where its rows begin."""

    origin: Origin
    delimiter: str
    header: tuple[str, ...]
    first_row: int
    first_byte: int
    piece_bytes: int

    def batches(self) -> Iterator[pl.DataFrame]:
        row, carried = self.first_row, b""
        with self.origin.open() as stream:
            stream.read(self.first_byte)
            for piece, last in pieces_of(stream, self.piece_bytes):
                pieces = [piece]
                while pieces:
                    part = carried + pieces.pop()
                    middle = self._middle(part, len(carried))
                    frame = self._quick(part)
                    if frame is None and middle:
                        pieces += [part[middle:], part[len(carried) : middle]]
                        continue
                    final = last and not pieces
                    if frame is None:
                        frame, carried = self._close(part, final=final)
                    else:
                        frame, carried = self._ended(frame, part, final=final), b""
                    yield _trimmed(frame.with_row_index("row", offset=row))
                    row += len(frame)

    def _middle(self, part: bytes, carried: int) -> int:
        """Return where to part a large piece, so that one odd row does not make others slow.

        Lines carried over are not parted again: 0 where no other line end is near.
        """
        new = len(part) - carried
        if new <= min(_CLOSE_LOOK_BYTES, self.piece_bytes):
            return 0
        return part.rfind(b"\n", carried, carried + new // 2) + 1

    def _quick(self, part: bytes) -> pl.DataFrame | None:
        """Return the rows where the fast reader cuts them as a spreadsheet does, else None."""
        if not is_regular(part, self.delimiter):
            return None
        quoted = b'"' in part
        try:
            frame = self._read(part, self._kinds(part), quoted=quoted)
        except pl.exceptions.PolarsError:  # a row with too many cells
            return None
        if quoted and len(frame) != line_count(part):
            return None  # a cell that goes over a line end
        return frame.with_columns(fault=pl.lit(None, dtype=pl.String))

    def _read(self, part: bytes, kinds: list[Any], *, quoted: bool) -> pl.DataFrame:
        options: dict[str, Any] = {
            "has_header": False,
            "schema": {cell_name(place): kind for place, kind in enumerate(kinds)},
            "separator": self.delimiter,
            "quote_char": '"' if quoted else None,
            "raise_if_empty": False,
        }
        return pl.read_csv(part, **options)

    def _kinds(self, part: bytes) -> list[Any]:
        """Return how to read each column: as Categorical where its first texts are few."""
        texts: list[Any] = [pl.String()] * len(self.header)
        if len(part) < _LOOK_AT_BYTES:
            return texts
        start = part[: part.rfind(b"\n", 0, _LOOK_AT_BYTES) + 1]
        try:
            first = self._read(start, texts, quoted=b'"' in start)
        except pl.exceptions.PolarsError:
            return texts
        # The different texts are held for as long as these rows are, and no longer.
        few = pl.Categorical(pl.Categories.random())
        return [few if cells.n_unique() * _FEW <= len(first) else pl.String() for cells in first]

    def _ended(self, frame: pl.DataFrame, part: bytes, *, final: bool) -> pl.DataFrame:
        """Mark the last row when the text ends in the midst of it."""
        if not final or part.endswith((b"\n", b"\r")) or not len(frame):
            return frame
        line = part[part.rfind(b"\n") + 1 :].decode()
        cells = next(csv.reader([line], delimiter=self.delimiter), [])
        if len(cells) >= len(self.header):
            return frame
        marked = pl.Series("fault", ["cut_off"])
        return pl.concat([frame[:-1], frame[-1:].with_columns(marked)])

    def _close(self, part: bytes, *, final: bool) -> tuple[pl.DataFrame, bytes]:
        """Read cell by cell; strict, because an open quotation mark would swallow other rows."""
        lines = list(io.StringIO(part.decode(), newline=""))
        fed = _Fed(lines)
        reader = csv.reader(fed, delimiter=self.delimiter, strict=True)
        rows: list[list[str]] = []
        faults: list[str | None] = []
        width, whole = len(self.header), part.endswith((b"\n", b"\r"))
        while True:
            began = reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                if fed.ended and not final:
                    return self._framed(rows, faults), self._carried(lines[began:])
                if reader.line_num - began > 1 or (fed.ended and whole):
                    raise self._uncuttable() from None
                rows.append([])
                faults.append("cut_off" if fed.ended else "unreadable")
                continue
            rows.append(cells)
            faults.append("unreadable" if any(cells[width:]) else None)
        if final and not whole and rows and not faults[-1] and len(rows[-1]) < width:
            faults[-1] = "cut_off"
        return self._framed(rows, faults), b""

    def _carried(self, lines: list[str]) -> bytes:
        carried = "".join(lines).encode()
        if len(carried) > _LONGEST_ROW_BYTES:
            raise self._uncuttable()
        return carried

    def _framed(self, rows: list[list[str]], faults: list[str | None]) -> pl.DataFrame:
        cells = {
            cell_name(i): pl.Series(
                [row[i] if i < len(row) else None for row in rows], dtype=pl.String
            )
            for i in range(len(self.header))
        }
        return pl.DataFrame({**cells, "fault": pl.Series(faults, dtype=pl.String)})

    def _uncuttable(self) -> InputError:
        return InputError(
            f"{self.origin.name} cannot be cut into rows: a quotation mark is out of place or "
            "never closed. The file may have been cut off; export it again."
        )


class _Fed:
    """Lines for a reader, and whether it has asked for more than there are."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = iter(lines)
        self.ended = False

    def __iter__(self) -> _Fed:
        return self

    def __next__(self) -> str:
        try:
            return next(self._lines)
        except StopIteration:
            self.ended = True
            raise


def _text_part(origin: Origin, piece_bytes: int, *, name: str = "") -> Part:
    codec = encoding_of(origin)
    text = _looked_at(as_utf8(origin, codec), piece_bytes)
    if text is None:
        return Part(name, ())
    notes = () if codec.startswith("utf-8") else (_said(codec),)
    return Part(name, text.header, notes, lambda: _ahead(text.batches()))


def _said(codec: str) -> str:
    if codec.startswith("utf"):
        return f"The text was read as {spoken(codec)}."
    return "The text is not UTF-8 and was read as Windows-1252."


def _looked_at(origin: Origin, piece_bytes: int) -> _Text | None:
    """Find the header, what parts its cells, and where the rows begin; None without a header."""
    with origin.open() as stream:
        start = stream.read(_HEAD_BYTES)
    # The cut may fall inside a character, and only the first row must be whole.
    lines = list(io.StringIO(start.decode(errors="ignore"), newline=""))
    filled = next((line for line in lines if line.strip(" \t\r\n,;|\0")), None)
    if filled is None:
        return None
    bare = re.sub(r'"[^"]*"', "", filled)
    delimiter = max(_DELIMITERS, key=bare.count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        number, header = next((n, c) for n, c in enumerate(reader, 1) if any(map(str.strip, c)))
    except (csv.Error, StopIteration):
        raise InputError(
            f"The first row of {origin.name} cannot be read: a quotation mark is out of place or "
            "never closed. The file may have been cut off; export it again."
        ) from None
    first_byte = len("".join(lines[: reader.line_num]).encode())
    return _Text(origin, delimiter, tuple(header), number + 1, first_byte, piece_bytes)


def _ahead(batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield the same batches, the next of which is read while somebody works on the last."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch
