"""A downloads folder over real files, and delivered files to put there."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from rokt_helpers.errors import Refused, Unavailable
from rokt_helpers.referrals.tidy import SCHEMA

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HEADER = ("Date/time", "Audience ID", "Audience name", "Country", "Bid price", "Email")


@dataclass(frozen=True)
class Listed:
    name: str
    size_bytes: int
    modified: datetime


class Downloads:
    """Rokt's downloads folder as a local one; ``between`` runs after each download."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads: list[str] = []
        self.refuse: set[str] = set()
        self.fail: set[str] = set()
        self.cut_bytes = 0
        self.downloads_at_once = 4
        self.between: Callable[[], object] = lambda: None

    def put(self, name: str, content: bytes, *, modified: datetime = NOW) -> None:
        """Deliver a file."""
        path = self.folder / name
        path.write_bytes(content)
        os.utime(path, (modified.timestamp(), modified.timestamp()))

    def listing(self) -> Sequence[Listed]:
        """Return what is there."""
        return [
            Listed(p.name, p.stat().st_size, datetime.fromtimestamp(p.stat().st_mtime, tz=UTC))
            for p in sorted(self.folder.iterdir())
        ]

    def download(self, name: str, to: Path) -> None:
        """Copy one file, or fail as told."""
        self.downloads.append(name)
        if name in self.refuse:
            raise Refused("no")
        if name in self.fail:
            raise Unavailable("nobody answers")
        shutil.copyfile(self.folder / name, to)
        if self.cut_bytes:
            os.truncate(to, to.stat().st_size - self.cut_bytes)
        self.between()


class ResumableDownloads(Downloads):
    """A folder that can hand over the rest of a file; the wire breaks after ``breaks_after``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.breaks_after: int | None = None
        self.asked: list[tuple[str, int]] = []

    def download(self, name: str, to: Path, offset: int = 0) -> None:
        """Append what comes after the offset."""
        self.asked.append((name, offset))
        content = (self.folder / name).read_bytes()[offset:]
        with to.open("ab") as file:
            file.write(content[: self.breaks_after])
        if self.breaks_after is not None and self.breaks_after < len(content):
            raise Unavailable("nobody answers")


def delivered(*rows: Sequence[object], header: Sequence[str] = HEADER) -> bytes:
    """Return a delivered file as Rokt might write it."""
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def referrals(**columns: list[object]) -> pl.DataFrame:
    """Return a tidy table with these columns; the others are null."""
    height = len(next(iter(columns.values())))
    data = {name: columns.get(name, [None] * height) for name in SCHEMA}
    return pl.DataFrame(data, schema=SCHEMA)
