"""Turn what a client sends into the digests that a list holds, the way Rokt's pages ask.

This is the judge's own copy of the rule, on ``str`` and ``hashlib`` alone: a mistake in the
client's copy must not be repeated here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

__all__ = ["digest_of_address", "is_address", "is_digest", "read_digests"]

_DIGEST = re.compile(r"[0-9A-Fa-f]{64}")


def is_digest(text: str) -> bool:
    """Say whether a text is 64 hexadecimal characters, in either case."""
    return _DIGEST.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Say whether a text can pass for an address: an @, and no digest in its place."""
    return "@" in text and not is_digest(text.strip())


def digest_of_address(text: str) -> str:
    """Return the SHA-256 of an address, all white space removed and in lower case."""
    # split() without an argument cuts at every character for which isspace() holds.
    canonical = "".join(text.split()).lower()
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_digests(values: Iterable[str], *, hashed: bool) -> frozenset[str]:
    """Return lower-case digests of values already found good: digests, or else addresses."""
    if hashed:
        return frozenset(value.lower() for value in values)
    return frozenset(digest_of_address(value) for value in values)
