"""Digests: how one is made, told from another, and found to stand for nobody."""

from __future__ import annotations

import hashlib
from typing import Any, Final, cast

import polars as pl
import polars_hash  # noqa: F401  registers the `chash` namespace on expressions

from rokt_helpers import contract
from rokt_helpers.identifiers.canonical import stripped

__all__ = ["POISON_DIGESTS", "digest_fault", "is_digest", "looks_like", "sha256_hex"]

POISON_DIGESTS: Final = frozenset(
    hashlib.sha256(word.encode()).hexdigest() for word in contract.PLACEHOLDERS
)
_HEX: Final = r"^[0-9a-fA-F]+$"


def sha256_hex(text: pl.Expr) -> pl.Expr:
    """Return the SHA-256 of the UTF-8 bytes, 64 lower-case hexadecimal characters; null of null."""
    return cast("pl.Expr", text.chash.sha2_256())  # type: ignore[attr-defined]


def is_digest(cell: pl.Expr, name: str | None = None) -> pl.Expr:
    """Return whether a cell has the shape of a digest, of any kind or of the named one."""
    lengths = [n for n, kind in contract.DIGEST_LENGTHS.items() if name in {None, kind}]
    return cell.str.len_bytes().is_in(lengths) & cell.str.contains(_HEX)


def digest_fault(canonical: pl.Expr) -> pl.Expr:
    """Return why a cell, white space removed and lower case, is not a usable SHA-256; else null."""
    return (
        pl.when(canonical.is_null() | (canonical == "")).then(pl.lit("empty"))
        .when(canonical.is_in(sorted(POISON_DIGESTS))).then(pl.lit("poison_digest"))
        .when(is_digest(canonical, "SHA-256")).then(pl.lit(None, dtype=pl.String))
        .when(is_digest(canonical)).then(pl.lit("other_digest"))
        .otherwise(pl.lit("not_a_digest"))
    )  # fmt: skip


def looks_like(text: pl.Expr) -> pl.Expr:
    """Return what a raw cell looks like: ``email``, a digest's name, ``other``, or null if blank.

    A look, not a verdict: anything with an @ counts as an address here, well formed or not.
    """
    return text.map_batches(_looks_like, return_dtype=pl.String, is_elementwise=True)


def _looks_like(cells: pl.Series) -> pl.Series:
    """Settle the many cells with an @ at once, and look closer at the rest."""
    rest = ~cells.str.contains("@", literal=True).fill_null(value=False)
    looks = pl.Series(cells.name, ["email"]).new_from_index(0, len(cells))
    if not rest.any():
        return looks
    bare = stripped(pl.col("cell"))
    closer: Any = pl.when(bare.is_null() | (bare == "")).then(pl.lit(None, dtype=pl.String))
    for name in contract.DIGEST_LENGTHS.values():
        closer = closer.when(is_digest(bare, name)).then(pl.lit(name))
    named = cells.filter(rest).to_frame("cell").select(closer.otherwise(pl.lit("other")))
    return looks.scatter(rest.arg_true(), named.to_series())
