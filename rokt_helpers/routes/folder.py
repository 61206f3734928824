"""A local folder that people and programs put referral files into.

Manual exports land there, and so do the files that Mailchimp, Zapier and Sailthru export. Law: the
folder is only read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from rokt_helpers.errors import Refused, Unavailable
from rokt_helpers.routes.files import DeliveredFile, is_harmless, is_table

__all__ = ["LocalFolder", "entries_of"]

SETTING = "ROKT_REFERRALS_FOLDER"


class LocalFolder:
    """The tables that lie in one folder; folders in it are not looked into.

    Taken are the suffixes of :data:`~rokt_helpers.routes.files.TABLE_SUFFIXES`. A file that
    somebody still writes changes between two listings, which is how the collection tells.

    Parameters
    ----------
    folder
        Where they lie. It need not be there until the first listing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()

    def listing(self) -> list[DeliveredFile]:
        """Return the tables that lie there, oldest first.

        Raises
        ------
        Refused, Unavailable
            The folder is not there or may not be read; it lies on a drive that does not answer.
        """
        files = [
            DeliveredFile(
                entry.name,
                entry.stat().st_size,
                datetime.fromtimestamp(entry.stat().st_mtime, tz=UTC),
            )
            for entry in entries_of(self._folder)
            if is_table(entry.name)
        ]
        return sorted(files, key=lambda file: (file.modified, file.name))

    def download(self, name: str, to: Path) -> None:
        """Copy one file into ``to``, readable by its owner only."""
        if not is_harmless(name):
            raise Refused("A name that leads out of the folder is not read.")
        to.touch(mode=0o600)
        try:
            with (self._folder / name).open("rb") as source, to.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
        except OSError as error:
            _raise(error, "A file in the folder")

    def close(self) -> None:
        """Nothing is kept open."""


def entries_of(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Give the files of a folder whose names can be written down; what vanishes is left out."""
    try:
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if _is_taken(entry))
    except OSError as error:
        _raise(error, "The folder")


def _is_taken(entry: os.DirEntry[str]) -> bool:
    try:
        entry.name.encode()  # a name in another encoding than the system's has no text
        return is_harmless(entry.name) and entry.is_file() and entry.stat().st_size >= 0
    except (UnicodeEncodeError, FileNotFoundError):
        return False


def _raise(error: OSError, what: str) -> NoReturn:
    if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
        raise Refused(
            f"{what} for referrals cannot be read: {error.strerror}. Check {SETTING}, and who may "
            "read it."
        ) from None
    raise Unavailable(
        f"{what} for referrals cannot be read now: {error.strerror}. Check the drive of {SETTING}."
    ) from None
