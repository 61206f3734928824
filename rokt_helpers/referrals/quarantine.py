"""Delivered files that could not be read, set aside whole, each with the reason beside it.

Law: the file is there before the reason that names it; both are open to their owner only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.manifest import synced
from rokt_helpers.storage import Storage

__all__ = ["Quarantine", "SetAside"]


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
    """One file that was set aside; moments are UTC."""

    name: str
    size_bytes: int
    modified: datetime
    sha256: str
    reason: str
    set_aside_at: datetime
    route: str = ""


class Quarantine:
    """The files that were set aside; their folder is made at the first one."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def add(self, file: SetAside, content: Path) -> None:
        """Keep a copy of the content, then the reason."""
        copy: Callable[[Path], object] = lambda part: shutil.copyfile(content, part)  # noqa: E731
        self._storage.write(_content(file.sha256), copy)
        text = json.dumps(asdict(file), indent=1, default=datetime.isoformat, ensure_ascii=False)
        self._storage.write(_reason(file), lambda part: synced(part, text + "\n"))

    def files(self) -> list[SetAside]:
        """Return what was set aside, the first one first."""
        paths = [self._storage.newest(name) for name in self._storage.names("", ".json")]
        found = [_read(path) for path in paths if path]
        return sorted(found, key=lambda file: (file.set_aside_at, file.name))

    def table(self) -> pl.DataFrame:
        """Return one row per file, its columns the fields of :class:`SetAside`."""
        return pl.DataFrame([asdict(file) for file in self.files()], schema=_SCHEMA)

    def find(self, name: str) -> SetAside:
        """Return the file of this name, the last one set aside.

        Raises
        ------
        InputError
            There is none.
        """
        found = [file for file in self.files() if file.name == name]
        if not found:
            raise InputError("No file of that name was set aside. Vault.quarantined() lists them.")
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

    def sweep(self) -> None:
        """Remove what a crash left without a reason."""
        named = {file.sha256 for file in self.files()}
        there = self._storage.names("", ".delivered")
        self._storage.remove(n for n in there if n.removesuffix(".delivered") not in named)


def _content(sha256: str) -> str:
    return f"{sha256}.delivered"


def _reason(file: SetAside) -> str:
    # The same content may come under several names: each has its own reason.
    digest = hashlib.sha256(file.name.encode()).hexdigest()
    return f"{file.sha256}-{digest[:8]}.json"


def _read(path: Path) -> SetAside:
    item: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    moments = {key: datetime.fromisoformat(item[key]) for key in ("modified", "set_aside_at")}
    return SetAside(**(item | moments))
