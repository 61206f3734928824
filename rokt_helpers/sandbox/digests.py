"""Turn what a client sends into the digests that a list holds, the way Rokt's pages ask.

This is the judge's own copy of the rule, on ``str`` and ``hashlib`` alone: a mistake in the
client's copy must not be repeated here. Many values are judged at once, because a judge that is
slower than four large requests a second would be the limit of every measurement.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence
from itertools import repeat
from operator import contains
from typing import Final

__all__ = ["are_addresses", "are_digests", "is_address", "is_digest", "read_digests"]

_HEX_CHARACTERS: Final = 64
_BYTES: Final = 32
_DIGEST: Final = re.compile(rf"[0-9A-Fa-f]{{{_HEX_CHARACTERS}}}")


def is_digest(text: str) -> bool:
    """Say whether a text is 64 hexadecimal characters, in either case."""
    return _DIGEST.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Say whether a text can pass for an address: an @, which no digest has."""
    return "@" in text


def are_digests(values: Sequence[str]) -> bool:
    """Say whether ``is_digest`` holds for each of these values."""
    if set(map(len, values)) != {_HEX_CHARACTERS}:
        return False
    try:
        binascii.unhexlify("".join(values))
    except ValueError:
        return False
    return True


def are_addresses(values: Sequence[str]) -> bool:
    """Say whether ``is_address`` holds for each of these values."""
    return all(map(contains, values, repeat("@")))


def read_digests(values: Sequence[str], *, hashed: bool) -> frozenset[bytes]:
    """Return the 32 bytes of each digest; ``values`` were found good: digests, or addresses.

    Raises
    ------
    UnicodeEncodeError
        An address holds half a character.
    """
    if hashed:
        joined = binascii.unhexlify("".join(values))
        # A list first: twice as fast as handing them over one by one.
        return frozenset([joined[at : at + _BYTES] for at in range(0, len(joined), _BYTES)])
    return frozenset(hashlib.sha256(text.encode()).digest() for text in _canonical(values))


def _canonical(addresses: Sequence[str]) -> list[str]:
    """Return addresses with all white space removed and in lower case."""
    # split() without an argument cuts at every character for which isspace() holds. Each value
    # has an @, so as many words as values means that each value is one word.
    words = "\n".join(addresses).lower().split()
    if len(words) == len(addresses):
        return words
    return ["".join(text.split()).lower() for text in addresses]
