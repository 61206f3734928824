"""Delivered files that could not be read, set aside whole, each with the reason beside it.

Law: the file is there before the reason that names it; both are open to their owner only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.manifest import synced
from rokt_helpers.storage import Storage

__all__ = ["ID_CHARACTERS", "Quarantine", "SetAside"]

# So much of the digest names a file, where its own name is nothing to show.
ID_CHARACTERS: Final = 8
_MOMENTS: Final = ("modified", "set_aside_at", "discarded_at")
_SCHEMA: Final[dict[str, pl.DataType]] = {
    "name": pl.String(),
    "size_bytes": pl.Int64(),
    "modified": pl.Datetime("us", "UTC"),
    "sha256": pl.String(),
    "reason": pl.String(),
    "set_aside_at": pl.Datetime("us", "UTC"),
    "route": pl.String(),
}


@dataclass(frozen=True)
class SetAside:
    """One file that was set aside; moments are UTC.

    ``discarded_at`` is when a person removed it: its content and the reason are gone then, and what
    stays keeps the same file from being collected again.
    """

    name: str
    size_bytes: int
    modified: datetime
    sha256: str
    reason: str
    set_aside_at: datetime
    route: str = ""
    discarded_at: datetime | None = None


class Quarantine:
    """The files that were set aside; their folder is made at the first one."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def add(self, file: SetAside, content: Path) -> None:
        """Keep a copy of the content, then the reason."""
        copy: Callable[[Path], object] = lambda part: shutil.copyfile(content, part)  # noqa: E731
        self._storage.write(_content(file.sha256), copy)
        self._write_reason(file)

    def files(self) -> list[SetAside]:
        """Return what lies aside, the first one first."""
        return [file for file in self.known() if file.discarded_at is None]

    def known(self) -> list[SetAside]:
        """Return what was ever set aside and not read since, what a person removed among it.

        Raises
        ------
        InputError
            When what is written of one cannot be read.
        """
        paths = [self._storage.newest(name) for name in self._storage.names("", ".json")]
        found = [_read(path) for path in paths if path]
        return sorted(found, key=lambda file: (file.set_aside_at, file.name))

    def table(self) -> pl.DataFrame:
        """Return one row per file that lies aside: the fields of :class:`SetAside` up to route."""
        rows = [{name: getattr(file, name) for name in _SCHEMA} for file in self.files()]
        return pl.DataFrame(rows, schema=_SCHEMA)

    def find(self, name: str) -> SetAside:
        """Return the file of this name, or whose digest begins so; the last one set aside.

        Raises
        ------
        InputError
            There is none.
        """
        found = [file for file in self.files() if file.name == name or _begins(file.sha256, name)]
        if not found:
            raise InputError(
                "No file of that name lies aside. `rokt referrals aside` lists those that do."
            )
        return found[-1]

    def content(self, file: SetAside) -> Path:
        """Return where the file lies, as it was delivered."""
        [path] = self._storage.fetch([_content(file.sha256)])
        return path

    def remove(self, file: SetAside) -> None:
        """Remove a file and its reason."""
        self._storage.remove([_reason(file)])
        if all(other.sha256 != file.sha256 for other in self.files()):
            self._storage.remove([_content(file.sha256)])

    def discard(self, file: SetAside, *, now: datetime) -> None:
        """Remove a file and its reason, and remember only that it is not wanted."""
        self._write_reason(replace(file, reason="", discarded_at=now))
        self.sweep()

    def _write_reason(self, file: SetAside) -> None:
        text = json.dumps(asdict(file), indent=1, default=datetime.isoformat, ensure_ascii=False)
        self._storage.write(_reason(file), lambda part: synced(part, text + "\n"))

    def sweep(self) -> None:
        """Remove content that no file needs any more: of a crash, or discarded."""
        named = {file.sha256 for file in self.files()}
        there = self._storage.names("", ".delivered")
        self._storage.remove(n for n in there if n.removesuffix(".delivered") not in named)


def _content(sha256: str) -> str:
    return f"{sha256}.delivered"


def _reason(file: SetAside) -> str:
    # The same content may come under several names: each has its own reason.
    digest = hashlib.sha256(file.name.encode()).hexdigest()
    return f"{file.sha256}-{digest[:8]}.json"


def _begins(sha256: str, start: str) -> bool:
    return len(start) >= ID_CHARACTERS and sha256.startswith(start.lower())


def _read(path: Path) -> SetAside:
    try:
        item: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        names = [name for name in _MOMENTS if item.get(name) is not None]
        return SetAside(**(item | {name: datetime.fromisoformat(item[name]) for name in names}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"What is written of a file that was set aside cannot be read: quarantine/{path.name}. "
            "Bring it back from a backup, or remove it: the file is then collected anew, if it "
            "still lies there."
        ) from None
