"""Mask what identifies a person, for eyes and for logs.

The law kept here: text that comes from outside (a server's answer, another library's error) passes
:func:`scrub` before it may enter one of our messages.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["mask", "scrub"]

_ADDRESS: Final = re.compile(r"[^\s@<>\"',;:()\[\]{}]+@[^\s@<>\"',;:()\[\]{}]+")
_LONG_HEX: Final = re.compile(r"\b[0-9a-fA-F]{32,}\b")
_KEY: Final = re.compile(r"\b(rpub|rsec)-[\w-]+")
_MAX_CHARACTERS: Final = 300


def mask(value: str) -> str:
    """Return a stand-in that shows the kind of a value and none of its text.

    Truncating is no mask (the start of an address is the address), so nothing but the kind and,
    for a digest, its length stays.
    """
    if "@" in value:
        return "•••@•••"
    if _LONG_HEX.fullmatch(value):
        return f"{'•' * 8}… ({len(value)} characters)"
    return "•••"


def scrub(text: str) -> str:
    """Return foreign text with addresses, digests and keys masked, on one line, at most 300 long.

    The masking comes before the cutting, so that no half of an address can stay at the edge.
    """
    masked = _ADDRESS.sub("•••@•••", text)
    masked = _LONG_HEX.sub("•••", masked)
    masked = _KEY.sub(r"\1-•••", masked)
    return " ".join(masked.split())[:_MAX_CHARACTERS]
