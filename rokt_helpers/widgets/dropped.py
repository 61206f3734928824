"""Keep a file that was dropped into the browser, privately and no longer than the kernel lives."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rokt_helpers.errors import InputError
from rokt_helpers.forms.same_again import DROPPED_PREFIX

__all__ = ["ArrivingFile", "DroppedFiles", "clean_name"]

_LONGEST_NAME: Final = 120
_SPARE_BYTES: Final = 100_000_000
# What Windows forbids in a name, or keeps for its devices.
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
_DEVICE: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class DroppedFiles:
    """A private folder, removed with the kernel: a dropped list is not left behind."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix=DROPPED_PREFIX)

    def keep(self, name: str, content: memoryview | bytes) -> Path:
        """Write the content under the file's own name, mode 0600, and return the path."""
        path = self.place(name)
        path.touch(mode=0o600)
        path.write_bytes(content)
        return path

    def place(self, name: str) -> Path:
        """Return where a file of this name is kept: its cleaned base name, in the folder."""
        return Path(self._folder.name) / clean_name(name)

    def arriving(self, name: str, size_bytes: int) -> ArrivingFile:
        """Return a file that is written piece by piece.

        Raises
        ------
        InputError
            When the disk has no room for it, or the folder cannot be written to.
        """
        return ArrivingFile(self.place(name), size_bytes)


class ArrivingFile:
    """A file on its way: written in order, in place once it is whole, gone when it is given up.

    Parameters
    ----------
    path
        Where it will lie; an older file of that name stays until this one is whole.
    size_bytes
        How long it will be.
    """

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path, self.size_bytes, self.received_bytes = path, size_bytes, 0
        self._part = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            if shutil.disk_usage(path.parent).free < size_bytes + _SPARE_BYTES:
                raise InputError(_NO_ROOM)
            wanted = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._file = os.fdopen(os.open(self._part, wanted, 0o600), "wb", buffering=0)
        except OSError as error:
            raise InputError(_UNWRITABLE.format(why=error.strerror)) from None

    @property
    def is_whole(self) -> bool:
        """Whether every byte is there."""
        return self.received_bytes == self.size_bytes

    def add(self, piece: memoryview | bytes) -> None:
        """Write the next piece.

        Raises
        ------
        InputError
            When it cannot be written; the part that was written is removed.
        """
        try:
            self.received_bytes += self._file.write(piece)
        except OSError as error:
            self.give_up()
            raise InputError(_UNWRITABLE.format(why=error.strerror)) from None

    def finish(self) -> Path:
        """Put the whole file in place and return its path.

        Raises
        ------
        InputError
            When the file on the disk is not as long as was said; it is removed.
        """
        self._file.close()
        try:
            if self._part.stat().st_size != self.size_bytes:
                raise InputError("The file did not arrive whole. Choose it again.")
            self._part.replace(self.path)
        except OSError as error:
            raise InputError(_UNWRITABLE.format(why=error.strerror)) from None
        finally:
            self.give_up()
        return self.path

    def give_up(self) -> None:
        """Close, and remove what was written so far. What is in place already stays."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def clean_name(name: str) -> str:
    """Return a name that is one file in one folder on every system, whatever was sent.

    Only what follows the last slash or backslash counts; signs that cannot be seen and those that
    Windows forbids become ``_``; a long name keeps its end, where the kind of file stands.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join("_" if unicodedata.category(sign).startswith("C") else sign for sign in base)
    plain = _FORBIDDEN.sub("_", seen).strip(" .")[-_LONGEST_NAME:]
    while len(plain.encode("utf-8", "replace")) > _LONGEST_NAME:
        plain = plain[1:]
    plain = plain.strip(" .") or "file"
    return f"_{plain}" if _DEVICE.match(plain) else plain


_NO_ROOM: Final = (
    "There is no room for this file on the disk of the workbench. Make room, or split the file."
)
_UNWRITABLE: Final = (
    "The file cannot be kept: {why}. Put it into the folder inbox/ with the file browser on the "
    "left, and pick it there."
)
