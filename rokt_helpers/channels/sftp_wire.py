"""SFTP as paramiko speaks it, with the packets moved in large steps and many requests on the way.

paramiko alone copies each packet several times, asks for 32,768 bytes at a time and forgets what
the server says it can do. What is changed here is only that; names, folders and renames stay its.

Sources: draft-ietf-secsh-filexfer-02 (version 3 of SFTP, which OpenSSH speaks), and OpenSSH's
PROTOCOL file for ``limits@openssh.com``.
"""

from __future__ import annotations

import errno
import itertools
import struct
from typing import Final

import paramiko
from paramiko import sftp

__all__ = ["SaidNo", "Wire"]

# What every server takes, and what OpenSSH's own client asks for where the server names no limit.
_SAFE_REQUEST_BYTES: Final = 32_768
# OpenSSH's largest packet of 262,144 bytes, less its head; a little below, as others round down.
_LARGE_REQUEST_BYTES: Final = 255_000
_LIMITS: Final = "limits@openssh.com"
_VERSION: Final = 3
_RECEIVE_BYTES: Final = 1 << 22
# paramiko counts its own requests from 1; ours are told from them by this.
_FIRST_NUMBER: Final = 1 << 31
# An answer is its kind, the number of the request, and a body; that of data begins with a length.
_BODY_AT: Final = 5
_DATA_AT: Final = 9
_PACKET_HEAD_BYTES: Final = 64  # paramiko keeps so much of an SSH packet for itself


class SaidNo(OSError):
    """The server answered a request with a plain failure: a full disk, a quota, its own reasons."""


