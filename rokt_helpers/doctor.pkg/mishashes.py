"""The ways in which exports hash an address wrongly, each with its name and its mend.

A mistake is a path of small steps: how the text was written, what stuck to it, how it was turned
into bytes, and which digest was taken. Plain Python on purpose: a handful of addresses is tried,
and this must not share a fault with the kernel that it judges.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Generic, Self, TypeVar

from rokt_helpers import contract

__all__ = ["DIGESTS", "Mistake", "mistakes_of"]

Text = Callable[[str], str]
Change = TypeVar("Change")


@dataclass(frozen=True, order=True)
class Mistake:
    """One way to hash an address. ``steps`` counts what went wrong; ``mend`` is an order."""

    steps: int
    name: str
    mend: str

    @classmethod
    def none(cls) -> Self:
        """Return the right way."""
        return cls(0, "Rokt's own form", "nothing needs mending.")


@dataclass(frozen=True)
class _Step(Generic[Change]):
    """One thing that may go wrong on the way; without a name it is the right way."""

    change: Change
    name: str = ""
    mend: str = ""


def mistakes_of(customer: str) -> Iterator[tuple[Mistake, str]]:
    """Yield each known way to hash an address, the right one first, with the digest it gives.

    Parameters
    ----------
    customer
        The address as the source system keeps it; its capitals and spaces are clues.

    Notes
    -----
    Several ways may give one digest: an address that is stored in small letters cannot show
    whether the export lower-cases. Ways that this text cannot go are left out.
    """
    for written, stuck, to_bytes, taken in _WAYS:
        try:
            digest = taken.change(to_bytes.change(stuck.change(written.change(customer))))
        except UnicodeEncodeError:
            continue
        yield _named(written, stuck, to_bytes, taken), digest


def _named(*steps: _Step[Any]) -> Mistake:
    wrong = [step for step in steps if step.name]
    if not wrong:
        return Mistake.none()
    name = " and ".join(step.name for step in wrong)
    mend = "; ".join(step.mend for step in wrong)
    return Mistake(len(wrong), name, f"{mend}.")


def _canonical(text: str) -> str:
    kept = (c for c in text if c not in contract.WHITE_SPACE and c not in contract.INVISIBLE)
    return unicodedata.normalize(contract.UNICODE_FORM, "".join(kept).lower())


def _without_dots_and_tags(text: str) -> str:
    local, at, domain = _canonical(text).partition("@")
    return local.partition("+")[0].replace(".", "") + at + domain


def _without_tags(text: str) -> str:
    local, at, domain = _canonical(text).partition("@")
    return local.partition("+")[0] + at + domain


_LOWER: Final = "make addresses lower case before hashing"
_TRIM: Final = "remove white space before hashing"
_FOREIGN: Final = "leave dots and plus tags as they are: that is another platform's rule"

_WRITTEN: Final[tuple[_Step[Text], ...]] = (
    _Step(_canonical),
    _Step(lambda text: text.strip(), "an address that was not lower-cased", _LOWER),
    _Step(lambda text: _canonical(text).upper(), "an address in capitals", _LOWER),
    _Step(lambda text: _canonical(text).capitalize(), "an address with a capital first", _LOWER),
    _Step(lambda text: text, "an address exactly as it was stored", f"{_TRIM}, and {_LOWER}"),
    _Step(lambda text: text.lower(), "an address with its white space", _TRIM),
    _Step(_without_dots_and_tags, "an address without its dots and plus tag", _FOREIGN),
    _Step(_without_tags, "an address without its plus tag", _FOREIGN),
    _Step(
        lambda text: unicodedata.normalize("NFD", _canonical(text)),
        "an address with accents as separate characters",
        "compose accents (NFC) before hashing",
    ),
    _Step(
        lambda text: _canonical(text).partition("@")[0],
        "the part before the @ only",
        "hash the whole address",
    ),
)


def _around(before: str, after: str, what: str) -> _Step[Text]:
    return _Step(
        lambda text: f"{before}{text}{after}",
        f"an address with {what}",
        f"cut off {what} before hashing",
    )


_STUCK: Final[tuple[_Step[Text], ...]] = (
    _Step(lambda text: text),
    _around("", "\n", "a line feed at its end"),
    _around("", "\r", "a carriage return at its end"),
    _around("", "\r\n", "a Windows line end"),
    _around("", " ", "a space at its end"),
    _around(" ", "", "a space before it"),
    _around(" ", " ", "a space on either side"),
    _around("", "\t", "a tab at its end"),
    _around("", "\xa0", "a no-break space at its end"),
    _around("", "\u200b", "a zero-width space at its end"),
    _around("\ufeff", "", "a byte-order mark before it"),
    _around('"', '"', "quotation marks around it"),
    _around("'", "'", "single quotation marks around it"),
    _around("<", ">", "angle brackets around it"),
    _around("mailto:", "", "mailto: before it"),
    _around("", ",", "a comma at its end"),
    _around("", ";", "a semicolon at its end"),
)

_AS_UTF8: Final = "turn the text into UTF-8 before hashing (in SQL Server, hash VARCHAR in UTF-8)"

_BYTES: Final[tuple[_Step[Callable[[str], bytes]], ...]] = (
    _Step(lambda text: text.encode()),
    _Step(lambda text: text.encode("utf-16-le"), "an address in UTF-16", _AS_UTF8),
    _Step(lambda text: text.encode("utf-16-be"), "an address in big-endian UTF-16", _AS_UTF8),
    _Step(
        lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
        "an address in UTF-16 with its mark",
        _AS_UTF8,
    ),
    _Step(lambda text: text.encode("cp1252"), "an address in Windows-1252", _AS_UTF8),
)

_SHA256_ONLY: Final = "take SHA-256 in hexadecimal"
_ONCE: Final = "hash once only: the list was hashed already before it was hashed here"


def _hex(name: str) -> Callable[[bytes], str]:
    return lambda content: hashlib.new(name, content, usedforsecurity=False).hexdigest()


# Every digest by which a cell may be found again, by name.
DIGESTS: Final[dict[str, Callable[[bytes], str]]] = {
    "SHA-256": _hex("sha256"),
    "MD5": _hex("md5"),
    "SHA-1": _hex("sha1"),
    "SHA-224": _hex("sha224"),
    "SHA-384": _hex("sha384"),
    "SHA-512": _hex("sha512"),
    "SHA-256 in base64": lambda content: base64.b64encode(
        hashlib.sha256(content).digest()
    ).decode(),
}

_TAKEN: Final[tuple[_Step[Callable[[bytes], str]], ...]] = (
    _Step(DIGESTS["SHA-256"]),
    *(
        _Step(take, f"a digest that is {name}", _SHA256_ONLY)
        for name, take in DIGESTS.items()
        if name != "SHA-256"
    ),
    _Step(
        lambda content: DIGESTS["SHA-256"](DIGESTS["SHA-256"](content).encode()),
        "an address hashed twice",
        _ONCE,
    ),
    _Step(
        lambda content: DIGESTS["SHA-256"](DIGESTS["SHA-256"](content).upper().encode()),
        "an address hashed twice, in capitals between",
        _ONCE,
    ),
    _Step(
        lambda content: DIGESTS["SHA-256"](DIGESTS["MD5"](content).encode()),
        "the SHA-256 of an MD5",
        _ONCE,
    ),
)

_WAYS: Final = tuple(product(_WRITTEN, _STUCK, _BYTES, _TAKEN))
