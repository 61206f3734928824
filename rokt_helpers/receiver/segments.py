"""The form of the journal: one record a line, with its length and digest before it. Pure.

A process may be ended in the midst of a line. Such a last line fails its own measure and counts
as never written, which is right: its referral was not answered yet.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

__all__ = ["Segment", "header", "record"]

VERSION: Final = 1
_DIGEST: Final = 16
_FRONT: Final = 8 + 1 + _DIGEST + 1  # length, blank, digest, blank


@dataclass(frozen=True)
class Segment:
    """What stands in one file of the journal.

    Attributes
    ----------
    columns
        The columns of its rows.
    rows
        Column → text.
    keys
        What a later duplicate would be known by.
    last
        When the last row came; None where there is none.
    damaged
        Lines that fail their measure, but for a last one cut off.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)
    last: datetime | None = None
    damaged: int = 0

    @classmethod
    def of(cls, content: bytes) -> Segment:
        """Read a file of the journal, as much of it as was written."""
        *lines, tail = content.split(b"\n")
        read = [_opened(line) for line in lines]
        # The last line was never finished when it has no end, or an end and a false measure.
        torn = bool(read) and read[-1] is None and not tail
        damaged = sum(1 for item in read if item is None) - torn
        first = read[0] if read and read[0] is not None else {}
        found = [item for item in read if item is not None and "row" in item]
        return cls(
            columns=tuple(first.get("columns", ()))
            or tuple({n: 0 for r in found for n in r["row"]}),
            rows=tuple(item["row"] for item in found),
            keys=tuple(key for item in found for key in item["keys"]),
            last=datetime.fromisoformat(found[-1]["at"]) if found else None,
            damaged=damaged,
        )

    def as_csv(self) -> bytes:
        """Return the rows as the CSV file that Rokt might have delivered; UTF-8."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(self.columns)
        writer.writerows([row.get(name, "") for name in self.columns] for row in self.rows)
        return text.getvalue().encode()


def header(columns: Sequence[str]) -> bytes:
    """Return the first line of a file."""
    return _closed({"version": VERSION, "columns": list(columns)})


def record(row: Mapping[str, str], keys: Sequence[str], at: datetime) -> bytes:
    """Return the line of one referral."""
    return _closed({"at": at.isoformat(), "keys": list(keys), "row": dict(row)})


def _closed(item: Mapping[str, Any]) -> bytes:
    body = json.dumps(item, separators=(",", ":")).encode()
    return f"{len(body):08x} {_digest(body)} ".encode() + body + b"\n"


def _opened(line: bytes) -> dict[str, Any] | None:
    """Return what the line holds; None where it fails its measure."""
    front, body = line[:_FRONT], line[_FRONT:]
    if front != f"{len(body):08x} {_digest(body)} ".encode():
        return None
    item: dict[str, Any] = json.loads(body)
    return item


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:_DIGEST]
