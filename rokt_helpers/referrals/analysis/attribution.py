"""Give each conversion to at most one referral, and say what became of those it gave to none.

Law: every conversion that goes in comes out once, with one outcome.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from rokt_helpers.referrals.analysis.sums import NOT_GIVEN, among, as_utc

__all__ = ["OUTCOMES", "attribute", "conversion_totals"]

OUTCOMES: Final = ("attributed", "too late", "no referral before", "counted before", "unusable")
_SAME: Final = ("email_sha256", "conversiontype", "confirmationref")
_MICROSECONDS_PER_DAY: Final = 86_400_000_000


def attribute(
    referrals: pl.DataFrame,
    conversions: pl.DataFrame,
    *,
    window_days: float = 30.0,
    referral_time_zone: str = "UTC",
) -> pl.DataFrame:
    """Give each conversion to the last referral of its person before it.

    Parameters
    ----------
    referrals
        The tidy table.
    conversions
        ``email_sha256``, ``converted_at`` (Datetime, UTC without zone), ``value`` (Float64),
        ``currency``; ``conversiontype`` and ``confirmationref`` if there are. The same person,
        type and reference again is the same conversion: the earliest counts.
    window_days
        A conversion later than this after the referral is not its doing. At the very end, and at
        the very moment of the referral, it is. Of equal moments the referral that stands last.
    referral_time_zone
        Whose clock ``referred_at`` shows; Rokt states none.

    Returns
    -------
    polars.DataFrame
        One row per conversion, in their order: ``referral`` (UInt32, the row in ``referrals`` from
        0; null without), ``days`` (Float64, from referral to conversion; null without), ``value``,
        ``currency`` ("not given" where missing), ``converted_at``, ``outcome`` (one of
        :data:`OUTCOMES`; unusable is a conversion without a digest or a moment).
    """
    every = _prepared(conversions)
    usable = every.filter(pl.col("outcome") == "usable").sort("converted_at", "conversion")
    moments = (
        referrals.lazy()
        .with_row_index("referral")
        .select("referral", "email_sha256", referred=as_utc(referrals, referral_time_zone))
        .filter(among(usable))
        .drop_nulls()
        .sort("referred", "referral")
        .collect()
    )
    found = usable.join_asof(
        moments, left_on="converted_at", right_on="referred", by="email_sha256",
        strategy="backward", check_sortedness=False, coalesce=False,
    )  # fmt: skip
    table = every.join(
        _judged(found, window_days),
        on="conversion",
        how="left",
        suffix="_found",
        maintain_order="left",
    )
    said = pl.coalesce("outcome_found", "outcome").alias("outcome")
    return table.select("referral", "days", "value", "currency", "converted_at", said)


def conversion_totals(attributed: pl.DataFrame) -> dict[str, int]:
    """Return how many conversions had each of :data:`OUTCOMES`; they add up to all of them."""
    counts = dict(attributed["outcome"].value_counts().iter_rows())
    return {outcome: counts.get(outcome, 0) for outcome in OUTCOMES}


def _judged(found: pl.DataFrame, window_days: float) -> pl.DataFrame:
    """Return for each conversion whether the referral before it is near enough."""
    lag = pl.col("converted_at") - pl.col("referred")
    inside = lag <= timedelta(days=window_days)
    outcome = (
        pl.when(lag.is_null())
        .then(pl.lit("no referral before"))
        .when(inside)
        .then(pl.lit("attributed"))
        .otherwise(pl.lit("too late"))
    )
    return found.select(
        "conversion",
        outcome=outcome,
        referral=pl.when(inside).then("referral"),
        days=pl.when(inside).then(lag.dt.total_microseconds() / _MICROSECONDS_PER_DAY),
    )


def _prepared(conversions: pl.DataFrame) -> pl.DataFrame:
    """Return the conversions numbered, with those marked that cannot or must not count."""
    names = conversions.columns
    missing = [pl.lit(None, pl.String).alias(name) for name in _SAME if name not in names]
    blind = pl.col("email_sha256").is_null() | pl.col("converted_at").is_null()
    table = conversions.with_columns(missing).with_row_index("conversion").select(
        "conversion", *_SAME, pl.col("converted_at").cast(pl.Datetime("us")),
        pl.col("value").cast(pl.Float64), pl.col("currency").fill_null(NOT_GIVEN), blind=blind,
    )  # fmt: skip
    referenced = table.filter(~blind & pl.col("confirmationref").is_not_null())
    first = referenced.sort("converted_at", "conversion").select(
        "conversion", pl.struct(_SAME).is_first_distinct().alias("_first")
    )
    again = first.filter(~pl.col("_first"))["conversion"]
    outcome = (
        pl.when("blind")
        .then(pl.lit("unusable"))
        .when(pl.col("conversion").is_in(again.implode()))
        .then(pl.lit("counted before"))
        .otherwise(pl.lit("usable"))
    )
    return table.select(
        "conversion", "email_sha256", "converted_at", "value", "currency", outcome=outcome
    )
