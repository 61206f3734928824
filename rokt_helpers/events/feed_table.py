"""Batches of the Event and Audience API as the CSV file of Rokt's newer SFTP integration.

One batch is one row, and a column is the path of a value inside the batch, its parts joined by
dots. The same lines go over both wires, so what a plan shows is what either of them carries.

Sources: blocks "Limits" and "Columns" of :mod:`rokt_helpers.contract.feed`; RFC 4180.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import InputError

__all__ = ["FeedFile", "feed_csv"]

_LINE_END: Final = "\r\n"  # RFC 4180
# A feed knows text only, and a number written as text keeps all its digits. A quote inside a text
# has a backslash before it, so what follows a quote and a colon is the value of a key …
_BARE: Final = "-?[0-9][0-9.eE+-]*|true|false"
_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_BARE_VALUE: Final = rf'([^\\]":\s*)({_BARE})'
_AS_TEXT: Final = '${1}"${2}"'
_ANY_VALUE: Final = rf'([^\\]":\s*)({_TEXT}|{_BARE})'
_EMPTIED: Final = '${1}""'
# … but where a text begins with a colon, or ends with a backslash. Then each text gets a mark
# behind it, a character that no JSON has, and what follows a mark and a colon is the value.
_ODD_TEXT: Final = r'[:,{\[\\]\s*":'
_MARKED: Final = "$0\x02"
_BARE_MARKED: Final = rf"\x02(\s*:\s*)({_BARE})"
_PART_ROWS: Final = 25_000
_EVENT_TYPE: Final = "events.event_type"
# What a batch holds and a feed has no certain column for: an id of the request, which is no part
# of a person's data, and the second place of the click id, whose first is an identity.
_NO_COLUMN: Final = (
    "source_request_id",
    f"integration_attributes.{contract.CLICK_ID_MODULE}.{contract.CLICK_ID_ATTRIBUTE}",
)
_PERSON, _EVENT = contract.FEED_BRANCHES
# The columns there can be, and the order of the header. Below the two branches any name goes.
_COLUMNS: Final = (
    *contract.FEED_ROOT_COLUMNS,
    *(f"user_identities.{name}" for name in contract.FEED_IDENTITY_COLUMNS),
    *(f"device_info.{name}" for name in contract.FEED_DEVICE_COLUMNS),
    _PERSON,
    *(f"events.data.{name}" for name in contract.FEED_EVENT_COLUMNS),
    # The path is inferred: mParticle's list of columns does not have it.
    f"events.data.{contract.FEED_MESSAGE_ID_COLUMN}",
    _EVENT,
)
# A feed has the names that Rokt's clients use, and never those of mParticle's schema.
_RENAMED: Final = {
    f"user_identities.{theirs}": f"user_identities.{ours}"
    for ours, theirs in contract.IDENTITY_SPELLINGS.items()
}
_QUOTES: Final = '[",\r\n]'


@dataclass(frozen=True)
class FeedFile:
    """One file for the feed.

    Attributes
    ----------
    content
        A header and a row a batch, UTF-8; lines end in CR LF.
    columns
        The header. Every value is text, and empty where a batch does not have it.
    has_events
        Whether rows hold an event: such a file has another name.
    left_out
        What the batches hold and the file does not, as paths.
    """

    content: bytes = field(repr=False)
    columns: tuple[str, ...]
    has_events: bool
    left_out: tuple[str, ...]


def feed_csv(lines: pl.Series) -> FeedFile:
    """Return batches, one JSON object a line, as one file.

    Raises
    ------
    InputError
        When there are too many columns, a row is too long, a batch has several events or holds
        what a feed has no column for, or only some batches have an event.
    """
    leaves = list(_leaves(_decoded(lines), ""))
    has_events = _prove_events([leaf for leaf in leaves if leaf.name == _EVENT_TYPE])
    columns = [leaf for leaf in leaves if _is_column(leaf.name)]
    table = pl.DataFrame(sorted(columns, key=lambda column: _place(column.name)))
    _prove_width(table.columns)
    _prove_length(table)
    memory = io.BytesIO()
    table.write_csv(memory, line_terminator=_LINE_END, quote_style="necessary")
    return FeedFile(
        content=memory.getvalue(),
        columns=tuple(table.columns),
        has_events=has_events,
        left_out=tuple(name for name in _NO_COLUMN if any(leaf.name == name for leaf in leaves)),
    )


def _decoded(lines: pl.Series) -> pl.Series:
    if not len(lines):
        raise InputError("There is no batch to write into a file.")
    line = pl.col(lines.name).str
    if lines.str.contains(_ODD_TEXT).any():
        marked = line.replace_all(_TEXT, _MARKED).str.replace_all(_BARE_MARKED, _AS_TEXT)
        texts = _in_parts(lines, marked.str.replace_all("\x02", "", literal=True))
        return texts.str.json_decode(infer_schema_length=None)
    # What there is to read is in the lines without their values, and of those there are few.
    shapes = _in_parts(lines, line.replace_all(_ANY_VALUE, _EMPTIED).unique()).unique()
    shape = shapes.sort().str.json_decode(infer_schema_length=None).dtype
    return _in_parts(lines, line.replace_all(_BARE_VALUE, _AS_TEXT).str.json_decode(shape))


def _in_parts(lines: pl.Series, work: pl.Expr) -> pl.Series:
    """Do the same to parts of a series on all processors at once; alone, each takes one of them."""
    frame = lines.to_frame().lazy()
    parts = [frame.slice(at, _PART_ROWS).select(work) for at in range(0, len(lines), _PART_ROWS)]
    return pl.concat(pl.collect_all(parts)).to_series()


def _leaves(column: pl.Series, path: str) -> Iterator[pl.Series]:
    """Give the texts below a column, each named by its path; what is nowhere set is passed over."""
    if isinstance(column.dtype, pl.Struct):
        # Not by name: to polars a name such as "*" stands for several.
        for below in column.struct.unnest().get_columns():
            yield from _leaves(below, f"{path}.{below.name}" if path else below.name)
    elif path == "events" and isinstance(column.dtype, pl.List):
        yield from _leaves(_only_event(column), path)
    elif column.null_count() < len(column):
        if column.dtype != pl.String:
            raise InputError(f"{path} holds lists, and a feed takes single values only.")
        yield column.alias(_RENAMED.get(path, path))


def _only_event(column: pl.Series) -> pl.Series:
    several = int((column.list.len() > 1).sum())
    if several:
        raise InputError(
            f"{several:,} batches hold several events, and a row of the feed takes one. Write each "
            "event as a batch of its own."
        )
    return column.list.first()


def _prove_events(types: list[pl.Series]) -> bool:
    """Tell whether there are events; the file's name says their type, so all have the same."""
    if not types:
        return False
    other = len(types[0]) - int((types[0] == contract.EVENT_TYPE).sum())
    if other:
        raise InputError(
            f"{other:,} batches hold no event of type {contract.EVENT_TYPE} and others do: one "
            "file of the feed takes one type. Send them in two deliveries."
        )
    return True


