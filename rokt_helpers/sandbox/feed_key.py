"""The sandbox's own PGP key, for those who encrypt what they send to the newer SFTP."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from rokt_helpers.sandbox.file_rules import RejectedUpload

__all__ = ["FeedKey"]

_NO_LIBRARY = "the file is encrypted, and this sandbox has no key: the extra pgp is not installed"
_NOT_OURS = "the file is not encrypted to the key of this sandbox"


class FeedKey:
    """A key made for this run; ``public`` is None where the library for PGP is missing."""

    def __init__(self) -> None:
        self._library = _library()
        self._secret: Any = None
        self.public: str | None = None
        if self._library is not None:
            self._secret = self._library.Tsk.generate("Rokt in a box <feed@example.com>")
            self.public = str(self._secret.extract_certificate())

    def decrypt(self, body: bytes) -> bytes:
        """Return what was encrypted to the key; RejectedUpload for anything else."""
        if self._library is None:
            raise RejectedUpload(_NO_LIBRARY)
        try:
            plain = self._library.decrypt(body, self._secret.decryptor()).bytes
        except RuntimeError:
            raise RejectedUpload(_NOT_OURS) from None
        return bytes(plain)


def _library() -> ModuleType | None:
    try:
        return import_module("pysequoia")
    except ImportError:
        return None
