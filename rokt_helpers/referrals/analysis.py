"""Say in plain sentences what the tables of referrals show; the tables are offered here too.

Law: each sentence states a number with its unit and can be read off one of the tables.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from rokt_helpers.referrals.groups import (
    AGE_BANDS,
    NOT_GIVEN,
    OTHER,
    WEEKDAYS,
    by_age_band,
    by_audience,
    by_day,
    by_gender,
    by_hour,
    by_state,
    by_weekday,
    check_adds_up,
    totals,
)

__all__ = [
    "AGE_BANDS", "NOT_GIVEN", "OTHER", "WEEKDAYS", "by_age_band", "by_audience", "by_day",
    "by_gender", "by_hour", "by_state", "by_weekday", "check_adds_up", "findings", "totals",
]  # fmt: skip

_FEW_REFERRALS: Final = 20  # an average of fewer is chance, not a finding
_CLEARLY_DEARER: Final = 1.01
_WEEK_DAYS: Final = 14  # fewer days hold a weekday only once


def findings(referrals: pl.DataFrame, *, currency: str = "") -> list[str]:
    """Return up to five plain sentences with numbers that say what the tables show.

    ``currency`` is written after each amount, for instance ``"AUD"``.
    """
    if referrals.is_empty():
        return ["There are no referrals yet."]
    said = [
        _size(referrals, currency),
        _busiest(referrals),
        _dearest(referrals, currency),
        _trend(referrals),
        _best_weekday(referrals),
    ]
    return [sentence for sentence in said if sentence]


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.2f} {currency}".strip()


def _size(referrals: pl.DataFrame, currency: str) -> str:
    figures = totals(referrals)
    count = f"{figures['referrals']:,} referral{'' if figures['referrals'] == 1 else 's'}"
    cost = f"cost {_money(figures['cost'], currency)}"
    cost += "" if currency else " in the account's currency"
    if figures["first_day"] is None:
        return f"{count} {cost}."
    days = f"{figures['days']:,} day{'' if figures['days'] == 1 else 's'}"
    return f"{count} in {days}, {figures['first_day']} to {figures['last_day']}, {cost}."


def _busiest(referrals: pl.DataFrame) -> str:
    table = by_audience(referrals).filter(pl.col("audience") != NOT_GIVEN)
    if table.is_empty():
        return ""
    row = table.row(0, named=True)
    return (
        f"The busiest audience is {row['audience']}: {row['referrals']:,} referrals, "
        f"{row['share_of_referrals']:.0%} of all."
    )


def _dearest(referrals: pl.DataFrame, currency: str) -> str:
    table = by_audience(referrals).filter(
        (pl.col("audience") != NOT_GIVEN)
        & (pl.col("referrals") >= _FEW_REFERRALS)
        & pl.col("average_bid").is_not_null()
    )
    average = totals(referrals)["average_bid"]
    if table.is_empty() or not average:
        return ""
    row = table.sort("average_bid", descending=True).row(0, named=True)
    if row["average_bid"] < average * _CLEARLY_DEARER:
        return ""
    return (
        f"The dearest audience is {row['audience']}: {_money(row['average_bid'], currency)} per "
        f"referral, {row['average_bid'] / average - 1:.0%} above the average of "
        f"{_money(average, currency)}."
    )


def _trend(referrals: pl.DataFrame) -> str:
    """Compare two spans of equally many days; an odd day in the middle is in neither."""
    figures = totals(referrals)
    half = figures["days"] // 2
    if not half:
        return ""
    day = pl.col("referred_at").dt.date()
    early = referrals.filter(day < figures["first_day"] + timedelta(days=half)).height
    late = referrals.filter(day > figures["last_day"] - timedelta(days=half)).height
    change = late / early - 1
    course = (
        f"{abs(change):.0%} {'more' if change > 0 else 'fewer'} than" if change else "as many as"
    )
    return (
        f"The last {half:,} days brought {late:,} referrals, {course} the first {half:,} "
        f"({early:,})."
    )


def _best_weekday(referrals: pl.DataFrame) -> str:
    """Name the weekday with most referrals per calendar day of that name."""
    figures = totals(referrals)
    if figures["days"] < _WEEK_DAYS:
        return ""
    days = pl.date_range(figures["first_day"], figures["last_day"], eager=True).dt.weekday()
    counts = by_weekday(referrals)["referrals"].to_list()
    means = {name: counts[i] / (days == i + 1).sum() for i, name in enumerate(WEEKDAYS)}
    best = max(means, key=means.__getitem__)
    overall = sum(counts[:7]) / figures["days"]
    return (
        f"{best} is the best weekday: {means[best]:,.1f} referrals on average, against "
        f"{overall:,.1f} over all days."
    )