class Wire(paramiko.SFTPClient):
    """One SFTP session, for one thread at a time.

    Attributes
    ----------
    extensions
        What the server said it can do beyond version 3, by name.
    request_bytes
        The most that one read or write may ask for.
    """

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._received = b""
        self._at = 0
        self.extensions: dict[str, str] = {}
        super().__init__(channel)
        self._numbers = itertools.count(_FIRST_NUMBER)
        self.request_bytes = self._largest_request()

    @property
    def is_alive(self) -> bool:
        """Whether neither side has hung up, as far as was heard."""
        transport = self._channel.get_transport()
        ended = self._channel.closed or self._channel.eof_received
        return transport.is_active() and not ended

    # --- files --------------------------------

    def open_file(self, path: str, flags: int) -> bytes:
        """Open a file by the flags of the protocol; return the handle that requests name.

        paramiko's own files are not used: they swallow what the server says to a close, and send
        another one whenever they are tidied away.
        """
        kind, content = self._request_now(sftp.CMD_OPEN, _text(path.encode()) + _pack(flags, 0))
        if kind != sftp.CMD_HANDLE:
            raise paramiko.SFTPError("no handle came for a file that was opened")
        return content[4:]

    def close_file(self, handle: bytes) -> None:
        """Close a file; some servers only find now that they cannot keep it."""
        self._request_now(sftp.CMD_CLOSE, _text(handle))

    def ask_to_write(self, handle: bytes, offset: int, content: bytes) -> int:
        """Ask for bytes to be written; return the number that the answer will bear."""
        number = next(self._numbers)
        head = _text(handle) + struct.pack(">QI", offset, len(content))
        self._ask(sftp.CMD_WRITE, number, head, content)
        return number

    def ask_to_read(self, handle: bytes, offset: int, size_bytes: int) -> int:
        """Ask for bytes to be read; return the number that the answer will bear."""
        number = next(self._numbers)
        self._ask(sftp.CMD_READ, number, _text(handle) + struct.pack(">QI", offset, size_bytes))
        return number

    def answer(self) -> tuple[int, bytes, OSError | None]:
        """Wait for the next answer: its number, what was read, and the failure it tells of.

        At the end of a file nothing was read, and that is no failure.
        """
        number, packet = self._next_answer()
        if packet[0] == sftp.CMD_DATA:
            return number, packet[_DATA_AT:], None
        return number, b"", _failure_told(packet)

    # --- what the server can do ---------------

    def _largest_request(self) -> int:
        """Ask the server what it takes at once; without an answer stay with what all of them take.

        The answer holds the longest packet, read and write, and how many files may be open.
        """
        if _LIMITS not in self.extensions:
            return _SAFE_REQUEST_BYTES
        try:
            kind, content = self._request_now(sftp.CMD_EXTENDED, _text(_LIMITS.encode()))
        except OSError:
            return _SAFE_REQUEST_BYTES
        if kind != sftp.CMD_EXTENDED_REPLY:
            return _SAFE_REQUEST_BYTES
        _, longest_read, longest_write = struct.unpack(">QQQ", content[:24])
        # Zero stands for "no limit of mine".
        return min(longest_read or 1 << 62, longest_write or 1 << 62, _LARGE_REQUEST_BYTES)

    # --- in place of paramiko's own -----------

    def _send_version(self) -> int:
        self._write_all(struct.pack(">IBI", 5, sftp.CMD_INIT, _VERSION))
        kind, content = self._read_packet()
        if kind != sftp.CMD_VERSION:
            raise paramiko.SFTPError("the server does not begin as SFTP begins")
        message = paramiko.Message(content)
        version = message.get_int()
        while message.get_remainder():
            name = message.get_binary().decode(errors="replace")
            self.extensions[name] = message.get_binary().decode(errors="replace")
        return version

    def _request_now(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Ask, and wait for the answer to just that; what was asked before is passed over."""
        asked = next(self._numbers)
        self._ask(kind, asked, body)
        while True:
            number, packet = self._next_answer()
            if number == asked:
                break
        failure = _failure_told(packet) if packet[0] == sftp.CMD_STATUS else None
        if failure is not None:
            raise failure
        return packet[0], packet[_BODY_AT:]

    def _next_answer(self) -> tuple[int, bytes]:
        """Return number and packet of an answer to us; what paramiko left is passed over."""
        while True:
            packet = self._next_packet()
            number = int.from_bytes(packet[1:_BODY_AT], "big")
            if number >= _FIRST_NUMBER:
                return number, packet

    def _ask(self, kind: int, number: int, *body: bytes) -> None:
        size = _BODY_AT + sum(map(len, body))
        self._write_all(b"".join((struct.pack(">IBI", size, kind, number), *body)))

    def _write_all(self, out: bytes) -> None:
        view = memoryview(out)
        step = self._channel.out_max_packet_size - _PACKET_HEAD_BYTES
        while view:
            sent = self._channel.send(bytes(view[:step]))
            if not sent:
                raise EOFError
            view = view[sent:]

    def _read_packet(self) -> tuple[int, bytes]:
        packet = self._next_packet()
        return packet[0], packet[1:]

    def _next_packet(self) -> bytes:
        size = int.from_bytes(self._read_all(4), "big")
        if not 1 <= size < 1 << 24:
            raise paramiko.SFTPError("the server does not speak SFTP")
        return self._read_all(size)

    def _read_all(self, n: int) -> bytes:
        while len(self._received) - self._at < n:
            # All there is at once: taking a little off a long queue moves the rest each time.
            more = self._channel.recv(_RECEIVE_BYTES)
            if not more:
                raise EOFError
            self._received = self._received[self._at :] + more
            self._at = 0
        taken = self._received[self._at : self._at + n]
        self._at += n
        return taken

    def _convert_status(self, message: paramiko.Message) -> None:
        code = message.get_int()
        if code == sftp.SFTP_EOF:
            raise EOFError
        failure = _failure(code)
        if failure is not None:
            raise failure


def _text(content: bytes) -> bytes:
    return _pack(len(content)) + content


def _pack(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def _failure_told(packet: bytes) -> OSError | None:
    if packet[0] != sftp.CMD_STATUS:
        raise paramiko.SFTPError("another kind of answer than was asked for")
    return _failure(int.from_bytes(packet[_BODY_AT : _BODY_AT + 4], "big"))


def _failure(code: int) -> OSError | None:
    """Return what a status means. The server's own words stay out: they may hold a path."""
    if code in (sftp.SFTP_OK, sftp.SFTP_EOF):
        return None
    if code == sftp.SFTP_NO_SUCH_FILE:
        return FileNotFoundError(errno.ENOENT, "no such file")
    if code == sftp.SFTP_PERMISSION_DENIED:
        return PermissionError(errno.EACCES, "permission denied")
    known = code < len(sftp.SFTP_DESC)
    return SaidNo(sftp.SFTP_DESC[code].lower() if known else f"status {code}")
