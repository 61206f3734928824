"""Group the tidy table of referrals into small tables that add up.

Law: every table adds up. Its ``referrals`` sum to the rows it was made from and its ``cost`` to
their bid prices; what was not delivered is a group of its own, "not given", and never dropped.

Every function takes the tidy table of :meth:`Vault.read`. ``cost`` and ``average_bid`` are in the
currency of the account, which Rokt's files do not name; a referral without a bid price costs 0
and is left out of the average. Source: "Accessing referral data", docs.rokt.com.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from rokt_helpers.errors import ContractError

__all__ = [
    "AGE_BANDS", "NOT_GIVEN", "OTHER", "WEEKDAYS", "by_age_band", "by_audience", "by_day",
    "by_gender", "by_hour", "by_state", "by_weekday", "check_adds_up", "totals",
]  # fmt: skip

NOT_GIVEN: Final = "not given"
OTHER: Final = "Other"
_AGE_STARTS: Final = (18, 25, 35, 45, 55, 65)
AGE_BANDS: Final = ("under 18", "18-24", "25-34", "35-44", "45-54", "55-64", "65 and over")
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def by_day(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``day``, ``referrals``, ``cost``: every day from first to last, then null.

    Days without referrals hold zeros. The null day, if any, counts those without a date.
    """
    grouped = _grouped(referrals, pl.col("referred_at").dt.date().alias("day"))
    span = _span(referrals)
    if span is None:
        return grouped
    days = pl.date_range(*span, eager=True).alias("day").to_frame()
    table = days.join(grouped, on="day", how="left", maintain_order="left")
    table = pl.concat([table, grouped.filter(pl.col("day").is_null())])
    return check_adds_up(table.with_columns(pl.col("referrals", "cost").fill_null(0)), referrals)


