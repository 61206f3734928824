"""Where the bytes of a list come from: a file as it is, packed, one of several in an archive.

The law kept here: an archive that is damaged, cut short or locked is refused with what to do; no
part of it is left out in silence.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from rokt_helpers.errors import InputError

__all__ = [
    "COLUMNAR_SUFFIXES",
    "JSON_SUFFIXES",
    "TEXT_SUFFIXES",
    "WORKBOOK_SUFFIXES",
    "Origin",
    "magic_of",
    "unpacked",
]

TEXT_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt"})
JSON_SUFFIXES: Final = frozenset({".json", ".jsonl", ".ndjson"})
COLUMNAR_SUFFIXES: Final = frozenset({".parquet", ".arrow", ".feather", ".ipc", ".arrows"})
WORKBOOK_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
# How each kind of file begins; the name may say otherwise.
_MAGIC: Final = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow stream",
    b"\xd0\xcf\x11\xe0": "old office",
}
_DAMAGE: Final = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError)
_LOCKED: Final = 0x1
_MAGIC_BYTES: Final = 8


@dataclass(frozen=True)
class Origin:
    """A stream of bytes that can be opened again and again.

    ``plain`` is the file in which the very bytes lie, where there is one; ``suffix`` that of the
    name inside the packing.
    """

    name: str
    suffix: str
    stream: Callable[[], BinaryIO] = field(repr=False)
    plain: Path | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the stream; what is wrong with the bytes becomes an InputError."""
        try:
            with self.stream() as stream:
                yield stream
        except _DAMAGE as error:
            reason = getattr(error, "strerror", None)
            if isinstance(reason, str):
                raise InputError(f"{self.name} cannot be read: {reason}.") from None
            raise InputError(
                f"{self.name} is damaged or was cut short. Copy or export it again."
            ) from None

    @property
    def magic(self) -> str | None:
        """The kind of file its first bytes speak of, once unpacked; None for text."""
        with self.open() as stream:
            return _kind_of(stream.read(_MAGIC_BYTES))


def magic_of(path: Path) -> str | None:
    """Return the kind of file its first bytes speak of; None for text."""
    try:
        with path.open("rb") as stream:
            return _kind_of(stream.read(_MAGIC_BYTES))
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}.") from None


def _kind_of(start: bytes) -> str | None:
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)


def unpacked(path: Path, magic: str | None, *, member: str | None) -> list[Origin]:
    """Return what is inside a file, packed or not: one origin, or one for each zip member.

    Raises
    ------
    InputError
        When an archive is damaged, locked, empty, or holds what is no list.
    """
    if magic == "zip":
        return _zip_members(path, member)
    if member is not None:
        raise InputError(f"{path.name} is no zip archive, so it has no member to pick.")
    opener: partial[Any]
    if magic == "gzip":
        opener = partial(gzip.open, path)
    elif magic == "zstd":
        opener = partial(_open_zstd, path)
    else:
        return [Origin(path.name, path.suffix.lower(), lambda: path.open("rb"), path)]
    inner = Path(path.stem) if path.suffix.lower() in {".gz", ".zst"} else path
    return [Origin(path.name, inner.suffix.lower() or ".txt", opener)]


def _zip_members(path: Path, member: str | None) -> list[Origin]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if _is_list(info.filename)]
    except _DAMAGE:
        raise InputError(f"{path.name} is damaged or was cut short. Copy it again.") from None
    names = [info.filename for info in infos]
    if member is not None:
        infos = [i for i in infos if i.filename == member or fnmatchcase(i.filename, member)]
    if not infos:
        asked = f"no member {member!r}" if member is not None and names else "nothing"
        raise InputError(f"{path.name} holds {asked}{_listed(names)}.")
    if len({info.filename for info in infos}) < len(infos):
        raise InputError(f"{path.name} holds two members of one name. Unpack it and pick one.")
    if any(info.flag_bits & _LOCKED for info in infos):
        raise InputError(
            f"{path.name} is locked with a password. Unpack it and pass what is in it."
        )
    strange = [
        i.filename for i in infos if PurePosixPath(i.filename).suffix.lower() not in _READABLE
    ]
    if strange:
        raise InputError(
            f"{path.name} holds what cannot be read from an archive{_listed(strange)}. Pick a list "
            "with member=, or unpack the archive."
        )
    return [_member(path, info.filename) for info in infos]


def _open_zstd(path: Path) -> BinaryIO:
    # Loaded here: it takes a fifth of a second, which other files need not pay.
    arrow = import_module("pyarrow")
    return cast("BinaryIO", arrow.CompressedInputStream(str(path), "zstd"))


_READABLE: Final = TEXT_SUFFIXES | JSON_SUFFIXES | COLUMNAR_SUFFIXES | WORKBOOK_SUFFIXES


def _is_list(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not (hidden or name.endswith("/"))


def _member(path: Path, name: str) -> Origin:
    suffix = PurePosixPath(name).suffix.lower()
    return Origin(f"{path.name}: {name}", suffix, partial(_open_member, path, name))


def _open_member(path: Path, name: str) -> BinaryIO:
    with zipfile.ZipFile(path) as archive:
        # The archive counts its readers: the file stays open until the member is closed.
        return cast("BinaryIO", archive.open(name))


def _listed(names: list[str]) -> str:
    return f" ({', '.join(repr(name) for name in names)})" if names else ""
