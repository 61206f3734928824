"""Say in plain sentences what the tables of referrals show.

Law: each sentence states a number with its unit and can be read off one of the tables. No sentence
names a group of few people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import polars as pl

from rokt_helpers.referrals.analysis.findings_of_people import (
    about_conversions,
    about_customers,
    about_leaks,
    about_repeats,
)
from rokt_helpers.referrals.analysis.groups import by_audience, by_weekday, totals
from rokt_helpers.referrals.analysis.quality import rows_delivered
from rokt_helpers.referrals.analysis.segments import WEEKDAYS
from rokt_helpers.referrals.analysis.small import FEWEST_PEOPLE
from rokt_helpers.referrals.analysis.sums import NOT_GIVEN
from rokt_helpers.referrals.analysis.wording import count, money

__all__ = ["findings"]

_FEW_REFERRALS: Final = 20  # an average of fewer is chance, not a finding
_CLEARLY_DEARER: Final = 1.01
_WEEK_DAYS: Final = 14  # fewer days hold a weekday only once
_HARDLY: Final = 0.005
_MOST_DAYS_NAMED: Final = 3


def findings(
    referrals: pl.DataFrame,
    *,
    currency: str = "",
    gaps: pl.DataFrame | None = None,
    customers: pl.DataFrame | None = None,
    suppressions: pl.DataFrame | None = None,
    conversions: pl.DataFrame | None = None,
    files: pl.DataFrame | None = None,
    window_days: float = 30.0,
    grace_hours: float = 0.0,
    referral_time_zone: str = "UTC",
    fewest: int = FEWEST_PEOPLE,
) -> list[str]:
    """Return plain sentences with numbers that say what the tables show.

    Parameters
    ----------
    referrals
        The tidy table.
    currency
        The account's; written after each amount, for instance ``"AUD"``.
    gaps
        ``day``: days for which no file came, as :func:`volume_and_cost` takes them.
    customers, suppressions, conversions, files
        As :func:`new_and_known`, :func:`find_leaks`, :func:`attribute` and :func:`rows_delivered`
        take them. What is None is not spoken of.
    window_days, grace_hours, referral_time_zone
        As the same functions take them.
    fewest
        No group of fewer people is named, and fewer people are not counted out.
    """
    if referrals.is_empty():
        return ["There are no referrals yet."]
    figures = totals(referrals)
    audiences = by_audience(referrals).filter(
        (pl.col("audience") != NOT_GIVEN) & (pl.col("people") >= fewest)
    )
    said = [
        _size(figures, currency),
        _busiest(audiences),
        _dearest(audiences, figures, currency),
        _trend(referrals, figures, gaps),
        _best_weekday(referrals, figures),
        _gaps(gaps),
        about_repeats(referrals, currency, fewest),
    ]
    zone = referral_time_zone
    if customers is not None:
        said.append(about_customers(referrals, customers, currency, zone, fewest))
    if suppressions is not None:
        said.append(about_leaks(referrals, suppressions, currency, zone, grace_hours, fewest))
    if conversions is not None:
        said += about_conversions(referrals, conversions, currency, zone, window_days, fewest)
    said.append(_rejected(files))
    return [sentence for sentence in said if sentence]


def _size(figures: dict[str, Any], currency: str) -> str:
    size = count(figures["referrals"], "referral")
    cost = f"cost {money(figures['cost'], currency)}"
    cost += "" if currency else " in the account's currency"
    if figures["first_day"] is None:
        return f"{size} {cost}."
    if figures["undated"]:
        size += f" ({figures['undated']:,} of them without a date)"
    days = count(figures["days"], "day")
    return f"{size} in {days}, {figures['first_day']} to {figures['last_day']}, {cost}."


def _busiest(audiences: pl.DataFrame) -> str:
    if audiences.is_empty():
        return ""
    row = audiences.row(0, named=True)
    return (
        f"The busiest audience is {row['audience']}: {count(row['referrals'], 'referral')}, "
        f"{row['share_of_referrals']:.0%} of all."
    )


def _dearest(audiences: pl.DataFrame, figures: dict[str, Any], currency: str) -> str:
    enough = (pl.col("referrals") >= _FEW_REFERRALS) & pl.col("average_bid").is_not_null()
    table = audiences.filter(enough)
    average = figures["average_bid"]
    if table.is_empty() or not average:
        return ""
    row = table.sort("average_bid", descending=True).row(0, named=True)
    if row["average_bid"] < average * _CLEARLY_DEARER:
        return ""
    return (
        f"The dearest audience is {row['audience']}: {money(row['average_bid'], currency)} per "
        f"referral, {row['average_bid'] / average - 1:.0%} above the average of "
        f"{money(average, currency)}."
    )


def _trend(referrals: pl.DataFrame, figures: dict[str, Any], gaps: pl.DataFrame | None) -> str:
    """Compare two spans of equally many days; an odd day in the middle is in neither."""
    half = figures["days"] // 2
    if not half:
        return ""
    first_span = figures["first_day"], figures["first_day"] + timedelta(days=half - 1)
    last_span = figures["last_day"] - timedelta(days=half - 1), figures["last_day"]
    day = pl.col("referred_at").dt.date()
    early, late = referrals.select(
        early=day.is_between(*first_span).sum(), late=day.is_between(*last_span).sum()
    ).row(0)
    change = late / early - 1
    course = f"{abs(change):.0%} {'more' if change > 0 else 'fewer'} than"
    if abs(change) < _HARDLY:
        course = "as many as" if late == early else "about as many as"
    last, first = ("day", "") if half == 1 else (f"{half:,} days", f" {half:,}")
    missing = [
        f"{days} of the {name} {half:,} days" if half > 1 else f"the {name} day"
        for name, span in (("first", first_span), ("last", last_span))
        if gaps is not None and (days := gaps["day"].unique().is_between(*span).sum())
    ]
    though = f", though no file came for {' and '.join(missing)}" if missing else ""
    return (
        f"The last {last} brought {count(late, 'referral')}, {course} the first{first} ({early:,})"
        f"{though}."
    )


def _best_weekday(referrals: pl.DataFrame, figures: dict[str, Any]) -> str:
    """Name the weekday with most referrals per calendar day of that name."""
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


def _gaps(gaps: pl.DataFrame | None) -> str:
    if gaps is None or gaps.is_empty():
        return ""
    days = gaps["day"].unique().sort()
    named = ", ".join(str(day) for day in days[:_MOST_DAYS_NAMED])
    more = f" and {len(days) - _MOST_DAYS_NAMED:,} more" if len(days) > _MOST_DAYS_NAMED else ""
    return f"No file came for {count(len(days), 'day')}: {named}{more}."


def _rejected(files: pl.DataFrame | None) -> str:
    if files is None:
        return ""
    outcome = rows_delivered(files)
    rejected = int(outcome.filter(outcome="rejected")["rows"].sum())
    whole = int(outcome["rows"].sum())
    if not rejected:
        return ""
    return f"{rejected:,} of {count(whole, 'delivered row')} could not be read."
