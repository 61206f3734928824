"""Files in a folder of this computer, or of a disk that is mounted here."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from errno import EXDEV
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.files import private_folder, write_private
from rokt_helpers.storage.storage import Storage

__all__ = ["LocalStorage"]

# What the group of a folder that is shared may do, beside the owner.
_GROUP_FILE: Final = 0o660
_GROUP_FOLDER: Final = 0o2770


class LocalStorage(Storage):
    """A folder, made at its first use.

    Parameters
    ----------
    shared
        The group of the folder may read and write, too; otherwise its owner only.
    """

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self.folder = folder
        self._shared = shared

    def below(self, folder: str) -> LocalStorage:
        """Return the same, for a folder in it."""
        return LocalStorage(self.folder / folder, shared=self._shared)

    # --- writing ------------------------------

    def write(self, name: str, write: Callable[[Path], object]) -> None:
        """Let ``write`` fill a file beside the target, then put it in place at once."""
        path = self._with_folder(name)
        write_private(path, write)
        self._open_to_group(path)

    def put(self, part: Path, name: str) -> None:
        """Give a file its final name once its bytes are on disk; the name is, too, if it can be."""
        target = self._with_folder(name)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        try:
            part.replace(target)
        except OSError as error:
            if error.errno != EXDEV:
                raise
            _copy_over(part, target)
        self._open_to_group(target)
        _sync_folder(target.parent)

    def append(self, name: str, lines: str, *, after_bytes: int) -> None:
        """Put lines behind the first so many bytes; they are on disk when this returns."""
        with (self.folder / name).open("rb+") as file:
            file.truncate(after_bytes)
            file.seek(after_bytes)
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, and their folders where nothing else lies in them."""
        for name in names:
            path = self.folder / name
            path.unlink(missing_ok=True)
            if path.parent != self.folder:
                with suppress(OSError):
                    path.parent.rmdir()

    def sweep(self) -> None:
        """Remove what was never finished; whoever calls it is alone."""
        for path in self.folder.rglob(".*.part"):
            path.unlink(missing_ok=True)

    # --- reading ------------------------------

    def names(self, folder: str, ending: str) -> list[str]:
        """Return the names of all files below a folder that end so, hidden ones left out."""
        found = (self.folder / folder).rglob(f"*{ending}")
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in found
            if not path.name.startswith(".")
        )

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return (self.folder / name).exists()

    def newest(self, name: str) -> Path | None:
        """Return the file itself; None if there is none."""
        path = self.folder / name
        return path if path.exists() else None

    def fetch(self, names: Sequence[str]) -> list[Path]:
        """Return the files themselves."""
        return [self.folder / name for name in names]

    def scan(self, name: str, schema: pl.Schema) -> pl.LazyFrame:  # noqa: ARG002  it knows itself
        """Return a Parquet file as a table."""
        return pl.scan_parquet(self.folder / name)

    # --- rights -------------------------------

    def _with_folder(self, name: str) -> Path:
        path = self.folder / name
        if not self._shared:
            private_folder(path.parent)
        elif not path.parent.is_dir():
            for folder in (*reversed(path.parent.parents), path.parent):
                if not folder.is_dir():
                    folder.mkdir(exist_ok=True)
                    folder.chmod(_GROUP_FOLDER)
        return path

    def _open_to_group(self, path: Path) -> None:
        if self._shared:
            path.chmod(_GROUP_FILE)


def _copy_over(part: Path, target: Path) -> None:
    """Bring a file to another disk: under a hidden name first, so that it is there whole."""
    passing = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        passing.touch(mode=0o600)
        shutil.copyfile(part, passing)
        with passing.open("rb+") as written:
            os.fsync(written.fileno())
        passing.replace(target)
    finally:
        passing.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    with suppress(OSError):  # some systems know no folder that can be opened
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
