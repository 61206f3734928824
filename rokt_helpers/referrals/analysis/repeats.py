"""People who were referred more than once: how many, after how long, and what it cost.

Every function takes the tidy table. A person is an ``email_sha256``; the first referral of a
person is the earliest, of equal moments the one that stands first, and one without a date comes
after all that have one. Every other referral of the person is a repeat.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals.analysis.segments import segment
from rokt_helpers.referrals.analysis.sums import (
    NOT_GIVEN,
    check_adds_up,
    grouped,
    person,
    share,
)

__all__ = ["REPEAT_DAYS", "days_between", "repeat_counts", "repeats_by"]

REPEAT_DAYS: Final = (
    "same day", "1 day", "2-7 days", "8-30 days", "31-90 days", "more than 90 days",
)  # fmt: skip
_LAST_DAYS: Final = (0, 1, 7, 30, 90)


def repeat_counts(referrals: pl.DataFrame, *, most: int = 5) -> pl.DataFrame:
    """Return how many people were referred how often.

    Returns
    -------
    polars.DataFrame
        ``times`` (text: "1", "2", … up to "5 and more"), ``referrals``, ``people``, ``cost``,
        ``cost_of_repeats`` (of all but each person's first), ``share_of_referrals``,
        ``share_of_cost``. Referrals without a digest are "not given": each is a person of its own
        and none a repeat. ``referrals`` and ``cost`` add up to the whole.
    """
    bid = pl.col("bid_price").fill_null(0)
    each = _by_moment(referrals).group_by("person").agg(
        pl.len().cast(pl.Int64).alias("referrals"), bid.sum().alias("cost"), bid.first().alias("f"),
    )  # fmt: skip
    known = pl.col("person").is_not_null()
    times = pl.when(known).then(pl.col("referrals").clip(upper_bound=most)).alias("times")
    table = each.group_by(times).agg(
        pl.col("referrals").sum(),
        pl.when(known).then(1).otherwise(pl.col("referrals")).sum().cast(pl.Int64).alias("people"),
        pl.col("cost").sum(),
        pl.when(known).then(pl.col("cost") - pl.col("f")).otherwise(0.0).sum()
        .alias("cost_of_repeats"),
    )  # fmt: skip
    frame = pl.DataFrame({"times": [*range(1, most + 1), None]}, schema={"times": pl.Int64})
    table = frame.join(
        table.with_columns(pl.col("times").cast(pl.Int64)),
        on="times", how="left", nulls_equal=True, maintain_order="left",
    ).with_columns(pl.exclude("times").fill_null(0))  # fmt: skip
    text = pl.col("times").cast(pl.String)
    named = pl.when(pl.col("times") == most).then(pl.format("{} and more", text)).otherwise(text)
    table = table.with_columns(named.fill_null(NOT_GIVEN).alias("times"))
    table = table.filter((pl.col("times") != NOT_GIVEN) | (pl.col("referrals") > 0))
    return check_adds_up(table.with_columns(share("referrals"), share("cost")), referrals)


def days_between(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return how long after a person's referral the next one came.

    Returns
    -------
    polars.DataFrame
        ``days_between`` (text, calendar days as delivered: "same day" to "more than 90 days"),
        ``repeats``, ``people``, ``cost`` (of the repeats). "not given" are repeats without a date.
        ``repeats`` and ``cost`` add up to all repeats.

    Raises
    ------
    ContractError
        The repeats do not add up: a bug.
    """
    order = _by_moment(referrals).filter(pl.col("person").is_not_null())
    order = order.sort("person", maintain_order=True)
    again = pl.col("person") == pl.col("person").shift()
    day = pl.col("referred_at").dt.date()
    repeats = order.with_columns(days=(day - day.shift()).dt.total_days()).filter(again)
    days = pl.col("days")
    bands = [
        pl.when(days <= last).then(pl.lit(n))
        for last, n in zip(_LAST_DAYS, REPEAT_DAYS, strict=False)
    ]
    longest = pl.when(days.is_not_null()).then(pl.lit(REPEAT_DAYS[-1]))
    band = pl.coalesce(*bands, longest, pl.lit(NOT_GIVEN)).alias("days_between")
    table = repeats.group_by(band).agg(
        pl.len().cast(pl.Int64).alias("repeats"),
        pl.col("person").n_unique().cast(pl.Int64).alias("people"),
        pl.col("bid_price").sum().alias("cost"),
    )
    if table["repeats"].sum() != repeats.height:
        raise ContractError("days_between: the repeats do not add up.")
    frame = pl.DataFrame({"days_between": [*REPEAT_DAYS, NOT_GIVEN]})
    table = frame.join(table, on="days_between", how="left", maintain_order="left").fill_null(0)
    return table.filter((pl.col("days_between") != NOT_GIVEN) | (pl.col("repeats") > 0))


def repeats_by(referrals: pl.DataFrame, by: str = "campaign") -> pl.DataFrame:
    """Return where repeats were paid for, most of their cost first.

    A repeat counts where it happened, wherever the person's first referral was.

    Returns
    -------
    polars.DataFrame
        The segment, ``referrals``, ``people``, ``cost``, ``repeats``, ``cost_of_repeats``,
        ``share_repeats`` (of the group's referrals, 0 to 1). ``referrals`` and ``cost`` add up to
        the whole, the repeats to those of :func:`repeat_counts`.
    """
    groups = referrals.select(
        "referred_at", "bid_price", "email_sha256", segment(referrals, by).alias(by)
    )
    order = _by_moment(groups, by)
    repeat = pl.col("person").is_not_null() & ~pl.col("person").is_first_distinct()
    order = order.with_columns(repeat=repeat)
    repeats = pl.col("repeat").sum().cast(pl.Int64)
    cost = pl.col("bid_price").filter("repeat").sum().alias("cost_of_repeats")
    table = order.group_by(by).agg(repeats.alias("repeats"), cost)
    whole = grouped(groups, pl.col(by)).join(table, on=by)
    rate = (pl.col("repeats") / pl.col("referrals")).alias("share_repeats")
    return check_adds_up(whole.with_columns(rate), referrals).sort(
        "cost_of_repeats", "referrals", by, descending=[True, True, False]
    )


def _by_moment(referrals: pl.DataFrame, *more: str) -> pl.DataFrame:
    slim = referrals.select("referred_at", "bid_price", *more, person().alias("person"))
    return slim.sort("referred_at", nulls_last=True, maintain_order=True)
