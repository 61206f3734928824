"""Read lists kept as text: CSV, TSV, TXT, whatever the delimiter and however dirty.

The law kept here: every physical row comes out exactly once, with the number a spreadsheet shows,
as text or marked as unreadable.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import looks_like
from rokt_helpers.tables.regularity import ABSENT, regularity
from rokt_helpers.tables.table import SAMPLE_ROWS, Rows, SourceFacts, Table, distinct_names

__all__ = ["open_file"]

_SNIFF_BYTES: Final = 256 * 1024
_DELIMITERS: Final = (",", ";", "\t", "|")
_SUFFIXES: Final = {".csv", ".txt", ".tsv"}
# The longest mark first: the mark of UTF-32 begins with the one of UTF-16.
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
DELIMITER_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def open_file(path: Path, *, header: bool | None) -> Table:
    """Look at a CSV, TSV or TXT file: encoding, delimiter, header, columns, a sample."""
    start = _first_bytes(path)
    encoding = next((e for mark, e in _MARKS if start.startswith(mark)), "utf-8")
    text = _decode(start, encoding, whole=len(start) < _SNIFF_BYTES)
    _refuse_nul_text(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blank = next((i for i, line in enumerate(lines) if line.replace("\0", "").strip()), None)
    if blank is None:
        raise InputError(f"{path.name} is empty. Export the list again and try once more.")
    delimiter = _sniff_delimiter(lines[blank:])
    shape = _Shape(path, encoding, delimiter, blank)
    first, sample_rows = _sample(shape)
    has_header = _is_header(first) if header is None else header
    names = distinct_names(first) if has_header else [f"column_{i + 1}" for i in range(len(first))]
    first_row = blank + (2 if has_header else 1)
    cells = sample_rows if has_header else [first, *sample_rows]
    facts = SourceFacts(
        kind="file",
        name=path.name,
        columns=tuple(names),
        first_row=first_row,
        encoding={"utf-8-sig": "utf-8 with byte-order mark"}.get(encoding, encoding),
        delimiter=DELIMITER_NAMES.get(delimiter),
        header=has_header,
    )
    sample = pl.DataFrame(
        {name: [row[i] if i < len(row) else None for row in cells] for i, name in enumerate(names)},
        schema=dict.fromkeys(names, pl.String),
    )
    return Table(facts, sample, lambda index: _read_file(shape, facts, index))


@dataclass(frozen=True)
class _Shape:
    """How the bytes of a file are to be cut into cells."""

    path: Path
    encoding: str
    delimiter: str
    blank_lines: int

    def reader(self) -> Iterator[list[str]]:
        """Yield every physical row after the leading blank lines; slow, forgiving."""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            for _ in range(self.blank_lines):
                next(stream)
            quotes = 0

            def counted() -> Iterator[str]:
                nonlocal quotes
                for line in stream:
                    quotes += line.count('"')
                    yield line

            rows = csv.reader(counted(), delimiter=self.delimiter)
            before = 0
            for row in rows:
                lines_in_row, before = rows.line_num - before, rows.line_num
                yield row
            if quotes % 2 and before and lines_in_row > 1:
                raise csv.Error("a quotation mark was opened and never closed")


def _first_bytes(path: Path) -> bytes:
    if not path.exists():
        raise InputError(
            f"There is no file {path}. It was looked for from the folder {Path.cwd()}; "
            "give the whole path, or put the file into inbox/."
        )
    if path.is_dir():
        raise InputError(f"{path} is a folder. Name one file in it.")
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"{path.name} is not a kind that can be read. Save the list as .csv or .txt in UTF-8."
        )
    try:
        with path.open("rb") as stream:
            return stream.read(_SNIFF_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}.") from None


def _decode(start: bytes, encoding: str, *, whole: bool) -> str:
    # A cut may fall inside a character, so the last few bytes of a long file may be dropped.
    for cut in range(1 if whole else 5):
        try:
            return start[: len(start) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(_NOT_UTF8)


def _refuse_nul_text(text: str) -> None:
    # UTF-16 without its mark decodes as UTF-8, with a NUL beside every letter.
    if text.count("\0") * 3 > len(text):
        raise InputError(_NOT_UTF8)


_NOT_UTF8: Final = (
    "The file is not UTF-8, so letters outside English would get wrong digests. "
    'Save it again as "CSV UTF-8" and try once more.'
)


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


def _sample(shape: _Shape) -> tuple[list[str], list[list[str]]]:
    rows = []
    try:
        for row in shape.reader():
            rows.append(row)
            if len(rows) > SAMPLE_ROWS:
                break
    except UnicodeDecodeError:
        raise InputError(_NOT_UTF8) from None
    except csv.Error:
        raise InputError(_unreadable(shape)) from None
    return rows[0], rows[1:]


def _unreadable(shape: _Shape) -> str:
    return (
        f"{shape.path.name} cannot be cut into rows: most often a quotation mark was opened and "
        "never closed. Export the list again, quoting every cell or none."
    )


def _is_header(first: list[str]) -> bool:
    """Tell whether a first row is a header: none of its cells is an address or a digest."""
    looks = pl.DataFrame({"cell": first}, schema={"cell": pl.String}).select(
        looks_like(pl.col("cell"))
    )
    return all(look in {None, "other"} for look in looks.to_series())


def _read_file(shape: _Shape, facts: SourceFacts, index: int) -> Rows:
    if shape.encoding in {"utf-8", "utf-8-sig"}:
        kind = regularity(shape.path, delimiter=shape.delimiter)
        if kind != "irregular":
            try:
                return _read_fast(shape, facts, index, quote='"' if kind == "quoted" else None)
            except pl.exceptions.PolarsError:
                # Its message would show the row it stumbled over; the forgiving reader says which.
                pass
    return _read_forgiving(shape, facts, index)


def _read_fast(shape: _Shape, facts: SourceFacts, index: int, *, quote: str | None) -> Rows:
    cells = pl.scan_csv(
        shape.path,
        has_header=False,
        schema={f"column_{i}": pl.String for i in range(len(facts.columns))},
        separator=shape.delimiter,
        quote_char=quote,
        skip_lines=shape.blank_lines + bool(facts.header),
        raise_if_empty=False,
    )
    # A row with too many cells is only noticed, and raises, where every column is asked for.
    whole = pl.struct(pl.all()).is_not_null()
    rows = cells.select(text=f"column_{index}", whole=whole).collect(engine="streaming")
    return (
        rows.lazy()
        .select("text")
        .with_row_index("row", offset=facts.first_row)
        .with_columns(unreadable=pl.lit(value=False))
    )


def _read_forgiving(shape: _Shape, facts: SourceFacts, index: int) -> Rows:
    width = len(facts.columns)
    texts: list[str | None] = []
    unreadable: list[bool] = []
    rows = shape.reader()
    try:
        if facts.header:
            next(rows)
        for row in rows:
            texts.append(row[index] if index < len(row) else None)
            unreadable.append(any(cell.strip() for cell in row[width:]))
    except UnicodeDecodeError:
        raise InputError(_NOT_UTF8) from None
    except csv.Error:
        raise InputError(_unreadable(shape)) from None
    frame = pl.DataFrame(
        {"text": texts, "unreadable": unreadable},
        schema={"text": pl.String, "unreadable": pl.Boolean},
    )
    return frame.lazy().with_row_index("row", offset=facts.first_row).select(
        "row", "text", "unreadable"
    )  # fmt: skip
