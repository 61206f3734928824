"""What the ledger's members and the vault of referrals ask of the place where they are kept.

The law kept here: a file is there under its name whole, or not at all. Names are relative, with
``/`` between folders.
"""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from rokt_helpers.errors import ContractError
from rokt_helpers.files import digest_of

__all__ = ["Storage"]


class Storage(ABC):
    """Whole files by name. Whatever fails on the way to another computer is ``Unavailable``."""

    @abstractmethod
    def below(self, folder: str) -> Storage:
        """Return the same, for a folder in it."""

    # --- writing ------------------------------

    @abstractmethod
    def write(self, name: str, write: Callable[[Path], object]) -> None:
        """Let ``write`` fill a file on this computer, then put it in place; an older one goes."""

    def copy(self, file: Path, name: str) -> None:
        """Copy a file of this computer into its place, and prove the copy; an older one goes.

        Raises
        ------
        ContractError
            When the copy is not what was copied.
        """
        self.write(name, partial(shutil.copyfile, file))
        copy = self.newest(name)
        if copy is None or digest_of(copy) != digest_of(file):
            raise ContractError("A copied file is not what was copied. Nothing was removed.")

    @abstractmethod
    def put(self, part: Path, name: str) -> None:
        """Put a finished file in place, for good; ``part`` may be gone afterwards."""

    @abstractmethod
    def append(self, name: str, lines: str, *, after_bytes: int) -> None:
        """Put lines behind the first so many bytes of a file; what stood there goes.

        Whoever calls it is alone: two of them at once would lose lines.
        """

    @abstractmethod
    def remove(self, names: Iterable[str]) -> None:
        """Remove files, and folders that are empty after that; none of them has to be there."""

    @abstractmethod
    def sweep(self) -> None:
        """Remove what was never finished; whoever calls it is alone."""

    # --- reading ------------------------------

    @abstractmethod
    def names(self, folder: str, ending: str) -> list[str]:
        """Return the names of all files below a folder that end so, hidden ones left out."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""

    @abstractmethod
    def newest(self, name: str) -> Path | None:
        """Return where a file that changes may be read as it is now; None if there is none."""

    @abstractmethod
    def fetch(self, names: Sequence[str]) -> list[Path]:
        """Return where files that never change may be read."""

    @abstractmethod
    def scan(self, name: str, schema: pl.Schema) -> pl.LazyFrame:
        """Return a Parquet file as a table that is read, and brought here, when it is asked for."""