def _is_column(path: str) -> bool:
    if path == _EVENT_TYPE or path in _NO_COLUMN:
        return False
    if _place(path)[0] < 0:
        raise InputError(f"{path} has no column in the feed. Send it over the Events API.")
    return True


def _place(path: str) -> tuple[int, str]:
    """Return where in the header a column stands; what is free is in the order of its names."""
    branches = (branch for branch in contract.FEED_BRANCHES if path.startswith(f"{branch}."))
    column = next(branches, path)
    return _COLUMNS.index(column) if column in _COLUMNS else -1, path


def _prove_width(columns: list[str]) -> None:
    most = contract.MAX_FEED_COLUMNS
    if len(columns) > most:
        raise InputError(
            f"{len(columns):,} columns, and a file of the feed takes at most {most}. Leave "
            f"{len(columns) - most:,} out of the mapping, or send over the Events API."
        )


def _prove_length(table: pl.DataFrame) -> None:
    """Count a row's bytes as it is written; the quick look before is never too small."""
    most = contract.MAX_FEED_ROW_BYTES
    at_most = pl.sum_horizontal(pl.all().str.len_bytes().fill_null(0) * 2 + 3)
    suspects = table.filter(at_most > most)
    too_long = int((_row_bytes(suspects) > most).sum())
    if too_long:
        raise InputError(
            f"{too_long:,} rows have more than {most:,} bytes, which the feed does not take. "
            "Leave out a column with long texts."
        )


def _row_bytes(table: pl.DataFrame) -> pl.Series:
    """Return the bytes of each row as it is written, with the end of its line."""
    cell = pl.all().str
    quotes = pl.when(cell.contains(_QUOTES)).then(cell.count_matches('"', literal=True) + 2)
    cells = (cell.len_bytes() + quotes.otherwise(0)).fill_null(0) + len(",")
    # One comma less than cells, and two characters that end the line.
    return table.select(pl.sum_horizontal(cells) - 1 + len(_LINE_END)).to_series()
