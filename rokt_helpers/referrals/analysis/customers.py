"""New people against known customers: whom we paid for though we had them already.

A customer is known to a referral when ``since`` is not after it; without ``since`` always.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.referrals.analysis.segments import segment
from rokt_helpers.referrals.analysis.sums import as_utc, check_adds_up, grouped, share

__all__ = ["KINDS", "known_customers_by", "new_and_known"]

KINDS: Final = ("new", "known", "untold")


def new_and_known(
    referrals: pl.DataFrame, customers: pl.DataFrame, *, referral_time_zone: str = "UTC"
) -> pl.DataFrame:
    """Return how many referrals were of people who were customers already.

    Parameters
    ----------
    referrals
        The tidy table.
    customers
        ``email_sha256``, and ``since`` (Datetime, UTC without zone; null: always) if known. Who
        is listed more than once is a customer from the earliest on.
    referral_time_zone
        Whose clock ``referred_at`` shows; Rokt states none.

    Returns
    -------
    polars.DataFrame
        ``customer``: "new", "known", "untold" (no digest; or no date while ``since`` is needed),
        ``referrals``, ``people``, ``cost``, ``average_bid``, ``share_of_referrals``,
        ``share_of_cost``. ``referrals`` and ``cost`` add up to the whole.
    """
    marked = referrals.select(
        "bid_price", "email_sha256", _kind(referrals, customers, referral_time_zone)
    )
    bid = pl.col("bid_price").mean().alias("average_bid")
    table = grouped(marked, pl.col("customer"), more=[bid])
    frame = pl.DataFrame({"customer": KINDS})
    table = frame.join(table, on="customer", how="left", maintain_order="left")
    table = table.with_columns(pl.col("referrals", "people", "cost").fill_null(0))
    return check_adds_up(table.with_columns(share("referrals"), share("cost")), referrals)


def known_customers_by(
    referrals: pl.DataFrame,
    customers: pl.DataFrame,
    by: str = "campaign",
    *,
    referral_time_zone: str = "UTC",
) -> pl.DataFrame:
    """Return where known customers were paid for, most of their cost first.

    Takes what :func:`new_and_known` takes, and a segment.

    Returns
    -------
    polars.DataFrame
        The segment, ``referrals``, ``people``, ``cost``, then referrals by kind: ``new``,
        ``known``, ``untold``, their cost: ``cost_on_new``, ``cost_on_known``, ``cost_on_untold``,
        and ``share_known``, the known of those that can be told (0 to 1, null if none can).
        In every row the three kinds add up to its referrals and cost.
    """
    marked = referrals.select(
        "bid_price", "email_sha256", segment(referrals, by).alias(by),
        _kind(referrals, customers, referral_time_zone),
    )  # fmt: skip
    counts = [(pl.col("customer") == kind).sum().cast(pl.Int64).alias(kind) for kind in KINDS]
    costs = [
        pl.col("bid_price").filter(pl.col("customer") == kind).sum().alias(f"cost_on_{kind}")
        for kind in KINDS
    ]
    table = grouped(marked, pl.col(by), more=[*counts, *costs])
    told = pl.col("new") + pl.col("known")
    known = pl.when(told > 0).then(pl.col("known") / told).alias("share_known")
    return check_adds_up(table.with_columns(known), referrals).sort(
        "cost_on_known", "referrals", by, descending=[True, True, False]
    )


def _kind(referrals: pl.DataFrame, customers: pl.DataFrame, time_zone: str) -> pl.Series:
    """Return for each referral whether its person was new, known or cannot be told."""
    since = pl.col("since") if "since" in customers.columns else pl.lit(None, pl.Datetime("us"))
    first = pl.when(since.is_not_null().all()).then(since.min().cast(pl.Datetime("us")))
    each = (
        customers.lazy()
        .drop_nulls("email_sha256")
        .group_by("email_sha256")
        .agg(first.alias("since"))
        .with_columns(listed=pl.lit(value=True))
        .collect()
    )
    moments = referrals.select("email_sha256", moment=as_utc(referrals, time_zone))
    # Not lazy: joined and selected in one query, Polars 2.1 forgets that the order was asked for.
    both = moments.join(each, on="email_sha256", how="left", maintain_order="left")
    listed, start, moment = pl.col("listed"), pl.col("since"), pl.col("moment")
    kind = (
        pl.when(pl.col("email_sha256").is_null())
        .then(pl.lit("untold"))
        .when(listed.is_null())
        .then(pl.lit("new"))
        .when(start.is_null() | (start <= moment))
        .then(pl.lit("known"))
        .when(moment.is_null())
        .then(pl.lit("untold"))
        .otherwise(pl.lit("new"))
    )
    return both.select(kind.alias("customer")).to_series()
