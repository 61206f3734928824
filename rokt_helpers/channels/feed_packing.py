"""Pack a CSV file for Rokt's newer SFTP integration: compressed or not, encrypted or not.

What is compressed is the same each time, byte for byte: an upload that broke is gone on with, and
one that nobody heard of is known again. What is encrypted never is.

Source: block "File names" of :mod:`rokt_helpers.contract.feed`.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from rokt_helpers import contract
from rokt_helpers.errors import SettingsError
from rokt_helpers.extras import how_to_install

__all__ = ["Compression", "Packed", "Packing"]

Compression = Literal["none", "gz", "zip"]

_SUFFIXES: Final[dict[Compression, str]] = {"none": "", "gz": ".gz", "zip": ".zip"}
_ENCRYPTED: Final = ".gpg"
_ANY_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP file can name
_OWNER_ONLY: Final = 0o600 << 16
_UNIX: Final = 3


@dataclass(frozen=True)
class Packed:
    """One file as it is delivered; ``always_same`` tells whether it can be made again so."""

    name: str
    content: bytes = field(repr=False)
    always_same: bool


@dataclass(frozen=True)
class Packing:
    """How files are packed.

    Attributes
    ----------
    compression
        ``none``, ``gz`` or ``zip``.
    key_file
        The public key from the Rokt account manager, armoured or not; None encrypts nothing. One
        feed takes either encrypted files or plain ones.
    """

    compression: Compression = "none"
    key_file: Path | None = None

    def __post_init__(self) -> None:
        if self.compression not in _SUFFIXES:
            raise SettingsError(
                f"ROKT_FEED_COMPRESSION is one of {', '.join(_SUFFIXES)}, "
                f"and not {self.compression!r}."
            )
        if self.key_file is not None and not self._is_documented():
            raise SettingsError(
                "Rokt takes encrypted files as .csv.gpg and .csv.gz.gpg only: set "
                "ROKT_FEED_COMPRESSION to none or gz, or clear ROKT_FEED_PGP_KEY_FILE."
            )

    def pack(self, name: str, csv: bytes) -> Packed:
        """Return the file to deliver; ``name`` ends in ``.csv``.

        Raises
        ------
        SettingsError
            When the key cannot be used, or the extra is not installed.
        """
        content = _COMPRESS[self.compression](name, csv)
        whole = name + _SUFFIXES[self.compression]
        if self.key_file is None:
            return Packed(whole, content, always_same=True)
        return Packed(whole + _ENCRYPTED, self._encrypted(content), always_same=False)

    def prove_key(self) -> None:
        """Raise SettingsError where there is a key that cannot be used."""
        if self.key_file is not None:
            self._encrypted(b"")

    def _is_documented(self) -> bool:
        suffix = f".csv{_SUFFIXES[self.compression]}{_ENCRYPTED}"
        return suffix in contract.FEED_ENCRYPTED_SUFFIXES

    def _encrypted(self, content: bytes) -> bytes:
        pgp = _library()
        try:
            key = pgp.Cert.from_bytes(self._key())
            encrypted: bytes = pgp.encrypt(content, recipients=[key], armor=False)
        except RuntimeError:
            # The library's words come with places in its own source: they help nobody here.
            raise SettingsError(
                f"The key file {self.key_file} cannot be used (ROKT_FEED_PGP_KEY_FILE): it is no "
                "public PGP key, it has run out, or it is not for encryption. Ask your Rokt "
                "account manager for a new one."
            ) from None
        return encrypted

    def _key(self) -> bytes:
        try:
            return Path(self.key_file or "").expanduser().read_bytes()
        except OSError:
            raise SettingsError(
                f"The key file {self.key_file} cannot be read (ROKT_FEED_PGP_KEY_FILE)."
            ) from None


def _library() -> Any:
    """Return the library for PGP; only those who encrypt need it."""
    try:
        return import_module("pysequoia")
    except ImportError:
        raise SettingsError(
            f'To encrypt files, install the extra "pgp": {how_to_install("pgp")}, or clear '
            "ROKT_FEED_PGP_KEY_FILE."
        ) from None


def _as_it_is(name: str, csv: bytes) -> bytes:  # noqa: ARG001  one signature for all
    return csv


def _gz(name: str, csv: bytes) -> bytes:  # noqa: ARG001  one signature for all
    return gzip.compress(csv, mtime=0)


def _zip(name: str, csv: bytes) -> bytes:
    memory = io.BytesIO()
    entry = zipfile.ZipInfo(name, date_time=_ANY_DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _OWNER_ONLY
    entry.create_system = _UNIX  # on every system
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(entry, csv)
    return memory.getvalue()


_COMPRESS: Final = {"none": _as_it_is, "gz": _gz, "zip": _zip}
