"""Draw the suppression leak meter: who was paid for though on a list, when, and how long after.

Law: a drawing computes sums, shares and order, nothing else. Groups of few people are folded
first. A person on two lists is a leak of each.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from rokt_helpers.charts.bars import (
    bar_picture,
    counted,
    in_brackets,
    money,
    nothing,
    ratio,
    safe,
    stands_back,
)
from rokt_helpers.charts.picture import Picture, Table
from rokt_helpers.charts.referrals_cost import span_of
from rokt_helpers.charts.referrals_groups import with_rest
from rokt_helpers.charts.shapes import time_panels
from rokt_helpers.charts.vega import ORANGE, Row
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE

__all__ = ["leaks_by_day", "leaks_by_lag", "leaks_by_list"]

_NONE: Final = "No referral was of a person on a suppression list"
_MOST_LISTS: Final = 4  # one panel each; all are in the table


def leaks_by_day(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show what leaks cost by day, one panel a list, the dearest first.

    Takes what :func:`analysis.leaks_by_day` gives. Days of few people are in the table as one.
    """
    shown = safe(table, fewest)
    if shown.is_empty():
        return nothing(shown, _NONE)
    cost, leaks = float(shown["cost"].sum()), int(shown["referrals"].sum())
    title = f"{counted(leaks, 'leaked referral')} cost {money(cost, currency)}"
    dated = shown.drop_nulls("day")
    if dated.is_empty():
        return nothing(shown, f"{title}; no day has enough people to be shown")
    if dated.height < shown.height:
        seen = int(dated["referrals"].sum())
        title += f"; {seen:,} came on days of at least {fewest} people"
    sums = dated.group_by("list").agg(pl.col("cost").sum())
    lists = sums.sort("cost", "list", descending=[True, False])["list"].head(_MOST_LISTS)
    unit = f"cost, {currency}" if currency else "cost"
    panels: dict[str, list[Row]] = {
        f"{name}: {unit}": [
            span_of(day, day + timedelta(days=1)) | {"amount": amount}
            for day, amount in dated.filter(list=name).select("day", "cost").iter_rows()
        ]
        for name in lists
    }
    said = f"Bars of cost by day for {', '.join(lists)}. {title}."
    return Picture(title, time_panels(panels, colour=ORANGE), shown, said)


def leaks_by_list(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show what leaks cost by list; takes what :func:`analysis.leaks_by_list` gives."""
    shown = safe(table, fewest)
    rows = shown.to_dicts()
    if not rows:
        return nothing(shown, _NONE)
    named = [row for row in rows if not stands_back(row["list"])]
    best = max(named or rows, key=lambda row: row["cost"])
    title = f"{best['list']} leaks most: {counted(best['referrals'], 'referral')}, "
    title += money(best["cost"], currency)
    if not named:
        title = f"{counted(best['referrals'], 'leaked referral')} of few people"
    bars = [
        row | {"label": f"{money(row['cost'], currency)}, {counted(row['referrals'], 'referral')}"}
        for row in with_rest(rows, "list", ("cost", "referrals"))
    ]
    return bar_picture(bars, "list", "cost", title=title, table=shown, colour=ORANGE)


def leaks_by_lag(table: Table, *, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show how long after the upload leaks still came.

    Takes what :func:`analysis.leaks_by_lag` gives.
    """
    shown = safe(table, fewest)
    rows = shown.to_dicts()
    whole = sum(row["referrals"] for row in rows)
    if not whole:
        return nothing(shown, _NONE)
    best = max(rows, key=lambda row: row["referrals"])
    title = (
        f"{best['referrals']:,} of {counted(whole, 'leaked referral')} came after: {best['lag']}"
    )
    bars = [
        row | {"label": f"{row['referrals']:,}{in_brackets(ratio(row['referrals'], whole))}"}
        for row in rows
    ]
    return bar_picture(bars, "lag", "referrals", title=title, table=shown, colour=ORANGE)
