"""Know the folders of Rokt's SFTP: where they lie here, and who may do what in them.

Paths are the ones a client sees, such as ``/upload/conversions``. No path leads out of the root.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from rokt_helpers import contract

__all__ = ["Places", "Target", "Tree", "files_in", "is_staging", "make_folders", "normalise"]

# The oldest of Rokt's pages names the folder so; here both names lead to the same one.
_OLD_CONVERSIONS: Final = "/upload/conversion"
# A name with one of these could mean another folder to the system underneath.
_UNSAFE: Final = "\\\0:" if os.name == "nt" else "\\\0"


@dataclass(frozen=True, slots=True)
class Target:
    """What a file in an upload folder changes; no list name means conversions."""

    action: contract.Action
    list_name: str | None


class Places(Protocol):
    """The folders of one server, as those who serve and empty them see them."""

    def local(self, path: str) -> Path:
        """Return where a client's path lies here."""
        ...

    def may_write(self, path: str) -> bool:
        """Say whether a file may be written there."""
        ...

    def may_make_folder(self, path: str) -> bool:
        """Say whether a folder may be made there."""
        ...

    def uploads(self) -> Iterator[tuple[str, os.stat_result]]:
        """Yield the path and facts of every file that a client has put there."""
        ...


def normalise(path: str) -> str:
    """Return the one spelling of a client's path: absolute, without dots, aliases resolved.

    Raises
    ------
    FileNotFoundError
        A character that no name here may have.
    """
    if any(character in path for character in _UNSAFE):
        raise FileNotFoundError("no such path")
    clean = posixpath.normpath("/" + path.lstrip("/"))
    if clean == _OLD_CONVERSIONS or clean.startswith(f"{_OLD_CONVERSIONS}/"):
        return contract.CONVERSIONS_FOLDER + clean.removeprefix(_OLD_CONVERSIONS)
    return clean


def is_staging(path: str) -> bool:
    """Say whether a file waits to be renamed before it counts."""
    return posixpath.basename(path).startswith(contract.STAGING_PREFIX)


@dataclass(frozen=True, slots=True)
class Tree:
    """The folders below a local root."""

    root: Path

    def make(self) -> None:
        """Make the folders that Rokt has ready, for their owner only."""
        default = [_list_folder(action, contract.DEFAULT_LIST) for action in contract.ACTIONS]
        make_folders(self.root, *default, contract.CONVERSIONS_FOLDER, contract.DOWNLOADS_FOLDER)

    def local(self, path: str) -> Path:
        """Return where a client's path lies here."""
        return self.root.joinpath(*normalise(path).strip("/").split("/"))

    def may_write(self, path: str) -> bool:
        """Say whether a file may be written there: right inside an upload folder."""
        return self.target(posixpath.dirname(normalise(path))) is not None

    def may_make_folder(self, path: str) -> bool:
        """Say whether a folder may be made there: a list, below include or exclude."""
        target = self.target(normalise(path))
        return target is not None and target.list_name is not None and not is_staging(path)

    def target(self, folder: str) -> Target | None:
        """Return what files in a folder change, or none where it is no upload folder."""
        if folder == contract.CONVERSIONS_FOLDER:
            return Target("include", None)
        parent, name = posixpath.split(folder)
        for action in contract.ACTIONS:
            if parent == f"{contract.AUDIENCE_FOLDER}/{action}" and name:
                return Target(action, name)
        return None

    def uploads(self) -> Iterator[tuple[str, os.stat_result]]:
        """Yield the path and facts of every file that lies in an upload folder."""
        for folder in self._upload_folders():
            yield from files_in(folder, self.local(folder))

    def _upload_folders(self) -> Iterator[str]:
        yield contract.CONVERSIONS_FOLDER
        for action in contract.ACTIONS:
            parent = f"{contract.AUDIENCE_FOLDER}/{action}"
            for path in sorted(self.local(parent).iterdir()):
                if path.is_dir():
                    yield f"{parent}/{path.name}"


def files_in(folder: str, local: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the path and facts of every file right inside a folder, by name."""
    for path in sorted(local.iterdir()):
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        if stat.S_ISREG(facts.st_mode):
            yield f"{folder}/{path.name}", facts


def make_folders(root: Path, *paths: str) -> None:
    """Make folders below a local root, for their owner only."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in paths:
        folder = root
        for part in path.strip("/").split("/"):
            folder = folder / part
            folder.mkdir(mode=0o700, exist_ok=True)


def _list_folder(action: str, list_name: str) -> str:
    return f"{contract.AUDIENCE_FOLDER}/{action}/{list_name}"
