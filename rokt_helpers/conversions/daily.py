"""How many conversions each day brought, and how much of which money.

The laws kept here: the conversions add up to those that came in, and no two currencies are added.
"""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["by_day"]

# Amounts have fifteen digits before the point and ten behind it; so many of them add up exactly.
_MONEY: Final = pl.Decimal(38, 10)


def by_day(conversions: pl.DataFrame, *, time_zone: str = "UTC") -> pl.DataFrame:
    """Return conversions and their money by day and currency.

    Parameters
    ----------
    conversions
        ``PreparedConversions.table``: of it ``timestamp_unixtime_ms`` (Int64), ``currency`` and
        ``amount`` (decimal text) are read, where they are there.
    time_zone
        Whose days they are.

    Returns
    -------
    ``day`` (Date, null where there was no moment), ``currency`` (null where none was named),
    ``conversions`` (Int64), ``amount`` (Float64, the exact sum, rounded last), ordered by day and
    currency, nulls last.
    """
    moment = _column(conversions, "timestamp_unixtime_ms", pl.Int64)
    day = pl.from_epoch(moment, time_unit="ms").dt.replace_time_zone("UTC")
    # Added to the rows, not selected: where no column is there, values alone would be one row.
    keyed = conversions.with_columns(
        day=day.dt.convert_time_zone(time_zone).dt.date(),
        currency=_column(conversions, "currency", pl.String),
        amount=_column(conversions, "amount", pl.String).cast(_MONEY),
    )
    return (
        keyed.group_by("day", "currency")
        .agg(conversions=pl.len().cast(pl.Int64), amount=pl.col("amount").sum().cast(pl.Float64))
        .sort("day", "currency", nulls_last=True)
    )


def _column(conversions: pl.DataFrame, name: str, kind: type[pl.DataType]) -> pl.Expr:
    there = name in conversions.columns
    return pl.col(name) if there else pl.lit(None, dtype=kind).alias(name)
