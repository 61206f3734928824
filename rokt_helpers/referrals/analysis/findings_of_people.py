"""Say in sentences what matching by person shows: repeats, customers, leaks, conversions.

Law: as in :mod:`findings`, each sentence states a number with its unit, and names no group of few
people. What the data say nothing about gives an empty sentence.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from rokt_helpers.referrals.analysis.attribution import attribute
from rokt_helpers.referrals.analysis.chance import HIGHER, LOWER
from rokt_helpers.referrals.analysis.conversion import conversion_rates, conversion_values
from rokt_helpers.referrals.analysis.customers import new_and_known
from rokt_helpers.referrals.analysis.leaks import (
    LEAK_LAGS,
    find_leaks,
    leak_totals,
    leaks_by_lag,
)
from rokt_helpers.referrals.analysis.repeats import repeat_counts
from rokt_helpers.referrals.analysis.sums import NOT_GIVEN
from rokt_helpers.referrals.analysis.wording import count, heads, money

__all__ = ["about_conversions", "about_customers", "about_leaks", "about_repeats"]

_COMPARED: Final = ("audience", "campaign")


def about_repeats(referrals: pl.DataFrame, currency: str, fewest: int) -> str:
    """Say how many people were referred more than once, and what their repeats cost."""
    again = repeat_counts(referrals).filter(~pl.col("times").is_in(["1", NOT_GIVEN]))
    people, cost = int(again["people"].sum()), float(again["cost_of_repeats"].sum())
    if not people:
        return ""
    whole = float(referrals["bid_price"].sum())
    part = f", {cost / whole:.0%} of all cost" if whole else ""
    said = heads(people, fewest)
    verb = "was" if said.startswith("1 ") else "were"
    return (
        f"{said[0].upper()}{said[1:]} {verb} referred more than once; their repeats cost "
        f"{money(cost, currency)}{part}."
    )


def about_customers(
    referrals: pl.DataFrame, customers: pl.DataFrame, currency: str, zone: str, fewest: int
) -> str:
    """Say how many referrals were of known customers, and what they cost."""
    table = new_and_known(referrals, customers, referral_time_zone=zone)
    kinds = {row["customer"]: row for row in table.iter_rows(named=True)}
    known, told = kinds["known"], kinds["known"]["referrals"] + kinds["new"]["referrals"]
    if not told:
        return ""
    if not known["referrals"]:
        return f"None of {count(told, 'referral')} was of a known customer."
    return (
        f"{known['referrals']:,} of {count(told, 'referral')} "
        f"({known['referrals'] / told:.0%}) were of known customers, "
        f"{heads(known['people'], fewest)}, and cost {money(known['cost'], currency)}."
    )


def about_leaks(
    referrals: pl.DataFrame,
    suppressions: pl.DataFrame,
    currency: str,
    zone: str,
    grace_hours: float,
    fewest: int,
) -> str:
    """Say what was paid for people on a suppression list, and how much of it in the first day."""
    leaks = find_leaks(
        referrals, suppressions, grace_hours=grace_hours, referral_time_zone=zone
    )  # fmt: skip
    figures = leak_totals(leaks, referrals)
    matched = referrals.height - figures["unmatched"]
    if not matched:
        return ""
    if leaks.is_empty():
        return f"None of {count(matched, 'referral')} was of a person on a suppression list."
    first = leaks_by_lag(leaks.unique("referral")).row(0, named=True)
    return (
        f"{count(figures['referrals'], 'referral')} of {heads(figures['people'], fewest)} on a "
        f"suppression list cost {money(figures['cost'], currency)}, "
        f"{figures['share_of_cost']:.1%} of all cost; {first['referrals']:,} came within "
        f"{LEAK_LAGS[0].removeprefix('0-')} of the upload."
    )


def about_conversions(
    referrals: pl.DataFrame,
    conversions: pl.DataFrame,
    currency: str,
    zone: str,
    window_days: float,
    fewest: int,
) -> list[str]:
    """Say how many referrals converted, what that cost and brought, and which segments differ."""
    found = attribute(
        referrals, conversions, window_days=window_days, referral_time_zone=zone
    )  # fmt: skip
    row = conversion_rates(referrals, found).row(0, named=True)
    within = f"within {window_days:g} days"
    if not row["converted"]:
        return [f"None of {count(row['referrals'], 'referral')} led to a conversion {within}."]
    said = [_rate(row, within, currency)]
    values = conversion_values(referrals, found, currency=currency).filter(pl.col("valued") > 0)
    said += [_worth(row) for row in values.iter_rows(named=True) if row["people"] >= fewest]
    return said + [_stands_out(referrals, found, by, fewest) for by in _COMPARED]


def _rate(row: dict[str, Any], within: str, currency: str) -> str:
    return (
        f"{row['converted']:,} of {count(row['referrals'], 'referral')} led to a conversion "
        f"{within}: {row['rate']:.2%} (between {row['rate_low']:.2%} and {row['rate_high']:.2%}), "
        f"{money(row['cost_per_acquisition'], currency)} each."
    )


def _worth(row: dict[str, Any]) -> str:
    value, back = row["value"], row["return_on_ad_spend"]
    unit = "without a currency" if row["currency"] == NOT_GIVEN else row["currency"]
    less = f", {back:,.2f} for each 1.00 paid" if back is not None else ""
    return f"These conversions were worth {value:,.2f} {unit}{less}."


def _stands_out(referrals: pl.DataFrame, found: pl.DataFrame, by: str, fewest: int) -> str:
    """Name the group that is clearly above the rest, or else the one clearly below it."""
    table = conversion_rates(referrals, found, by).filter(
        pl.col("compared").is_in([HIGHER, LOWER])
        & (pl.col("people") >= fewest)
        & (pl.col(by) != NOT_GIVEN)
    )
    if table.is_empty():
        return ""
    row = table.sort("compared", pl.col("rate"), descending=[False, True]).row(0, named=True)
    course = "more" if row["compared"] == HIGHER else "fewer"
    return (
        f"Of {by} {row[by]}, {row['rate']:.2%} of referrals convert: clearly {course} than of the "
        f"rest ({row['rate_of_rest']:.2%})."
    )
