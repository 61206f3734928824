"""Open one file of the newer SFTP by its name: bytes in, CSV files out, or a reason why not.

Pure. Rules of Rokt's page: ``.csv``, ``.csv.gz``, ``.zip`` with one CSV or more, ``.csv.gpg`` and
``.csv.gz.gpg``; what a CSV holds is told by the end of its name.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from rokt_helpers import contract
from rokt_helpers.sandbox.file_rules import RejectedUpload

__all__ = ["CsvFile", "is_encrypted", "open_file"]

_ENCRYPTED: Final = ".gpg"
_SUFFIXES: Final = (*contract.FEED_FILE_SUFFIXES, *contract.FEED_ENCRYPTED_SUFFIXES)
_KINDS: Final = {
    contract.FEED_AUDIENCE_SUFFIX: False,
    contract.FEED_CONVERSIONS_SUFFIX: True,
}
# Rokt's page forbids the dash and the dot, and nothing else.
_NAME: Final = re.compile(r"[^-.]+")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """One CSV file; ``has_events`` is what its name says of its rows."""

    has_events: bool
    content: bytes = field(repr=False)


def is_encrypted(name: str) -> bool:
    """Say whether a file is encrypted, by its name."""
    return name.endswith(_ENCRYPTED)


def open_file(name: str, body: bytes, *, decrypt: Callable[[bytes], bytes]) -> list[CsvFile]:
    """Return the CSV files that a file holds.

    Raises
    ------
    RejectedUpload
        The name fits no rule, or the content is not what the name says.
    """
    if not name.endswith(_SUFFIXES):
        raise RejectedUpload(f"the file name must end in one of {', '.join(_SUFFIXES)}")
    if is_encrypted(name):
        name, body = name.removesuffix(_ENCRYPTED), decrypt(body)
    if name.endswith(".zip"):
        return list(_unzipped(body))
    if name.endswith(".gz"):
        name, body = name.removesuffix(".gz"), _gunzipped(body)
    return [CsvFile(_has_events(name), body)]


def _has_events(name: str) -> bool:
    """Judge the name of a CSV file; return what it says."""
    for suffix, has_events in _KINDS.items():
        if name.endswith(suffix):
            if not _NAME.fullmatch(name.removesuffix(suffix)):
                raise RejectedUpload(f"before {suffix} stands a name without dash and dot")
            return has_events
    raise RejectedUpload(f"the name of a CSV must end in {' or '.join(_KINDS)}")


def _gunzipped(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise RejectedUpload("the file is not in the form of gzip") from None


def _unzipped(body: bytes) -> Iterator[CsvFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if not entries:
                raise RejectedUpload("the archive is empty")
            for entry in entries:
                if "/" in entry.filename:
                    raise RejectedUpload("the archive holds a folder")
                yield CsvFile(_has_events(entry.filename), archive.read(entry))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise RejectedUpload("the file is not a ZIP archive that can be read") from None
