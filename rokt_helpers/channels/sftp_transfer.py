"""Move one file over SFTP: up with proof that it lies there byte for byte, or down.

Writing and proving overlap: while a later piece is written, an earlier one is read back and
compared. SSH carries both ways at once, so the proof costs little time, and comparing the bytes
themselves says more than a digest of them. A server that will not read what it is still writing
gets the two one after the other.
"""

from __future__ import annotations

import errno
import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import BinaryIO, Final, Protocol

import polars as pl
from paramiko import sftp

from rokt_helpers.channels.sftp_wire import SaidNo, Wire

__all__ = ["WINDOW_BYTES", "Differs", "Lines", "Pieces", "Whole", "fetch", "put", "size_of"]

# What the server may send before we have taken it up. All that is asked for at once fits in, so
# that the two sides never wait for each other to read first.
WINDOW_BYTES: Final = 1 << 23
# What is on the way at a time, each way. On a short line more of it only pushes the rest out of the
# processor's cache; a long one is filled by it.
_NEAR_BYTES: Final = 1 << 20
_FAR_BYTES: Final = WINDOW_BYTES - (1 << 16)
_FAR_SECONDS: Final = 0.01
_SLICE_BYTES: Final = 1 << 22
_ANEW: Final = sftp.SFTP_FLAG_CREATE | sftp.SFTP_FLAG_TRUNC


class Differs(Exception):
    """What lies on the server is not what was sent."""


class Pieces(Protocol):
    """A file that is to be put somewhere."""

    @property
    def size_bytes(self) -> int:
        """How long the whole file is."""
        ...

    def pieces(self, piece_bytes: int) -> Iterator[tuple[int, bytes]]:
        """Give the file from its beginning, in pieces of one size and a last one, with offsets."""
        ...