def by_audience(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return one row per audience, the busiest first.

    Returns
    -------
    polars.DataFrame
        ``audience_id`` (text, 19 digits), ``audience``, ``referrals``, ``cost``, ``average_bid``
        (null where no bid price was given), ``share_of_referrals`` and ``share_of_cost`` (0 to 1).
    """
    named = [pl.col(name).fill_null(NOT_GIVEN) for name in ("audience_id", "audience")]
    bid = pl.col("bid_price").mean().alias("average_bid")
    table = _grouped(referrals, *named, more=[bid])
    return table.with_columns(
        _share("referrals"),
        _share("cost"),
    ).sort("referrals", "cost", "audience", "audience_id", descending=[True, True, False, False])


def by_state(referrals: pl.DataFrame, *, top: int = 10) -> pl.DataFrame:
    """Return ``state``, ``referrals``, ``cost``: the busiest ``top``, Other, not given."""
    table = _grouped(referrals, pl.col("state").fill_null(NOT_GIVEN))
    table = table.sort("referrals", "state", descending=[True, False])
    named = table.filter(pl.col("state") != NOT_GIVEN)
    rest = named.slice(top).select(
        pl.lit(OTHER).alias("state"), pl.col("referrals").sum(), pl.col("cost").sum()
    )
    rest = rest.filter(pl.col("referrals") > 0)
    table = pl.concat([named.head(top), rest, table.filter(pl.col("state") == NOT_GIVEN)])
    return check_adds_up(table, referrals)


def by_age_band(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``age_band``, ``referrals``, ``cost``: all bands by age, then not given."""
    age = pl.col("age")
    ends = zip(_AGE_STARTS, AGE_BANDS, strict=False)
    younger = [pl.when(age < end).then(pl.lit(band)) for end, band in ends]
    oldest = pl.when(age.is_not_null()).then(pl.lit(AGE_BANDS[-1]))
    band = pl.coalesce(*younger, oldest, pl.lit(NOT_GIVEN))
    grouped = _grouped(referrals, band.alias("age_band"))
    return _in_order(grouped, AGE_BANDS, referrals)


def by_gender(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``gender``, ``referrals``, ``cost``, the most frequent first."""
    table = _grouped(referrals, pl.col("gender").fill_null(NOT_GIVEN))
    return table.sort("referrals", "gender", descending=[True, False])


def by_hour(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``hour`` ("00" to "23" as delivered), ``referrals``, ``cost``, then not given.

    When every referral is at midnight the file held days, not moments: then none is given.
    """
    moment = pl.col("referred_at")
    has_time = (moment.dt.time() != pl.time(0, 0, 0)).any()
    hour = pl.when(has_time).then(moment.dt.strftime("%H")).fill_null(NOT_GIVEN).alias("hour")
    hours = tuple(f"{number:02}" for number in range(24))
    return _in_order(_grouped(referrals.with_columns(hour), pl.col("hour")), hours, referrals)


def by_weekday(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``weekday`` (Monday to Sunday), ``referrals``, ``cost``, then not given."""
    numbers = dict(enumerate(WEEKDAYS, 1))
    weekday = pl.col("referred_at").dt.weekday().replace_strict(numbers, return_dtype=pl.String)
    grouped = _grouped(referrals, weekday.fill_null(NOT_GIVEN).alias("weekday"))
    return _in_order(grouped, WEEKDAYS, referrals)


def totals(referrals: pl.DataFrame) -> dict[str, Any]:
    """Return the key figures.

    Returns
    -------
    dict
        ``referrals``, ``cost``, ``average_bid`` (None without bid prices), ``people`` (distinct
        ``email_sha256``), ``audiences``, ``days`` (calendar days from the first to the last),
        ``first_day``, ``last_day`` (None without dates).
    """
    span = _span(referrals)
    return {
        "referrals": referrals.height,
        "cost": referrals["bid_price"].sum(),
        "average_bid": referrals["bid_price"].mean(),
        "people": referrals["email_sha256"].drop_nulls().n_unique(),
        "audiences": referrals["audience_id"].drop_nulls().n_unique(),
        "days": (span[1] - span[0]).days + 1 if span else 0,
        "first_day": span[0] if span else None,
        "last_day": span[1] if span else None,
    }


def check_adds_up(table: pl.DataFrame, referrals: pl.DataFrame) -> pl.DataFrame:
    """Return the table if it adds up to the referrals it was made from.

    Raises
    ------
    ContractError
        Its referrals or its cost sum to something else.
    """
    whole = referrals["bid_price"].sum()
    if table["referrals"].sum() != referrals.height:
        raise ContractError(f"{table.columns[0]}: the referrals of the table do not add up.")
    if not math.isclose(table["cost"].sum(), whole, rel_tol=1e-9, abs_tol=1e-6):
        raise ContractError(f"{table.columns[0]}: the cost of the table does not add up.")
    return table


def _span(referrals: pl.DataFrame) -> tuple[date, date] | None:
    """Return the first and the last day, None when no referral has a date."""
    first, last = referrals["referred_at"].min(), referrals["referred_at"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return first.date(), last.date()


def _grouped(
    referrals: pl.DataFrame, *keys: pl.Expr, more: list[pl.Expr] | None = None
) -> pl.DataFrame:
    counts = [pl.len().cast(pl.Int64).alias("referrals"), pl.col("bid_price").sum().alias("cost")]
    table = referrals.group_by(*keys).agg(*counts, *(more or []))
    return check_adds_up(table, referrals)


def _share(column: str) -> pl.Expr:
    whole = pl.col(column).sum()
    share = pl.when(whole != 0).then(pl.col(column) / whole).otherwise(0.0)
    return share.alias(f"share_of_{column}")


def _in_order(
    grouped: pl.DataFrame, labels: tuple[str, ...], referrals: pl.DataFrame
) -> pl.DataFrame:
    """Return every label in its order, with zeros where nothing was; not given only if it was."""
    key = grouped.columns[0]
    frame = pl.DataFrame({key: [*labels, NOT_GIVEN]})
    table = frame.join(grouped, on=key, how="left", maintain_order="left").fill_null(0)
    table = table.filter((pl.col(key) != NOT_GIVEN) | (pl.col("referrals") > 0))
    return check_adds_up(table, referrals)
