"""What a suppression list of people who were referred or bought already could spare.

:func:`mark_avoidable` says of each referral whether such a list could have kept it away; the other
functions make tables of that. A list needs time to be made and uploaded, so what came before counts
only once it is ``hours`` ago.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.analysis.sums import (
    NOT_GIVEN,
    as_utc,
    check_adds_up,
    grouped,
    share,
)

__all__ = [
    "AVOIDABLE",
    "FIRST_TIME",
    "PERIODS",
    "avoidable_cost",
    "before_and_after",
    "mark_avoidable",
]

FIRST_TIME: Final = "first time"
AVOIDABLE: Final = ("referred before", "bought before", "referred and bought before")
_KINDS: Final = (FIRST_TIME, *AVOIDABLE, NOT_GIVEN)
PERIODS: Final = ("before the list", "since the list")
_PARTS: Final = ("referred only", "referred and bought", "bought only")
_THOUSAND: Final = 1_000.0


def going_in(referred: pl.Series, bought: pl.Series, on_list: pl.Series) -> pl.DataFrame:
    """Return who belongs on the list, and how many of them are not on it yet.

    Parameters
    ----------
    referred, bought, on_list
        Digests; nulls and repeats are no people.

    Returns
    -------
    polars.DataFrame
        ``part`` ("referred only", "referred and bought", "bought only"), ``people`` and ``new``
        (Int64). Each person is in one part.
    """
    everybody = pl.concat([part.alias("who") for part in (referred, bought)]).drop_nulls().unique()
    was_referred, has_bought, is_there = (
        pl.col("who").is_in(part.drop_nulls().implode()) for part in (referred, bought, on_list)
    )
    part = (
        pl.when(was_referred & has_bought)
        .then(pl.lit(_PARTS[1]))
        .when(was_referred)
        .then(pl.lit(_PARTS[0]))
        .otherwise(pl.lit(_PARTS[2]))
    )
    counts = (
        everybody.to_frame()
        .group_by(part=part)
        .agg(people=pl.len().cast(pl.Int64), new=(~is_there).sum().cast(pl.Int64))
    )
    frame = pl.DataFrame({"part": _PARTS})
    return frame.join(counts, on="part", how="left", maintain_order="left").fill_null(0)


def mark_avoidable(
    referrals: pl.DataFrame,
    conversions: pl.DataFrame | None = None,
    *,
    days: float = 30.0,
    hours: float = 24.0,
    referral_time_zone: str = "UTC",
) -> pl.DataFrame:
    """Return the referrals as they are, with the column ``kind``.

    Parameters
    ----------
    referrals
        The tidy table.
    conversions
        As :func:`attribute` takes them; a person who bought stays on the list for good. None
        knows of no purchase.
    days
        How long a referral keeps its person on the list.
    hours
        How long after a referral or a conversion the list has the person: 24 where it is made
        once a day. More than 0.
    referral_time_zone
        Whose clock ``referred_at`` shows; conversions are in UTC.

    Returns
    -------
    polars.DataFrame
        ``kind`` is "first time" (no such list would have held the person), "referred before" (a
        referral of theirs was at least ``hours`` and at most ``days`` ago), "bought before" (a
        conversion was at least ``hours`` ago), "referred and bought before", or "not given" (no
        digest or no date: it cannot be told). Same rows, same order.

    Raises
    ------
    InputError
        ``hours`` is not more than 0; no time zone has this name.
    """
    if hours <= 0:
        raise InputError("A list needs time to be made: give more than 0 hours.")
    latest = pl.col("moment") - timedelta(hours=hours)
    moments = pl.DataFrame({
        "row": pl.int_range(referrals.height, eager=True),
        "email_sha256": referrals["email_sha256"],
        "moment": as_utc(referrals, referral_time_zone),
    }).drop_nulls().with_columns(latest=latest)  # fmt: skip
    again = moments.filter(pl.col("email_sha256").is_duplicated())
    earlier = again.select("email_sha256", latest="moment", at="moment")
    kept = pl.col("at") >= pl.col("moment") - timedelta(days=days)
    referred = _last_before(again, earlier).filter(kept)["row"]
    bought = pl.Series(dtype=pl.Int64)
    if conversions is not None:
        sold = conversions.select(
            "email_sha256", latest="converted_at", at="converted_at"
        ).drop_nulls()
        known = sold["email_sha256"].unique()
        buyers = moments.filter(pl.col("email_sha256").is_in(known.implode()))
        bought = _last_before(buyers, sold)["row"]
    return _with_kind(referrals, moments["row"], referred, bought)


def avoidable_cost(marked: pl.DataFrame) -> pl.DataFrame:
    """Return what a list could have spared.

    Parameters
    ----------
    marked
        Of :func:`mark_avoidable`; or only some of its rows, such as the last days.

    Returns
    -------
    polars.DataFrame
        ``kind``, ``referrals``, ``people``, ``cost``, ``share_of_referrals``, ``share_of_cost``,
        in the order of the kinds, with zeros for those of nobody. They add up to the whole.
    """
    table = grouped(marked, pl.col("kind"))
    frame = pl.DataFrame({"kind": _KINDS})
    table = frame.join(table, on="kind", how="left", maintain_order="left")
    table = table.with_columns(pl.col("referrals", "people", "cost").fill_null(0))
    table = table.filter((pl.col("kind") != NOT_GIVEN) | (pl.col("referrals") > 0))
    return check_adds_up(table.with_columns(share("referrals"), share("cost")), marked)


def before_and_after(
    marked: pl.DataFrame,
    leaks: pl.DataFrame,
    first_delivery: datetime,
    *,
    referral_time_zone: str = "UTC",
) -> pl.DataFrame:
    """Return how much came that a list could spare, before its first delivery and since.

    Parameters
    ----------
    marked
        All rows of :func:`mark_avoidable`.
    leaks
        Of :func:`find_leaks` over the same rows: who was on the list at that moment.
    first_delivery
        When the list was first delivered to; UTC without a zone.

    Returns
    -------
    polars.DataFrame
        ``period`` ("before the list", "since the list", "not given" where there is no date),
        ``referrals``, ``people``, ``cost``, ``avoidable`` and ``leaked`` (referrals of each,
        Int64), ``cost_avoidable``, ``cost_leaked``, ``avoidable_per_1000`` and
        ``leaked_per_1000`` (of the period's referrals; null of none). They add up to the whole.
    """
    moment = as_utc(marked, referral_time_zone)
    period = (
        pl.when(moment.is_null())
        .then(pl.lit(NOT_GIVEN))
        .when(moment >= first_delivery)
        .then(pl.lit(PERIODS[1]))
        .otherwise(pl.lit(PERIODS[0]))
        .alias("period")
    )
    leaked = pl.int_range(pl.len()).is_in(leaks["referral"].cast(pl.Int64).unique().implode())
    spared, bid = pl.col("kind").is_in(AVOIDABLE), pl.col("bid_price")
    table = grouped(
        marked.with_columns(_leaked=leaked),
        period,
        more=[
            spared.sum().cast(pl.Int64).alias("avoidable"),
            pl.col("_leaked").sum().cast(pl.Int64).alias("leaked"),
            bid.filter(spared).sum().alias("cost_avoidable"),
            bid.filter("_leaked").sum().alias("cost_leaked"),
        ],
    )
    frame = pl.DataFrame({"period": [*PERIODS, NOT_GIVEN]})
    table = frame.join(table, on="period", how="left", maintain_order="left")
    table = table.with_columns(pl.exclude("period").fill_null(0))
    table = table.filter((pl.col("period") != NOT_GIVEN) | (pl.col("referrals") > 0))
    return table.with_columns(_per_1000("avoidable"), _per_1000("leaked"))


def _last_before(moments: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose person has another moment until ``latest``, with the last as ``at``."""
    return (
        moments.sort("latest")
        .join_asof(others.sort("latest"), on="latest", by="email_sha256", check_sortedness=False)
        .drop_nulls("at")
    )


def _with_kind(
    referrals: pl.DataFrame, told: pl.Series, referred: pl.Series, bought: pl.Series
) -> pl.DataFrame:
    row = pl.int_range(pl.len())
    was_referred, has_bought = row.is_in(referred.implode()), row.is_in(bought.implode())
    kind = (
        pl.when(~row.is_in(told.implode()))
        .then(pl.lit(NOT_GIVEN))
        .when(was_referred & has_bought)
        .then(pl.lit(AVOIDABLE[2]))
        .when(has_bought)
        .then(pl.lit(AVOIDABLE[1]))
        .when(was_referred)
        .then(pl.lit(AVOIDABLE[0]))
        .otherwise(pl.lit(FIRST_TIME))
    )
    return referrals.with_columns(kind=kind)


def _per_1000(column: str) -> pl.Expr:
    whole = pl.col("referrals")
    each = pl.when(whole > 0).then(pl.col(column) * _THOUSAND / whole)
    return each.alias(f"{column}_per_1000")
