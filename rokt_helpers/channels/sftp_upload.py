"""Deliver a file over SFTP that is whole or not there.

It is written under a dot-name, proved, and only then given its name. What an earlier call left is
gone on with, and what an earlier call delivered without hearing so is not sent again.
"""

from __future__ import annotations

import posixpath

from rokt_helpers.channels.sftp_connection import SftpConnection
from rokt_helpers.channels.sftp_transfer import Differs, Pieces, put, size_of
from rokt_helpers.channels.sftp_wire import SaidNo, Wire
from rokt_helpers.errors import InDoubt, Refused, Unavailable

__all__ = ["Uploads"]


class Uploads:
    """The files that go to one server.

    Parameters
    ----------
    staging_prefix
        What a file's name begins with until it is renamed, so that the platform leaves it alone.
    """

    def __init__(self, connection: SftpConnection, *, staging_prefix: str) -> None:
        self._connection = connection
        self._staging_prefix = staging_prefix
        # Final names whose rename was asked for and never answered.
        self._asked: set[str] = set()

    def deliver(
        self,
        final: str,
        content: Pieces,
        *,
        make_folder: bool = False,
        always_same: bool = True,
    ) -> None:
        """Put one file there under the path ``final``.

        Parameters
        ----------
        make_folder
            Whether to make the file's own folder where it is missing; never its parents.
        always_same
            Whether the same file has the same bytes each time it is made. What was encrypted has
            not, and then the name alone tells that it is there.
        """
        folder, name = posixpath.split(final)
        staging = posixpath.join(folder, self._staging_prefix + name)
        size_bytes = content.size_bytes if always_same else None
        with self._connection.talking("put a file on") as wire:
            if not self._is_delivered(wire, staging, final, size_bytes):
                if make_folder:
                    _make_folder(wire, folder)
                _put(wire, staging, content)
                self._rename(staging, final)
        self._asked.discard(final)

    def picked_up(self, final: str) -> bool:
        """Tell whether a delivered file has vanished, which is how it is told to be processed."""
        with self._connection.talking("look for a file on") as wire:
            return size_of(wire, final) is None

    def _is_delivered(self, wire: Wire, staging: str, final: str, size_bytes: int | None) -> bool:
        """Tell whether the file got its name before, although nobody heard of it.

        Only a file that was proved ever gets that name. When both names are gone after a rename
        that was asked for, the file was picked up: dot-files are left alone.
        """
        there = size_of(wire, final)
        if there is None:
            return final in self._asked and size_of(wire, staging) is None
        return size_bytes is None or there == size_bytes

    def _rename(self, staging: str, final: str) -> None:
        with self._connection.talking("rename a file on", asked=True) as wire:
            self._asked.add(final)
            try:
                _rename(wire, staging, final)
            except (Refused, Unavailable, PermissionError):
                self._asked.discard(final)  # it was answered, and with no
                raise


def _make_folder(wire: Wire, folder: str) -> None:
    """Make a list's own folder where it is missing; its parents are Rokt's and must be there."""
    if size_of(wire, folder) is not None:
        return
    try:
        wire.mkdir(folder)
    except SaidNo:
        if size_of(wire, folder) is None:  # nobody else made it in between
            raise


def _put(wire: Wire, staging: str, content: Pieces) -> None:
    try:
        put(wire, staging, content)
    except Differs:
        raise Unavailable(
            "The file on the server differs from what was sent; nothing was renamed. Try again."
        ) from None


def _rename(wire: Wire, staging: str, final: str) -> None:
    try:
        wire.posix_rename(staging, final)
    except FileNotFoundError:
        raise Unavailable("The file went away before it was renamed. Deliver it again.") from None
    except (SaidNo, PermissionError):
        _rename_plainly(wire, staging, final)


def _rename_plainly(wire: Wire, staging: str, final: str) -> None:
    """Servers without OpenSSH's extension know only this rename, which replaces no other file."""
    if size_of(wire, staging) is None:
        raise InDoubt("The server would not rename a file, and yet it has gone.")
    try:
        wire.rename(staging, final)
    except SaidNo:
        raise Refused(
            f"The server would not rename {staging}. The file waits there and is not processed."
        ) from None
