"""Mask what identifies a person, for eyes and for logs.

The law kept here: text that comes from outside (a server's answer, another library's error) passes
:func:`scrub` before it may enter one of our messages.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["mask", "scrub", "shape"]

_ADDRESS: Final = re.compile(r"[^\s@<>\"',;:()\[\]{}]+@[^\s@<>\"',;:()\[\]{}]+")
_LONG_HEX: Final = re.compile(r"\b[0-9a-fA-F]{32,}\b")
_HEX_RUN: Final = re.compile(r"[0-9a-fA-F]{32,}")
_KEY: Final = re.compile(r"\b(rpub|rsec)-[\w-]+")
_MAX_CHARACTERS: Final = 300
_LONGEST_SHAPE: Final = 40
_SHAPE_ENDS: Final = 18
# By the first letter of Unicode's category: marks belong to letters; what is invisible is a dot.
_STAND_INS: Final = {"L": "x", "M": "x", "N": "9", "Z": " ", "C": "·"}


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


def shape(value: str) -> str:
    """Return how a value looks: ``x`` or ``X`` for a letter, ``9`` for a digit, other signs kept.

    What cannot be seen is ``·``. A digest is always ``9x9x9x9x…``; what is long shows its
    beginning and its end.
    """
    # Which of its signs are letters is a good part of a digest, so that does not show either.
    value = _HEX_RUN.sub("0a0a0a0a…", value)
    # Before and after what is cut out, so that a long value costs no more than a short one.
    start, end = value[:_LONGEST_SHAPE], ""
    if len(value) > _LONGEST_SHAPE:
        start, end = value[:_SHAPE_ENDS], value[-_SHAPE_ENDS:]
    looks = ("".join(_stand_in(sign) for sign in part) for part in (start, end) if part)
    return " … ".join(looks)


def _stand_in(sign: str) -> str:
    if sign.isupper():
        return "X"
    return _STAND_INS.get(unicodedata.category(sign)[0], sign)
