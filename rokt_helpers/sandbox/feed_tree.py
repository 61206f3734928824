"""Know the one folder of the newer SFTP, the drop folder of a feed. It has none below it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rokt_helpers.sandbox.sftp_tree import files_in, make_folders, normalise

__all__ = ["DropTree"]


@dataclass(frozen=True, slots=True)
class DropTree:
    """The drop folder below a local root; ``folder`` is how a client names it."""

    root: Path
    folder: str

    def make(self) -> None:
        """Make the folder, for its owner only."""
        make_folders(self.root, self.folder)

    def local(self, path: str) -> Path:
        """Return where a client's path lies here."""
        return self.root.joinpath(*normalise(path).strip("/").split("/"))

    def may_write(self, path: str) -> bool:
        """Say whether a file may be written there: right inside the drop folder."""
        return posixpath.dirname(normalise(path)) == normalise(self.folder)

    def may_make_folder(self, path: str) -> bool:
        """Say no: a feed has no other folders."""
        del path
        return False

    def uploads(self) -> Iterator[tuple[str, os.stat_result]]:
        """Yield the path and facts of every file in the drop folder."""
        yield from files_in(normalise(self.folder), self.local(self.folder))
