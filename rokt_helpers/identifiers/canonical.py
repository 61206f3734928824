"""The one canonical form of a text that is hashed: no white space, lower case, NFC.

The law kept here: every path (one string, a pandas column, a file, Spark) goes through these
expressions, so the same text has the same digest everywhere. The rule itself, with its source,
stands in :mod:`rokt_helpers.contract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from rokt_helpers import contract

__all__ = ["canonical_text", "short_form", "stripped", "whole_form"]

_TO_REMOVE: Final = contract.WHITE_SPACE + contract.INVISIBLE
_REMOVED: Final = "".join(rf"\x{{{ord(char):x}}}" for char in _TO_REMOVE)
_TO_REMOVE_INSIDE: Final = f"[{_REMOVED}]+"
# Below U+0300 every letter is composed already and its small form stands alone.
_NEEDS_MORE: Final = rf"[{_REMOVED}\x{{300}}-\x{{10ffff}}]"


def canonical_text(text: pl.Expr) -> pl.Expr:
    """Return the form of a text that is hashed: no white space, lower case, NFC.

    Parameters
    ----------
    text
        Expression of type String; nulls allowed.

    Returns
    -------
    Expression of type String, same length. Says nothing of whether it *is* an address.

    Notes
    -----
    Source: custom audience import page, "remove any whitespace and lowercase". Not done, because
    Rokt does not ask for it: removing dots or plus tags, folding providers, rewriting domains.
    """
    pair = [text, short_form(text)]
    return pl.map_batches(pair, _whole_form, return_dtype=pl.String, is_elementwise=True)


def _whole_form(pair: Sequence[pl.Series]) -> pl.Series:
    return whole_form(*pair)


def whole_form(text: pl.Series, short: pl.Series) -> pl.Series:
    """Return the canonical form of a column, given its short form, which mostly is the same."""
    rest = short.str.contains(_NEEDS_MORE).fill_null(value=False).arg_true()
    if not len(rest):
        return short
    whole = (
        text.gather(rest)
        .str.replace_all(_TO_REMOVE_INSIDE, "")
        .str.to_lowercase()
        .str.normalize(contract.UNICODE_FORM)
    )
    return short.scatter(rest, whole)


def short_form(text: pl.Expr) -> pl.Expr:
    """Return the canonical form as far as it can be had quickly: enough for plain ASCII.

    White space inside stays, and letters are not composed.
    """
    return stripped(text).str.to_lowercase()


def stripped(text: pl.Expr) -> pl.Expr:
    """Return a text without white space and invisible characters at its ends."""
    return text.str.strip_chars(_TO_REMOVE)
