"""Rokt's other hashed attributes: mobile number, ZIP code, first and last name.

As with addresses, canonical form and acceptance stand side by side as
expressions, and the digest is the same SHA-256. Source: Rokt's page on hashing identifiers, read
2026-11-22: a mobile number is ten digits without symbols, a ZIP code is ``12345``, a ZIP+4 is
``12345-6789``, names are trimmed and lower-case. What is ours is said where it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from rokt_helpers.identifiers.canonical import canonical_text

__all__ = ["ATTRIBUTES", "Attribute", "with_attribute_verdict"]

# Ours: how a spreadsheet writes a whole number that it took for a measurement.
_SPREADSHEET_ZERO: Final = r"\.0$"
_MOBILE_DIGITS: Final = r"^[0-9]{10}$"
_PHONE_SYMBOLS: Final = r"[()+./-]"
_ZIP: Final = r"^[0-9]{5}$"
_ZIP4: Final = r"^[0-9]{5}-[0-9]{4}$"
_ZIP4_WITHOUT_DASH: Final = r"^([0-9]{5})-?([0-9]{4})$"


@dataclass(frozen=True)
class Attribute:
    """One attribute: Rokt's names for it plain and hashed, ours, and its rules.

    ``canonical`` maps raw text to the form that is hashed; ``fault`` maps that form to a key of
    ``contract.REASONS``, or null where it is accepted.
    """

    plain: str
    hashed: str
    spoken: str
    title: str  # what the header of a column of it usually says, a pattern
    canonical: Callable[[pl.Expr], pl.Expr]
    fault: Callable[[pl.Expr], pl.Expr]


def _bare(text: pl.Expr) -> pl.Expr:
    """Return text without white space, as e-mail has it, and without a spreadsheet's zero."""
    return canonical_text(text).str.replace(_SPREADSHEET_ZERO, "")


def _mobile(text: pl.Expr) -> pl.Expr:
    """Return the digits; of eleven that begin with 1 the last ten.

    Ours: Rokt's web attributes carry no country code, and 1 is that of the ten-digit countries.
    """
    digits = _bare(text).str.replace_all(_PHONE_SYMBOLS, "")
    return digits.str.replace(r"^1([0-9]{10})$", "$1")


def _mobile_fault(canonical: pl.Expr) -> pl.Expr:
    return _fault(canonical, _MOBILE_DIGITS, "not_ten_digits")


def _zip(text: pl.Expr) -> pl.Expr:
    """Return the first five digits.

    Ours: three or four digits are a code that a spreadsheet took for a number and lost its zeros.
    """
    bare = _bare(text)
    short = bare.str.contains(r"^[0-9]{3,4}$")
    padded = pl.when(short).then(bare.str.zfill(5)).otherwise(bare)
    return padded.str.replace(_ZIP4_WITHOUT_DASH, "$1")


def _zip_fault(canonical: pl.Expr) -> pl.Expr:
    return _fault(canonical, _ZIP, "not_a_zip")


def _zip4(text: pl.Expr) -> pl.Expr:
    """Return ``12345-6789``; a missing dash is put in."""
    return _bare(text).str.replace(_ZIP4_WITHOUT_DASH, "$1-$2")


def _zip4_fault(canonical: pl.Expr) -> pl.Expr:
    return _fault(canonical, _ZIP4, "not_a_zip")


def _name(text: pl.Expr) -> pl.Expr:
    """Return a name trimmed and lower-case; spaces inside stay one each.

    Ours: a name of two words keeps its space, because Rokt says trim and not remove.
    """
    spaced = text.str.replace_all(r"[\s\x{85}\x{a0}\x{1c}-\x{1f}]+", "\u001a")
    return canonical_text(spaced).str.strip_chars("\u001a").str.replace_all("\u001a+", " ")


def _name_fault(canonical: pl.Expr) -> pl.Expr:
    return _fault(canonical, r"\p{L}", "not_a_name")


def _fault(canonical: pl.Expr, pattern: str, reason: str) -> pl.Expr:
    return (
        pl.when(canonical.is_null() | (canonical == ""))
        .then(pl.lit("empty"))
        .when(~canonical.str.contains(pattern))
        .then(pl.lit(reason))
        .otherwise(pl.lit(None, dtype=pl.String))
    )


ATTRIBUTES: Final[dict[str, Attribute]] = {
    "mobile": Attribute(
        "mobile", "mobilesha256", "mobile number", r"mobile|phone|cell|^tel", _mobile, _mobile_fault
    ),
    "zip": Attribute("zip", "zipsha256", "ZIP code", r"zip|post.?(al)?.?code", _zip, _zip_fault),
    "zip4": Attribute("zip4", "zip4sha256", "ZIP+4", r"zip|post.?(al)?.?code", _zip4, _zip4_fault),
    "first_name": Attribute(
        "firstname", "firstnamesha256", "first name", r"first|given|^fname", _name, _name_fault
    ),
    "last_name": Attribute(
        "lastname", "lastnamesha256", "last name", r"last|family|surname|^lname", _name, _name_fault
    ),
}


def with_attribute_verdict(rows: pl.LazyFrame, kind: str) -> pl.LazyFrame:
    """Return rows with ``canonical`` and ``fault`` of their ``text``, as for addresses."""
    attribute = ATTRIBUTES[kind]
    return rows.with_columns(canonical=attribute.canonical(pl.col("text"))).with_columns(
        fault=attribute.fault(pl.col("canonical"))
    )
