"""Write JSON objects as columns of text: millions of small ones without a Python object each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import polars as pl

__all__ = ["as_list", "as_object", "number", "text"]


# What JSON wants escaped inside a text, and how.
_ESCAPED: Final = {char: json.dumps(char)[1:-1] for char in ('"', "\\", *map(chr, range(0x20)))}


def text(key: str, value: pl.Expr) -> pl.Expr:
    """Return ``"key":"value"`` with the value escaped; null where the value is."""
    escaped = value.cast(pl.String).str.replace_many([*_ESCAPED], [*_ESCAPED.values()])
    return pl.concat_str(pl.lit(f'"{key}":"'), escaped, pl.lit('"'))


def number(key: str, value: pl.Expr) -> pl.Expr:
    """Return ``"key":value`` of a number, or of text that is one; null where the value is."""
    return pl.concat_str(pl.lit(f'"{key}":'), value.cast(pl.String))


# No expression stands twice in another one: each level would double the work of the one below.


def as_object(members: Iterable[pl.Expr], *, key: str | None = None) -> pl.Expr:
    """Return an object of the members that are not null; null where all of them are.

    With ``key`` it is itself a member.
    """
    inside = pl.concat_str(*members, separator=",", ignore_nulls=True)
    whole = pl.concat_str(pl.lit("{"), inside, pl.lit("}")).replace("{}", None)
    return whole if key is None else pl.concat_str(pl.lit(f'"{key}":'), whole)


def as_list(*items: pl.Expr, key: str) -> pl.Expr:
    """Return ``"key":[…]`` of the items that are not null; null where all of them are."""
    inside = pl.concat_str(*items, separator=",", ignore_nulls=True)
    whole = pl.concat_str(pl.lit("["), inside, pl.lit("]")).replace("[]", None)
    return pl.concat_str(pl.lit(f'"{key}":'), whole)
