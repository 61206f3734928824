"""Serve the folders over SFTP: what may be read, written, renamed and removed, and where.

Everything but the upload folders is read-only. A refused call changes nothing.
"""

# ruff: noqa: ARG002 - the library decides what a method is handed

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeVar

import paramiko
from paramiko import SFTPAttributes, SFTPServer
from paramiko.sftp import SFTP_OK, SFTP_PERMISSION_DENIED

from rokt_helpers.sandbox.faults import FaultScript
from rokt_helpers.sandbox.pickup import Pickup
from rokt_helpers.sandbox.sftp_tree import Places, normalise

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Folders"]

T = TypeVar("T")
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


class Folders(paramiko.SFTPServerInterface):
    """One client's view of the folders."""

    def __init__(
        self,
        server: paramiko.ServerInterface,
        *,
        tree: Places,
        faults: FaultScript,
        pickup: Pickup,
        hang_up: Callable[[], None],
    ) -> None:
        super().__init__(server)
        self._tree = tree
        self._faults = faults
        self._pickup = pickup
        self._hang_up = hang_up

    def canonicalize(self, path: str) -> str:
        """Return the one spelling of a path."""
        try:
            return normalise(path)
        except OSError:
            return "/"

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        """List a folder by name."""
        return _result(lambda: [_facts(entry) for entry in sorted(self._local(path).iterdir())])

    def stat(self, path: str) -> SFTPAttributes | int:
        """Return what is known of a file or folder."""
        return _result(lambda: _facts(self._local(path)))

    def lstat(self, path: str) -> SFTPAttributes | int:
        """Do as ``stat``: there are no links here."""
        return self.stat(path)

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> paramiko.SFTPHandle | int:
        """Open a file: for reading anywhere, for writing in upload folders only."""
        if not flags & _WRITING:
            return _result(lambda: self._open(self._local(path), flags))
        return _result(lambda: self._open_to_write(path, flags))

    def remove(self, path: str) -> int:
        """Delete a file that lies in an upload folder."""
        return _done(lambda: self._upload(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        """Rename within upload folders; refuse to put one file in the place of another."""
        return _done(lambda: self._rename(oldpath, newpath, replace=False))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """Rename within upload folders, over another file where there is one."""
        return _done(lambda: self._rename(oldpath, newpath, replace=True))

    def mkdir(self, path: str, attr: SFTPAttributes) -> int:
        """Make the folder of a list."""
        return _done(lambda: self._make_folder(path))

    def rmdir(self, path: str) -> int:
        """Refuse: folders stay."""
        return SFTP_PERMISSION_DENIED

    def chattr(self, path: str, attr: SFTPAttributes) -> int:
        """Take note of the modes and times that clients send for uploads; change nothing."""
        return _done(lambda: self._upload(path))

    def _local(self, path: str) -> Path:
        return self._tree.local(path)

    def _upload(self, path: str) -> Path:
        """Return where an upload lies, or refuse the path."""
        if not self._tree.may_write(path):
            raise PermissionError(errno.EACCES, "not an upload folder")
        return self._local(path)

    def _open(self, path: Path, flags: int, *, limit_bytes: int | None = None) -> _OpenFile:
        stream = _open_stream(path, flags)
        return _OpenFile(flags, stream, limit_bytes=limit_bytes, hang_up=self._hang_up)

    def _open_to_write(self, path: str, flags: int) -> _OpenFile:
        local = self._upload(path)
        fault = self._faults.take("sftp_drop_after")
        return self._open(local, flags, limit_bytes=int(fault.figure) if fault else None)

    def _make_folder(self, path: str) -> None:
        if not self._tree.may_make_folder(path):
            raise PermissionError(errno.EACCES, "not the folder of a list")
        self._local(path).mkdir(mode=0o700)

    def _rename(self, oldpath: str, newpath: str, *, replace: bool) -> None:
        old, new = self._upload(oldpath), self._upload(newpath)
        if self._faults.take("sftp_refuse_rename") or (new.exists() and not replace):
            raise OSError(errno.EEXIST, "refused")  # the protocol calls it a plain failure
        old.replace(new)
        self._pickup.renamed(normalise(newpath))


class _OpenFile(paramiko.SFTPHandle):
    """One open file; hangs up once ``limit_bytes`` are written, where that is set."""

    def __init__(
        self,
        flags: int,
        stream: IO[bytes],
        *,
        limit_bytes: int | None,
        hang_up: Callable[[], None],
    ) -> None:
        super().__init__(flags)
        self.readfile = self.writefile = stream
        self._left_bytes = limit_bytes
        self._hang_up = hang_up

    def stat(self) -> SFTPAttributes | int:
        """Return what is known of the file."""
        return _result(lambda: SFTPAttributes.from_stat(os.fstat(self.readfile.fileno())))

    def chattr(self, attr: SFTPAttributes) -> int:
        """Take note and change nothing."""
        return SFTP_OK

    def write(self, offset: int, data: ReadableBuffer) -> int:
        """Write, up to where a scripted fault cuts the line."""
        if self._left_bytes is None:
            return super().write(offset, data)
        part = memoryview(data)[: self._left_bytes]
        self._left_bytes -= len(part)
        status = super().write(offset, bytes(part))
        if self._left_bytes == 0:
            self._hang_up()
        return status


def _open_stream(path: Path, flags: int) -> IO[bytes]:
    if path.is_dir():
        raise PermissionError(errno.EACCES, "a folder")
    number = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
    end = "a" if flags & os.O_APPEND else "w"
    mode = f"{end}b" if flags & os.O_WRONLY else f"{end}+b" if flags & os.O_RDWR else "rb"
    return os.fdopen(number, mode)


def _facts(path: Path) -> SFTPAttributes:
    return SFTPAttributes.from_stat(path.stat(), path.name)


def _result(work: Callable[[], T]) -> T | int:
    """Return what the work returns, or the protocol's word for the system's error."""
    try:
        return work()
    except OSError as error:
        return SFTPServer.convert_errno(error.errno or errno.ENOENT)


def _done(work: Callable[[], object]) -> int:
    """Do the work; return the protocol's word for how it went."""

    def quietly() -> int:
        work()
        return SFTP_OK

    return _result(quietly)