class Whole:
    """A file that is in memory already."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size_bytes = len(content)

    def pieces(self, piece_bytes: int) -> Iterator[tuple[int, bytes]]:
        """Give the file from its beginning, in pieces of one size and a last one, with offsets."""
        for offset in range(0, self.size_bytes, piece_bytes):
            yield offset, self._content[offset : offset + piece_bytes]


class Lines:
    """Identifiers as a file, one a line, made some megabytes at a time.

    Attributes
    ----------
    size_bytes
        Of the whole file.
    """

    def __init__(self, identifiers: pl.Series) -> None:
        self._identifiers = identifiers
        self.size_bytes = int(identifiers.str.len_bytes().sum()) + len(identifiers)

    def pieces(self, piece_bytes: int) -> Iterator[tuple[int, bytes]]:
        """Give the file from its beginning, in pieces of one size and a last one, with offsets."""
        offset, piece = 0, b""
        for text in self._texts():
            at = 0
            while at < len(text):
                part = text[at : at + piece_bytes - len(piece)]
                at, piece = at + len(part), piece + part
                if len(piece) == piece_bytes:
                    yield offset, piece
                    offset, piece = offset + piece_bytes, b""
        if piece:
            yield offset, piece

    def _texts(self) -> Iterator[bytes]:
        """Give the file in slices; the next one is made while the line is busy with this one."""
        rows = max(1, len(self._identifiers) * _SLICE_BYTES // max(1, self.size_bytes))
        with ThreadPoolExecutor(1, "rokt-lines") as pool:
            coming = pool.submit(_text, self._identifiers.slice(0, rows))
            for first in range(0, len(self._identifiers), rows):
                text = coming.result()
                coming = pool.submit(_text, self._identifiers.slice(first + rows, rows))
                yield text


def _text(identifiers: pl.Series) -> bytes:
    """Return identifiers one a line; the writer of CSV is twice as quick at it as a join."""
    memory = io.BytesIO()
    identifiers.to_frame().write_csv(memory, include_header=False, quote_style="never")
    return memory.getvalue()


def put(wire: Wire, path: str, lines: Pieces) -> None:
    """Write a file, or go on with one that was begun, and prove every byte of it.

    Raises
    ------
    Differs
        When what lies there in the end is something else.
    OSError
        When the server or the line fails. What is written stays, and is gone on with next time.
    """
    began = time.monotonic()
    begun_bytes = size_of(wire, path) or 0
    depth = _depth(wire, time.monotonic() - began)
    if not (begun_bytes and _went_on(wire, path, lines, begun_bytes, depth)):
        try:
            _write_and_prove(wire, path, lines, 0, depth)
        except _NoOverlap:
            _write_then_prove(wire, path, lines, depth)
    if size_of(wire, path) != lines.size_bytes:
        raise Differs


def fetch(wire: Wire, path: str, to: BinaryIO, *, offset: int = 0) -> int:
    """Read a file, or what comes after an offset; return the size of the whole in bytes.

    Whatever stops it, ``to`` has got the bytes without a gap, so that it can be gone on with.

    Raises
    ------
    Differs
        When it is shorter than the offset, or became shorter while it was read.
    """
    began = time.monotonic()
    size = wire.stat(path).st_size or 0
    depth = _depth(wire, time.monotonic() - began)
    if size < offset:
        raise Differs
    in_order = _InOrder(to, offset)
    handle = wire.open_file(path, sftp.SFTP_FLAG_READ)
    with _closing(wire, handle), _unreadable_is_refused():
        passage = _Passage(wire, handle)
        for begin in range(offset, size, wire.request_bytes):
            passage.read(begin, min(wire.request_bytes, size - begin), in_order.take)
            passage.wait_until_left(depth)
        passage.wait_until_left(0)
    return size


class _InOrder:
    """Writes what comes; what comes too early waits for what is before it."""

    def __init__(self, to: BinaryIO, offset: int) -> None:
        self._to = to
        self._at = offset
        self._early: dict[int, bytes] = {}

    def take(self, offset: int, content: bytes) -> None:
        """Take a piece and write all that has nothing missing before it."""
        self._early[offset] = content
        while (piece := self._early.pop(self._at, None)) is not None:
            self._to.write(piece)
            self._at += len(piece)


def size_of(wire: Wire, path: str) -> int | None:
    """Return how long a file is; None where there is none."""
    try:
        return wire.stat(path).st_size or 0
    except FileNotFoundError:
        return None


# --- one file under way ------------------------------


class _NoOverlap(Exception):
    """The server does not read what it is still writing, or does not go on with a file."""


def _went_on(wire: Wire, path: str, lines: Pieces, begun_bytes: int, depth: int) -> bool:
    """Go on with what lies there; False where it is something else, or the server cannot."""
    if begun_bytes > lines.size_bytes:
        return False
    try:
        _write_and_prove(wire, path, lines, begun_bytes, depth)
    except (Differs, _NoOverlap):
        return False
    return True


def _write_and_prove(wire: Wire, path: str, lines: Pieces, begun_bytes: int, depth: int) -> None:
    """Write what is not there yet, and compare all of it on the same way."""
    flags = sftp.SFTP_FLAG_READ | sftp.SFTP_FLAG_WRITE | (0 if begun_bytes else _ANEW)
    try:
        handle = wire.open_file(path, flags)
    except (SaidNo, PermissionError):
        raise _NoOverlap from None
    with _closing(wire, handle):
        passage = _Passage(wire, handle)
        for offset, piece in lines.pieces(wire.request_bytes):
            if offset + len(piece) > begun_bytes:
                passage.write(offset, piece)
            passage.prove(offset, piece)
            passage.wait_until_left(depth)
        passage.wait_until_left(0)


def _write_then_prove(wire: Wire, path: str, lines: Pieces, depth: int) -> None:
    """Do the one after the other, as servers want it that keep a file only once it is closed."""
    handle = wire.open_file(path, sftp.SFTP_FLAG_WRITE | _ANEW)
    with _closing(wire, handle):
        passage = _Passage(wire, handle)
        for offset, piece in lines.pieces(wire.request_bytes):
            passage.write(offset, piece)
            passage.wait_until_left(depth)
        passage.wait_until_left(0)
    handle = wire.open_file(path, sftp.SFTP_FLAG_READ)
    with _closing(wire, handle), _unreadable_is_refused():
        passage = _Passage(wire, handle)
        for offset, piece in lines.pieces(wire.request_bytes):
            passage.prove(offset, piece)
            passage.wait_until_left(depth)
        passage.wait_until_left(0)


@contextmanager
def _closing(wire: Wire, handle: bytes) -> Iterator[None]:
    """Close a file in the end, but not over a line that is broken: nobody would answer."""
    try:
        yield
    except (SaidNo, PermissionError, Differs, _NoOverlap):
        with suppress(OSError):
            wire.close_file(handle)
        raise
    wire.close_file(handle)


@contextmanager
def _unreadable_is_refused() -> Iterator[None]:
    """Call a no to a read what it is, where no writing can be the reason for it."""
    try:
        yield
    except _NoOverlap:
        raise PermissionError(errno.EACCES, "the file cannot be read") from None


def _depth(wire: Wire, seconds: float) -> int:
    """Return how many requests to have on the way, by the time that one takes there and back."""
    return (_FAR_BYTES if seconds > _FAR_SECONDS else _NEAR_BYTES) // wire.request_bytes


_Take = Callable[[int, bytes], None]


class _Passage:
    """The requests for one open file that have no answer yet."""

    def __init__(self, wire: Wire, handle: bytes) -> None:
        self._wire = wire
        self._handle = handle
        self._writes: set[int] = set()
        self._reads: dict[int, tuple[int, int, _Take]] = {}

    def write(self, offset: int, piece: bytes) -> None:
        """Ask for a piece to be written."""
        self._writes.add(self._wire.ask_to_write(self._handle, offset, piece))

    def read(self, offset: int, size_bytes: int, take: _Take) -> None:
        """Ask for bytes; ``take`` gets them, in one part or several, each with its offset."""
        number = self._wire.ask_to_read(self._handle, offset, size_bytes)
        self._reads[number] = offset, size_bytes, take

    def prove(self, offset: int, piece: bytes) -> None:
        """Ask for a piece that was written, and raise Differs when something else comes."""

        def compare(at: int, content: bytes) -> None:
            if content != piece[at - offset : at - offset + len(content)]:
                raise Differs

        self.read(offset, len(piece), compare)

    def wait_until_left(self, count: int) -> None:
        """Take answers until no more than so many reads and so many writes have none."""
        while max(len(self._writes), len(self._reads)) > count:
            number, content, failure = self._wire.answer()
            if number in self._writes:
                self._writes.remove(number)
                if failure is not None:
                    raise failure
            elif number in self._reads:
                if failure is not None:
                    raise _NoOverlap
                self._arrived(*self._reads.pop(number), content)

    def _arrived(self, offset: int, size_bytes: int, take: _Take, content: bytes) -> None:
        if not content or len(content) > size_bytes:
            raise Differs  # the file ends too early, or the server gives what nobody asked for
        take(offset, content)
        if len(content) < size_bytes:
            self.read(offset + len(content), size_bytes - len(content), take)
