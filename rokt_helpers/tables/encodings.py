"""Tell in which encoding a text is, and hand it on in UTF-8.

The law kept here: letters are never guessed. A text is UTF-8 to its last byte, has a byte-order
mark, is unmistakably UTF-16, or is Western European text; or it is refused.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import replace
from typing import BinaryIO, Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.origins import Origin

__all__ = ["as_utf8", "encoding_of", "spoken"]

# The longest mark first: the mark of UTF-32 begins with the one of UTF-16.
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SPOKEN: Final = {
    "utf-8-sig": "utf-8 with byte-order mark",
    "cp1252": "windows-1252",
    "utf-16-le": "utf-16-le without byte-order mark",
    "utf-16-be": "utf-16-be without byte-order mark",
}
_CHUNK_BYTES: Final = 256 * 1024  # stays in the processor's cache

_WESTERN_ONLY: Final = re.compile(rb"[\x80-\x9f]")
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # in Windows-1252
# A capital, a quotation mark or a bullet amid small letters: a letter of another code page.
_MISPLACED: Final = re.compile(rb"[a-z][\x82-\x84\x86-\x8a\x8c\x8e\x95\x98\x9f][a-z]")
_RUN: Final = re.compile(rb"[\x80-\xff]+")
_UTF8_LETTER: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_LONGEST_MEAN_RUN: Final = 2
_UTF8_SHARE: Final = 0.05

_REFUSAL: Final = (
    "{name} is not UTF-8, and what else it is cannot be told, so letters outside English would get "
    'wrong digests. Save it again as "CSV UTF-8" and try once more.'
)


def encoding_of(origin: Origin) -> str:
    """Return the codec of a text, having read all of it where no mark tells.

    Raises
    ------
    InputError
        When it is neither UTF-8, marked, unmistakable UTF-16, Windows-1252 nor Latin-1.
    """
    with origin.open() as stream:
        start = stream.read(_CHUNK_BYTES)
        marked = next((codec for mark, codec in _MARKS if start.startswith(mark)), None)
        if marked:
            return marked
        halves = _unmarked_utf16(start)
        if halves:
            return halves
        if start.count(b"\0") * 3 > len(start):
            raise InputError(_REFUSAL.format(name=origin.name))
        if _is_utf8(start, stream):
            return "utf-8"
    return _single_byte(origin)


def spoken(codec: str) -> str:
    """Return the name of an encoding as a person reads it."""
    return _SPOKEN.get(codec, codec)


def as_utf8(origin: Origin, codec: str) -> Origin:
    """Return the same text in UTF-8 without a mark; ``plain`` where the file is that already."""
    if codec == "utf-8":
        return origin
    if codec == "utf-8-sig":
        return replace(origin, stream=lambda: _without_mark(origin.stream()))
    recoded = lambda: io.BufferedReader(_Recoded(origin, codec), _CHUNK_BYTES)  # noqa: E731
    return replace(origin, stream=recoded, plain=None)


def _unmarked_utf16(start: bytes) -> str | None:
    """Return the codec of UTF-16 without a mark: a NUL beside nearly every letter, always there."""
    low, high = start[0::2], start[1::2]
    for codec, letters, zeros in (("utf-16-le", low, high), ("utf-16-be", high, low)):
        if len(zeros) > 1 and not letters.count(0) and zeros.count(0) >= 0.9 * len(zeros):
            return codec
    return None


def _is_utf8(start: bytes, stream: BinaryIO) -> bool:
    chunk, rest = start, b""
    while chunk:
        whole = rest + chunk
        cut = len(whole) - _unfinished(whole)
        if not _is_valid(whole[:cut]):
            return False
        chunk, rest = stream.read(_CHUNK_BYTES), whole[cut:]
    return not rest


def _unfinished(text: bytes) -> int:
    """Return how many bytes at the end begin a letter that is not whole yet."""
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte >= 0xC0:  # noqa: PLR2004  the first byte of a letter
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)  # noqa: PLR2004
            return back if back < length else 0
        if byte < 0x80:  # noqa: PLR2004  a whole letter
            break
    return 0


def _is_valid(text: bytes) -> bool:
    # Polars checks several times faster than the interpreter decodes.
    try:
        pl.Series([text], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _single_byte(origin: Origin) -> str:
    """Return ``cp1252`` or ``latin-1`` for Western text; another code page is refused."""
    runs = letters = utf8 = 0
    windows = wrong = False
    with origin.open() as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            found = _RUN.findall(chunk)
            runs, letters = runs + len(found), letters + sum(map(len, found))
            utf8 += sum(len(_UTF8_LETTER.findall(run)) for run in found)
            windows = windows or _WESTERN_ONLY.search(chunk) is not None
            wrong = wrong or bool(_UNDEFINED.search(chunk) or _MISPLACED.search(chunk))
    foreign = letters > runs * _LONGEST_MEAN_RUN  # Greek, Cyrillic and Japanese come in whole words
    broken = utf8 > runs * _UTF8_SHARE  # UTF-8 with a few bytes spoilt
    if wrong or foreign or broken:
        raise InputError(_REFUSAL.format(name=origin.name))
    return "cp1252" if windows else "latin-1"


def _without_mark(stream: BinaryIO) -> BinaryIO:
    stream.read(len(codecs.BOM_UTF8))
    return stream


class _Recoded(io.RawIOBase):
    """A text read in one encoding and handed on in UTF-8."""

    def __init__(self, origin: Origin, codec: str) -> None:
        self._name = origin.name
        self._text = io.TextIOWrapper(origin.stream(), encoding=codec, newline="")
        self._ready = b""

    def readable(self) -> bool:
        """Say yes: it is there to be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with UTF-8."""
        if not self._ready:
            try:
                self._ready = self._text.read(_CHUNK_BYTES).encode()
            except UnicodeError:
                raise InputError(_REFUSAL.format(name=self._name)) from None
        taken = self._ready[: len(buffer)]
        self._ready = self._ready[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close the text beneath, too."""
        self._text.close()
        super().close()
