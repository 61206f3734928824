"""Read the CSV of the newer SFTP, and turn each row back into a batch of the Events API.

Pure. Strict by RFC 4180 and by mParticle's pages on its custom CSV feed. A file whose header does
not fit is refused; a row that does not fit fails alone. No reason repeats what stands in a cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.feed_files import CsvFile
from rokt_helpers.sandbox.file_rules import RejectedUpload

__all__ = ["read_rows"]

_CELL: Final = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
_RECORD: Final = re.compile(f"{_CELL}(?:,{_CELL})*")
_NAMES: Final = {
    "user_identities": contract.FEED_IDENTITY_COLUMNS,
    "device_info": contract.FEED_DEVICE_COLUMNS,
    "events.data": (*contract.FEED_EVENT_COLUMNS, contract.FEED_MESSAGE_ID_COLUMN),
}
_KNOWN: Final = frozenset({
    *contract.FEED_ROOT_COLUMNS,
    *(f"{branch}.{name}" for branch, names in _NAMES.items() for name in names),
})  # fmt: skip
_EVENT: Final = "events."
_NEEDED_BY_EVENTS: Final = ("events.data.event_name", "events.data.custom_event_type")
_NUMBERS: Final = ("timestamp_unixtime_ms", "mpid")
_TRUTHS: Final = {"true": True, "false": False}


def read_rows(file: CsvFile) -> Iterator[dict[str, Any] | str]:
    """Yield each row as a batch as the Events API takes it, or why it fails.

    Raises
    ------
    RejectedUpload
        The file as a whole breaks a rule, before the first row is given.
    """
    records = _records(_text(file.content))
    header = _header(records, has_events=file.has_events)
    return (_row(header, record, has_events=file.has_events) for record in records)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise RejectedUpload("the text is not UTF-8") from None


def _records(text: str) -> Iterator[str]:
    """Yield each record without the end of its line; a line end in quotes does not end it."""
    records, open_lines, quotes = [], [], 0
    lines = text.split("\n")
    for line in lines if lines[-1] else lines[:-1]:
        open_lines.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            records.append("\n".join(open_lines).removesuffix("\r"))
            open_lines, quotes = [], 0
    if open_lines:
        raise RejectedUpload("the file ends inside quotes")
    return iter(records)


def _cells(record: str) -> list[str]:
    """Return the cells of a record; a row without quotes and odd line ends needs no more."""
    if not _RECORD.fullmatch(record):
        raise BadRequest("the row is not in the form of RFC 4180")
    return next(csv.reader([record], strict=True)) if '"' in record else record.split(",")


def _header(records: Iterator[str], *, has_events: bool) -> list[str]:
    first = next(records, "")
    try:
        header = _cells(first)
    except BadRequest:
        raise RejectedUpload("the header is not in the form of RFC 4180") from None
    if not first:
        raise RejectedUpload("the file has no header")
    if len(header) > contract.MAX_FEED_COLUMNS:
        raise RejectedUpload(f"more than {contract.MAX_FEED_COLUMNS} columns")
    if len(set(header)) < len(header):
        raise RejectedUpload("two columns have the same name")
    for number, name in enumerate(header, start=1):
        _check_column(name, number, has_events=has_events)
    if has_events and not set(_NEEDED_BY_EVENTS) <= set(header):
        raise RejectedUpload(f"a file of events has the columns {' and '.join(_NEEDED_BY_EVENTS)}")
    return header


def _check_column(name: str, number: int, *, has_events: bool) -> None:
    branches = (branch for branch in contract.FEED_BRANCHES if name.startswith(f"{branch}."))
    if name not in _KNOWN and next(branches, name) == name:
        raise RejectedUpload(f"column {number} is not one that is known, or there is no header")
    if name.startswith(_EVENT) and not has_events:
        raise RejectedUpload(f"column {number} is of an event, and the file's name says eventless")


def _row(header: Sequence[str], record: str, *, has_events: bool) -> dict[str, Any] | str:
    most = contract.MAX_FEED_ROW_BYTES
    if len(record.encode()) > most:
        return f"the row is larger than {most:,} bytes"
    try:
        cells = _cells(record)
    except BadRequest as reason:
        return str(reason)
    if len(cells) != len(header):
        return "the row has another number of cells than the header"
    return _batch(
        {name: cell for name, cell in zip(header, cells, strict=True) if cell},
        has_events=has_events,
    )


def _batch(row: dict[str, str], *, has_events: bool) -> dict[str, Any]:
    """Return a row as JSON would have it; a cell that is empty is a value that is not there."""
    batch: dict[str, Any] = {"environment": contract.FEED_MISSING_ENVIRONMENT}
    event: dict[str, Any] = {"event_type": contract.EVENT_TYPE, "data": {}}
    for path, text in row.items():
        _place(event if path.startswith(_EVENT) else batch, path.removeprefix(_EVENT), text)
    # The feed has one place for the click id, the API two.
    click_id = batch.get("user_identities", {}).get(contract.CLICK_ID_IDENTITY)
    if click_id is not None:
        module = {contract.CLICK_ID_ATTRIBUTE: click_id}
        batch["integration_attributes"] = {contract.CLICK_ID_MODULE: module}
    return batch | {"events": [event]} if has_events else batch


def _place(here: dict[str, Any], path: str, text: str) -> None:
    """Put a cell where its path leads; what follows a free branch is one name, dots and all."""
    depth = 2 if path.startswith("data.custom_attributes.") else 1
    *folders, name = path.split(".", depth)
    for folder in folders:
        here = here.setdefault(folder, {})
    here[name] = _value(folders, name, text)


def _value(folders: Sequence[str], name: str, text: str) -> object:
    """Return a text as what it stands for: a feed has no numbers and no truths of its own."""
    if folders == ["user_attributes"]:
        return _TRUTHS.get(text, text)
    is_number = folders in ([], ["data"]) and name in _NUMBERS and text.isascii() and text.isdigit()
    return int(text) if is_number else text
