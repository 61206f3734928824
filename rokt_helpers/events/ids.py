"""Ids that are made of what they name, so that the same purchase has the same ones in every run."""

from __future__ import annotations

import polars as pl

__all__ = ["event_id", "uuid_of"]


def event_id(columns: list[str]) -> pl.Expr:
    """Return the purchase's own event id, or else a UUID made of the column ``digest``.

    Parameters
    ----------
    columns
        The names that are there; the own id is ``clienteventid``.
    """
    own = [pl.col("clienteventid")] if "clienteventid" in columns else []
    return pl.coalesce(*own, uuid_of(pl.col("digest").str.reverse()))


def uuid_of(digest: pl.Expr) -> pl.Expr:
    """Return 32 characters of a hexadecimal digest in the shape of a UUID; null of null."""
    cuts = ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))
    return pl.concat_str(*(digest.str.slice(*cut) for cut in cuts), separator="-")
