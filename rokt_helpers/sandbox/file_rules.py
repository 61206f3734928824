"""Read one uploaded file by Rokt's format rules: bytes in, digests out, or a reason why not.

Pure. Rules of "Secure file transfer": .csv or .txt, UTF-8 (or UTF-16/32 with a byte-order mark),
one column, no heading, addresses or SHA-256 but not both. One bad line rejects the whole file,
and no reason repeats what stands in it.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from rokt_helpers import contract
from rokt_helpers.sandbox.digests import is_address, is_digest, read_digests

__all__ = ["RejectedUpload", "check_outside", "read_upload"]

# The longer marks first: the one of UTF-32 begins with the one of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_SEPARATORS: Final = (",", ";", "\t", "|")


class RejectedUpload(Exception):
    """The file breaks a rule; the text is the reason, without any value."""


def check_outside(name: str, size_bytes: int) -> None:
    """Check what can be known without opening the file.

    Raises
    ------
    RejectedUpload
        The name or the size is not allowed.
    """
    if not name.lower().endswith(contract.UPLOAD_SUFFIXES):
        raise RejectedUpload("the file name must end in .csv or .txt")
    if size_bytes > contract.MAX_UPLOAD_BYTES:
        raise RejectedUpload(f"the file is larger than {contract.MAX_UPLOAD_BYTES:,} bytes")


def read_upload(body: bytes) -> tuple[frozenset[bytes], int]:
    """Return a file's digests, and how many lines it has.

    Raises
    ------
    RejectedUpload
        The content breaks a rule.
    """
    lines = _lines(_text(body))
    _check_first(lines[0])
    hashed = is_digest(lines[0].strip())
    for number, line in enumerate(lines, start=1):
        _check_line(line, number, hashed=hashed)
    return read_digests([line.strip() for line in lines], hashed=hashed), len(lines)


def _text(body: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if body.startswith(mark)), "utf-8")
    text = body.decode(encoding, errors="replace")
    # UTF-16 without its mark passes for UTF-8 with a zero byte in every letter.
    if "\ufffd" in text or "\0" in text:
        raise RejectedUpload("the text is not UTF-8, nor UTF-16 or UTF-32 with a byte-order mark")
    if not text.strip():
        raise RejectedUpload("the file is empty")
    return text


def _lines(text: str) -> list[str]:
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


def _check_first(line: str) -> None:
    text = line.strip()
    if text and not _has_columns(text) and not is_digest(text) and not is_address(text):
        raise RejectedUpload("line 1 is neither an address nor a digest: a heading is not allowed")


def _check_line(line: str, number: int, *, hashed: bool) -> None:
    text = line.strip()
    if not text:
        raise RejectedUpload(f"line {number} is empty")
    if _has_columns(text):
        raise RejectedUpload(f"line {number} has more than one column")
    if text.startswith('"') and text.endswith('"'):
        raise RejectedUpload(f"line {number} is in quotes")
    if is_digest(text) != hashed and (is_digest(text) or is_address(text)):
        raise RejectedUpload(f"line {number}: addresses and digests are mixed in one file")
    if hashed and not is_digest(text):
        raise RejectedUpload(f"line {number} is not a digest of 64 hexadecimal characters")
    if not hashed and not is_address(text):
        raise RejectedUpload(f"line {number} has no @")


def _has_columns(line: str) -> bool:
    return any(separator in line for separator in _SEPARATORS)
