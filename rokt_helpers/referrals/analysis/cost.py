"""What referrals cost: the spread of bids, cost over time, and days on which no file came.

Every function takes the tidy table; money is in the account's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import polars as pl

from rokt_helpers.referrals.analysis.segments import segment
from rokt_helpers.referrals.analysis.sums import check_adds_up, grouped, share

__all__ = ["QUANTILES", "Every", "bid_quantiles", "cost_over_time", "volume_and_cost"]

Every = Literal["day", "week", "month"]
QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
_STEPS: Final = {"day": "1d", "week": "1w", "month": "1mo"}
_PRICED: Final = pl.col("bid_price").count().cast(pl.Int64).alias("priced")


def bid_quantiles(
    referrals: pl.DataFrame, by: str = "campaign", *, quantiles: Sequence[float] = QUANTILES
) -> pl.DataFrame:
    """Return how the bid prices of each group spread, the busiest group first.

    Parameters
    ----------
    referrals
        The tidy table.
    by
        What :func:`segment` takes: ``campaign``, ``audience``, ``source``, ``all`` …
    quantiles
        Parts from 0 to 1, read between two bids in a straight line.

    Returns
    -------
    polars.DataFrame
        The segment, ``referrals``, ``people``, ``cost``, ``share_of_referrals``, ``priced``
        (referrals with a bid price), ``average_bid``, and one column per quantile: ``bid_p10`` to
        ``bid_p90``, all null where nothing is priced. ``referrals`` and ``cost`` add up.
    """
    bid = pl.col("bid_price")
    spread = [bid.quantile(q, interpolation="linear").alias(f"bid_p{q * 100:g}") for q in quantiles]
    more = [_PRICED, bid.mean().alias("average_bid"), *spread]
    table = grouped(referrals.with_columns(segment(referrals, by)), pl.col(by), more=more)
    return table.select(
        by,
        "referrals",
        "people",
        "cost",
        share("referrals"),
        pl.exclude(by, "referrals", "people", "cost"),
    ).sort("referrals", by, descending=[True, False])


def cost_over_time(referrals: pl.DataFrame, *, every: Every = "week") -> pl.DataFrame:
    """Return what a referral cost in each stretch of time.

    Returns
    -------
    polars.DataFrame
        ``start`` (Date; a week starts on Monday), ``referrals``, ``people``, ``cost``, ``priced``,
        ``average_bid`` (null in a stretch without a bid price). Stretches without referrals have
        zeros; a null start, if any, stands last and counts those without a date.
    """
    start = pl.col("referred_at").dt.truncate(_STEPS[every]).dt.date().alias("start")
    more = [_PRICED, pl.col("bid_price").mean().alias("average_bid")]
    table = grouped(referrals, start, more=more).sort("start", nulls_last=True)
    dated = table.drop_nulls("start")
    if not dated.is_empty():
        ends = dated.select(a=pl.col("start").min(), b=pl.col("start").max())
        starts = ends.select(start=pl.date_ranges("a", "b", _STEPS[every]).explode())
        dated = starts.join(dated, on="start", how="left", maintain_order="left")
        table = pl.concat([dated, table.filter(pl.col("start").is_null())])
    zero = pl.col("referrals", "people", "cost", "priced").fill_null(0)
    return check_adds_up(table.with_columns(zero), referrals)


def volume_and_cost(referrals: pl.DataFrame, gaps: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return volume and cost by day, with the days marked for which no file came.

    Parameters
    ----------
    referrals
        The tidy table.
    gaps
        ``day`` (Date): days for which no file came. None marks nothing.

    Returns
    -------
    polars.DataFrame
        ``day``, ``referrals``, ``people``, ``cost``, ``priced``, ``average_bid``, ``gap``
        (Boolean): every day from the first to the last of the referrals and the gaps, then null.
        The zeros of a gap are what was collected, not what happened.
    """
    table = cost_over_time(referrals, every="day").rename({"start": "day"})
    missing = pl.Series("day", [], dtype=pl.Date) if gaps is None else gaps["day"].cast(pl.Date)
    missing = missing.drop_nulls().unique()
    known = pl.concat([table["day"].drop_nulls(), missing])
    if not known.is_empty():
        days = known.to_frame().select(pl.date_range(pl.col("day").min(), pl.col("day").max()))
        dated = days.join(table, on="day", how="left", maintain_order="left")
        table = pl.concat([dated, table.filter(pl.col("day").is_null())])
    zero = pl.col("referrals", "people", "cost", "priced").fill_null(0)
    gap = pl.col("day").is_in(missing.implode()).fill_null(value=False).alias("gap")
    return check_adds_up(table.with_columns(zero, gap), referrals)
