"""The suppression leak meter: people paid for while they were on a suppression list.

:func:`find_leaks` matches referrals with the stretches of our own ledger; the other functions
make tables of what it found. A referral of a person on two lists is a leak of each, so tables by
list add up to the leaks, and :func:`leak_totals` counts each referral once.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals.analysis.sums import NOT_GIVEN, among, as_utc, person

__all__ = [
    "LEAK_LAGS", "find_leaks", "leak_totals", "leaks_by_day", "leaks_by_lag", "leaks_by_list",
]  # fmt: skip

LEAK_LAGS: Final = ("0-24 hours", "1-2 days", "2-7 days", "more than 7 days")
_LAG_ENDS: Final = (24.0, 48.0, 168.0)
_MICROSECONDS_PER_HOUR: Final = 3_600_000_000


def find_leaks(
    referrals: pl.DataFrame,
    suppressions: pl.DataFrame,
    *,
    grace_hours: float = 0.0,
    referral_time_zone: str = "UTC",
) -> pl.DataFrame:
    """Return the referrals of people who were on a suppression list at that moment.

    Parameters
    ----------
    referrals
        The tidy table.
    suppressions
        One row per person, list and stretch: ``email_sha256``, ``list``, ``since`` (Datetime, UTC
        without zone: the platform confirmed it), ``until`` (null: still on the list; at that
        moment the person is off it). Stretches of one list may overlap: the earliest that
        reaches the referral counts, and the referral once.
    grace_hours
        What the platform may need: a referral sooner after ``since`` is no leak. Rokt states no
        figure, so none is the default.
    referral_time_zone
        Whose clock ``referred_at`` shows; Rokt states none.

    Returns
    -------
    polars.DataFrame
        One row per referral and list: ``referral`` (UInt32, the row in ``referrals`` from 0),
        ``list``, ``day`` (Date, as delivered), ``hours`` (Float64, from ``since`` to the
        referral), ``cost``, ``person`` (a number; equal for equal people). Referrals without a
        digest or a date cannot be matched and are left out.
    """
    moments = (
        referrals.lazy()
        .with_row_index("referral")
        .select(
            "referral", "email_sha256", person().alias("person"),
            moment=as_utc(referrals, referral_time_zone),
            day=pl.col("referred_at").dt.date(), cost=pl.col("bid_price").fill_null(0),
        )
        .filter(among(suppressions))
        .drop_nulls(["email_sha256", "moment"])
    )  # fmt: skip
    stretches = suppressions.lazy().drop_nulls(["email_sha256", "since"]).select(
        "email_sha256", pl.col("list").fill_null(NOT_GIVEN), "since",
        until=pl.col("until").cast(pl.Datetime("us")),
    )  # fmt: skip
    moment, until = pl.col("moment"), pl.col("until")
    there = (pl.col("since") <= moment) & (until.is_null() | (moment < until))
    each = (
        moments.join(stretches, on="email_sha256")
        .filter(there)
        .group_by("referral", "list")
        .agg(pl.col("since").min(), pl.col("moment", "day", "cost", "person").first())
    )
    microseconds = (moment - pl.col("since")).dt.total_microseconds()
    hours = (microseconds / _MICROSECONDS_PER_HOUR).alias("hours")
    leaks = each.select("referral", "list", "day", hours, "cost", "person")
    return leaks.filter(pl.col("hours") >= grace_hours).sort("referral", "list").collect()


def leaks_by_day(leaks: pl.DataFrame) -> pl.DataFrame:
    """Return ``list``, ``day``, ``referrals``, ``people``, ``cost``, ``median_hours``.

    Takes what :func:`find_leaks` gave; its rows and cost are the sums. Days without are left out.
    """
    return _table(leaks, "list", "day").sort("list", "day")


def leaks_by_list(leaks: pl.DataFrame) -> pl.DataFrame:
    """Return ``list``, ``referrals``, ``people``, ``cost``, ``median_hours``, the dearest first.

    Takes what :func:`find_leaks` gave; its rows and cost are the sums.
    """
    return _table(leaks, "list").sort("cost", "list", descending=[True, False])


def leaks_by_lag(leaks: pl.DataFrame) -> pl.DataFrame:
    """Return how long after the upload was confirmed leaks still came.

    Returns
    -------
    polars.DataFrame
        ``lag`` (text: "0-24 hours", "1-2 days", "2-7 days", "more than 7 days", each band with
        its start and without its end), ``referrals``, ``people``, ``cost``, ``median_hours``. All
        bands, with zeros where nothing was; their sums are the rows and the cost of ``leaks``.
    """
    bands = zip(_LAG_ENDS, LEAK_LAGS, strict=False)
    sooner = [pl.when(pl.col("hours") < end).then(pl.lit(name)) for end, name in bands]
    lag = pl.coalesce(*sooner, pl.lit(LEAK_LAGS[-1])).alias("lag")
    frame = pl.DataFrame({"lag": LEAK_LAGS})
    table = _table(leaks.with_columns(lag), "lag")
    table = frame.join(table, on="lag", how="left", maintain_order="left")
    return table.with_columns(pl.col("referrals", "people", "cost").fill_null(0))


def leak_totals(leaks: pl.DataFrame, referrals: pl.DataFrame) -> dict[str, Any]:
    """Return the key figures, each referral counted once, on however many lists its person was.

    Returns
    -------
    dict
        ``referrals``, ``people``, ``cost``, ``share_of_referrals`` and ``share_of_cost`` (of all
        referrals, 0 to 1), ``lists``, ``unmatched`` (referrals without a digest or a date).
    """
    once = leaks.unique("referral", keep="first")
    cost, whole = float(once["cost"].sum()), float(referrals["bid_price"].sum())
    blind = pl.col("email_sha256").is_null() | pl.col("referred_at").is_null()
    return {
        "referrals": once.height,
        "people": once["person"].n_unique(),
        "cost": cost,
        "share_of_referrals": once.height / referrals.height if referrals.height else 0.0,
        "share_of_cost": cost / whole if whole else 0.0,
        "lists": leaks["list"].n_unique(),
        "unmatched": referrals.select(blind.sum()).item(),
    }


def _table(leaks: pl.DataFrame, *keys: str) -> pl.DataFrame:
    table = leaks.group_by(*keys).agg(
        pl.len().cast(pl.Int64).alias("referrals"),
        pl.col("person").n_unique().cast(pl.Int64).alias("people"),
        pl.col("cost").sum(),
        pl.col("hours").median().alias("median_hours"),
    )
    if table["referrals"].sum() != leaks.height:
        raise ContractError(f"{keys[0]}: the leaks of the table do not add up.")
    return table
