"""Files in a store that only other programs' words lead to, such as S3: by way of fsspec.

The laws kept here: a name is written once its bytes are whole (an object store shows one put at
once; elsewhere a hidden name is given up for the right one), and what was brought here to be read
lies in a private folder that goes with this object.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from rokt_helpers.errors import Unavailable
from rokt_helpers.files import PassingFolder
from rokt_helpers.storage.storage import Storage

__all__ = ["RemoteStorage"]

# Where one put is seen whole or not at all.
_ATOMIC: Final = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"})


class RemoteStorage(Storage):
    """A folder of an fsspec file system.

    Parameters
    ----------
    files
        The fsspec file system, without a memory of what it has listed.
    root
        The folder, as that file system calls it.
    passing, place
        Where copies lie for as long as somebody needs them, and in which folder there.
    """

    def __init__(
        self, files: Any, root: str, *, passing: PassingFolder | None = None, place: str = ""
    ) -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._passing = passing or PassingFolder("shared")
        self._place = place
        self._copies = self._passing.path / place
        self._copies.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._seen: set[str] = set()
        self._versions: dict[str, Any] = {}
        protocol = files.protocol if isinstance(files.protocol, str) else files.protocol[0]
        self._is_atomic = protocol in _ATOMIC

    def below(self, folder: str) -> RemoteStorage:
        """Return the same, for a folder in it."""
        place = f"{self._place}{folder}/"
        root = f"{self._root}/{folder}"
        return RemoteStorage(self._files, root, passing=self._passing, place=place)

    # --- writing ------------------------------

    def write(self, name: str, write: Callable[[Path], object]) -> None:
        """Let ``write`` fill a file on this computer, then put it in place."""
        part = self._copies / f"{secrets.token_hex(8)}.part"
        part.touch(mode=0o600)
        try:
            write(part)
            self.put(part, name)
        finally:
            part.unlink(missing_ok=True)

    def put(self, part: Path, name: str) -> None:
        """Send a finished file; it has its name once all of it has arrived."""
        target = self._at(name)
        with _told():
            if self._is_atomic:
                self._files.put_file(str(part), target)
            else:
                folder, _, bare = target.rpartition("/")
                hidden = f"{folder}/.{bare}.{secrets.token_hex(4)}.part"
                self._files.makedirs(folder, exist_ok=True)
                self._files.put_file(str(part), hidden)
                self._files.mv(hidden, target)
        self._seen.add(name)

    def append(self, name: str, lines: str, *, after_bytes: int) -> None:
        """Write the file anew with the lines behind its first so many bytes."""
        older = self.newest(name)
        content = older.read_bytes()[:after_bytes] if older else b""
        self.write(name, lambda part: part.write_bytes(content + lines.encode()))

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; a store has no folders to be left empty."""
        for name in names:
            with _told():
                if self._files.exists(self._at(name)):
                    self._files.rm_file(self._at(name))
            self._seen.discard(name)
            (self._copies / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what was never finished; whoever calls it is alone."""
        if self._is_atomic:
            return
        with _told():
            for path in self._files.find(self._root):
                if path.endswith(".part") and path.rpartition("/")[2].startswith("."):
                    self._files.rm_file(path)

    # --- reading ------------------------------

    def names(self, folder: str, ending: str) -> list[str]:
        """Return the names of all files below a folder that end so, hidden ones left out."""
        with _told():
            found = self._files.find(self._at(folder) if folder else self._root)
        names = (path.removeprefix("/").removeprefix(f"{self._bare_root}/") for path in found)
        return sorted(
            name
            for name in names
            if name.endswith(ending) and not name.rpartition("/")[2].startswith(".")
        )

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file; what was there once is not asked for again."""
        if name not in self._seen:
            with _told():
                if not self._files.exists(self._at(name)):
                    return False
            self._seen.add(name)
        return True

    def newest(self, name: str) -> Path | None:
        """Bring a file here unless the copy is still the newest; None if there is none."""
        with _told():
            try:
                version = self._files.ukey(self._at(name))
            except FileNotFoundError:
                return None
        if self._versions.get(name) != version:
            self._bring([name])
            self._versions[name] = version
        return self._copies / name

    def fetch(self, names: Sequence[str]) -> list[Path]:
        """Bring files that never change here, each once."""
        copies = [self._copies / name for name in names]
        self._bring([n for n, copy in zip(names, copies, strict=True) if not copy.exists()])
        return copies

    def scan(self, name: str, schema: pl.Schema) -> pl.LazyFrame:
        """Return a Parquet file as a table that is brought here when it is asked for."""

        def read(
            columns: list[str] | None, rows: pl.Expr | None, most: int | None, _size: int | None
        ) -> Iterator[pl.DataFrame]:
            path = self.newest(name)
            table = pl.scan_parquet(path) if path else pl.LazyFrame(schema=schema)
            table = table if rows is None else table.filter(rows)
            table = table if columns is None else table.select(columns)
            table = table if most is None else table.head(most)
            yield table.collect(engine="streaming")

        return register_io_source(read, schema=schema)

    # --- on the way ---------------------------

    @property
    def _bare_root(self) -> str:
        return self._root.removeprefix("/")

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _bring(self, names: Sequence[str]) -> None:
        """Copy files here: under a passing name first, so that a copy is whole, too."""
        if not names:
            return
        copies = [self._copies / name for name in names]
        parts = [copy.with_name(f".{copy.name}.{secrets.token_hex(4)}.part") for copy in copies]
        for copy in copies:
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _told():
            self._files.get([self._at(name) for name in names], [str(part) for part in parts])
        for part, copy in zip(parts, copies, strict=True):
            part.replace(copy)


@contextmanager
def _told() -> Iterator[None]:
    """Say in our words that the store did not do it; its own may show addresses and names."""
    try:
        yield
    except FileNotFoundError:
        raise Unavailable(
            "A file of the shared folder is gone: somebody has just removed it, or "
            "ROKT_SHARED_FOLDER names a place that there is not. Look there, then try again."
        ) from None
    except Exception as error:  # noqa: BLE001  each file system has errors of its own
        raise Unavailable(
            f"The shared folder cannot be used ({type(error).__name__}). Check "
            "ROKT_SHARED_FOLDER, your rights there and the network, then try again."
        ) from None
