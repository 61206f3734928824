"""The list of what was collected: one line of JSON for each delivered file, only ever added to.

Law: a line is there whole or not at all. What stands after the last line end is what a crash left,
and counts for nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.storage import Storage

__all__ = ["KeptFile", "Manifest", "files_table", "kept_from", "synced"]

_NAME: Final = "manifest.jsonl"
_VERSION: Final = 2
_HEAD: Final = {"kind": "vault", "version": _VERSION}
_LISTS: Final = ("notes", "parts", "days", "columns")
_MOMENT: Final = pl.Datetime("us", "UTC")
_FILES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "name": pl.String(),
    "size_bytes": pl.Int64(),
    "modified": _MOMENT,
    "sha256": pl.String(),
    "rows": pl.Int64(),
    "duplicates": pl.Int64(),
    "rejected": pl.Int64(),
    "collected_at": _MOMENT,
    "notes": pl.List(pl.String()),
    "same_as": pl.String(),
    "route": pl.String(),
    "days": pl.List(pl.String()),
    "columns": pl.List(pl.String()),
    "rejected_by_reason": pl.List(pl.Struct({"reason": pl.String(), "rows": pl.Int64()})),
    "fields": pl.String(),
    "erased": pl.Int64(),
}
_PAIRS: Final = ("headers", "rejected_by_reason")


@dataclass(frozen=True)
class KeptFile:
    """One delivered file as the manifest knows it; moments are UTC, ``rows`` are those kept.

    ``same_as`` names the file that brought the same content before; then nothing was added.

    Attributes
    ----------
    route
        How it came: ``sftp``, ``import`` …
    parts
        The Parquet files of its rows, below the folder of rows.
    days
        The days its rows are of, duplicates too, as ISO text; ``unknown`` for rows without one.
    columns
        The columns of the tidy table that it delivered.
    headers
        Our name of each delivered column, and its header.
    rejected_by_reason
        Reason, and how many rows were rejected for it.
    fields
        The fingerprint of the field rules it was read with.
    erased
        How many of ``rows`` were erased since, on somebody's wish.
    """

    name: str
    size_bytes: int
    modified: datetime
    sha256: str
    rows: int
    duplicates: int
    rejected: int
    collected_at: datetime
    notes: tuple[str, ...] = ()
    same_as: str | None = None
    route: str = ""
    parts: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    rejected_by_reason: tuple[tuple[str, int], ...] = ()
    fields: str = ""
    erased: int = 0

    @property
    def rows_in(self) -> int:
        """Return how many rows the file delivered."""
        return self.rows + self.duplicates + self.rejected


class Manifest:
    """The manifest of one vault, read as far as it has grown since it was read last."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._forget()

    def entries(self) -> list[KeptFile]:
        """Return every file that was collected, the first one first.

        Raises
        ------
        InputError
            A line of the manifest cannot be read.
        """
        self._read()
        return list(self._entries)

    def knows(self, name: str, size_bytes: int, modified: datetime) -> bool:
        """Tell whether this very file is listed; ``modified`` in UTC."""
        self._read()
        return (name, size_bytes, modified) in self._known

    def first_with(self, sha256: str) -> KeptFile | None:
        """Return the file that brought this content first."""
        self._read()
        place = self._by_digest.get(sha256)
        return None if place is None else self._entries[place]

    def parts_by_day(self) -> dict[frozenset[str], dict[str, list[str]]]:
        """Return the Parquet files of each day, by the columns that their files delivered."""
        self._read()
        return self._parts

    def add(self, entry: KeptFile) -> None:
        """Add a line for a file; it is on disk when this returns."""
        self._append({"kind": "file", **asdict(entry)})

    def erased(self, changed: Mapping[str, tuple[Iterable[str], int]]) -> None:
        """Note new parts, and how many rows fewer they hold, of files named by their digest."""
        files = {key: {"parts": list(parts), "erased": n} for key, (parts, n) in changed.items()}
        self._append({"kind": "erased", "files": files})

    def write_all(self, entries: Iterable[KeptFile]) -> None:
        """Put a manifest of these files in place at once."""
        lines = [_HEAD, *({"kind": "file", **asdict(entry)} for entry in entries)]
        text = "".join(_line(line) for line in lines)
        self._storage.write(_NAME, lambda part: synced(part, text))
        self._forget()

    def _forget(self) -> None:
        self._bytes_read = 0
        self._entries: list[KeptFile] = []
        self._by_digest: dict[str, int] = {}
        self._known: set[tuple[str, int, datetime]] = set()
        self._parts: dict[frozenset[str], dict[str, list[str]]] = {}

    def _append(self, line: dict[str, Any]) -> None:
        if self._storage.newest(_NAME) is None:
            self.write_all([])
        self._read()
        # Behind what was read, over half a line that a crash left.
        self._storage.append(_NAME, _line(line), after_bytes=self._bytes_read)

    def _read(self) -> None:
        path = self._storage.newest(_NAME)
        if path is None:
            self._forget()
            return
        if path.stat().st_size < self._bytes_read:
            self._forget()
        with path.open("rb") as file:
            file.seek(self._bytes_read)
            grown = file.read()
        whole = grown[: grown.rfind(b"\n") + 1]
        try:
            for line in whole.splitlines():
                self._take(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            self._forget()
            raise InputError(
                "The manifest of the referral vault cannot be read. Put back manifest.jsonl from "
                "a backup, or move the vault's folder away and collect again."
            ) from error
        self._bytes_read += len(whole)

    def _take(self, line: dict[str, Any]) -> None:
        kind = line.pop("kind")
        if kind == "file":
            entry = kept_from(line)
            self._by_digest.setdefault(entry.sha256, len(self._entries))
            self._known.add((entry.name, entry.size_bytes, entry.modified))
            self._entries.append(entry)
            self._index(entry)
        elif kind == "erased":
            for digest, found in line["files"].items():
                place = self._by_digest[digest]
                entry = self._entries[place]
                self._entries[place] = replace(
                    entry, parts=tuple(found["parts"]), erased=entry.erased + found["erased"]
                )
            self._parts = {}
            for entry in self._entries:
                self._index(entry)
        elif line != {"version": _VERSION}:
            raise ValueError(kind)

    def _index(self, entry: KeptFile) -> None:
        if entry.parts:
            days = self._parts.setdefault(frozenset(entry.columns), {})
            for part in entry.parts:
                day = part.partition("/")[0].removeprefix("day=")
                days.setdefault(day, []).append(part)


def kept_from(item: Mapping[str, Any]) -> KeptFile:
    """Return the entry that plain values describe."""
    moments = {key: datetime.fromisoformat(item[key]) for key in ("modified", "collected_at")}
    lists = {key: tuple(item.get(key, ())) for key in _LISTS}
    pairs = {key: tuple((a, b) for a, b in item.get(key, ())) for key in _PAIRS}
    return KeptFile(**{**item, **moments, **lists, **pairs})


def files_table(entries: Iterable[KeptFile]) -> pl.DataFrame:
    """Return one row per file: the fields of :class:`KeptFile` but parts and headers."""
    return pl.DataFrame([_plain(entry) for entry in entries], schema=_FILES_SCHEMA)


def _plain(entry: KeptFile) -> dict[str, Any]:
    reasons = [{"reason": reason, "rows": rows} for reason, rows in entry.rejected_by_reason]
    return {**asdict(entry), "rejected_by_reason": reasons}


def synced(path: Path, text: str) -> None:
    """Write a text and wait for the disk."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, default=datetime.isoformat, ensure_ascii=False) + "\n"
