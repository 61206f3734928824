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
from rokt_helpers.files import private_folder, write_private
from rokt_helpers.referrals.manifest import synced

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
    """The folder of files that were set aside; made at the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, file: SetAside, content: Path) -> None:
        """Keep a copy of the content, then the reason."""
        private_folder(self._folder).chmod(0o700)
        copy: Callable[[Path], object] = lambda part: shutil.copyfile(content, part)  # noqa: E731
        write_private(self.content(file), copy)
        text = json.dumps(asdict(file), indent=1, default=datetime.isoformat, ensure_ascii=False)
        write_private(self._reason(file), lambda part: synced(part, text + "\n"))

    def files(self) -> list[SetAside]:
        """Return what was set aside, the first one first."""
        found = [_read(path) for path in self._folder.glob("*.json")]
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
        return self._folder / f"{file.sha256}.delivered"

    def remove(self, file: SetAside) -> None:
        """Remove a file and its reason."""
        self._reason(file).unlink(missing_ok=True)
        if all(other.sha256 != file.sha256 for other in self.files()):
            self.content(file).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a crash left without a reason."""
        named = {file.sha256 for file in self.files()}
        for path in self._folder.glob("*.delivered"):
            if path.stem not in named:
                path.unlink()

    def _reason(self, file: SetAside) -> Path:
        # The same content may come under several names: each has its own reason.
        digest = hashlib.sha256(file.name.encode()).hexdigest()
        return self._folder / f"{file.sha256}-{digest[:8]}.json"


def _read(path: Path) -> SetAside:
    item: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    moments = {key: datetime.fromisoformat(item[key]) for key in ("modified", "set_aside_at")}
    return SetAside(**(item | moments))
