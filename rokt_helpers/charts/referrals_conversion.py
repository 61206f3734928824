"""Draw what came of referrals: rates with their intervals, value, lag, and cohorts.

Law: a drawing computes shares and order, nothing else. Groups of few people are folded first, and
no two currencies are in one picture's sum.
"""

from __future__ import annotations

import re
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
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.shapes import figures_grid, spreads
from rokt_helpers.charts.vega import BLUE, GREY, ORANGE, Row
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE, HIGHER, LOWER

__all__ = [
    "cohorts", "conversion_lags", "conversion_rates", "conversion_values", "conversions_by_lag",
]  # fmt: skip

_MOST_LINES: Final = 12
_MOST_WEEKS: Final = 16
_COLOURS: Final = {HIGHER: BLUE, LOWER: ORANGE}


def conversion_rates(table: Table, *, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show the rate of each group with its interval, and which differ clearly from the rest.

    Takes what :func:`analysis.conversion_rates` gives. Beyond a dozen groups the busiest are
    drawn; all are in the table, the folded ones without a rate.
    """
    shown = safe(table, fewest)
    key = shown.columns[0]
    rows = [row for row in shown.to_dicts() if row["rate"] is not None]
    if not rows:
        return nothing(shown, "No group is large enough to show")
    clear = [row for row in rows if row["compared"] in _COLOURS and not stands_back(row[key])]
    title = f"No {key.replace('_', ' ')} converts clearly better or worse than the rest"
    if len(rows) == 1:
        title = f"{rows[0]['rate']:.2%} of referrals converted"
    if clear:
        best = max(clear, key=lambda row: row["rate"])
        title = (
            f"{best[key]} converts {best['compared']} than the rest: {best['rate']:.2%} against "
        )
        title += f"{best['rate_of_rest']:.2%}"
    drawn: list[Row] = [
        {
            "name": str(row[key]),
            "low": row["rate_low"], "middle": row["rate"], "high": row["rate_high"],
            "label": f"{row['rate']:.2%} ({row['rate_low']:.2%} to {row['rate_high']:.2%})"
            + (f", {row['compared']}" if row["compared"] in _COLOURS else ""),
            "colour": _COLOURS.get(row["compared"], GREY),
        }
        for row in rows[:_MOST_LINES]
    ]  # fmt: skip
    said = "; ".join(f"{row['name']}: {row['label']}" for row in drawn)
    return Picture(title, spreads(drawn), shown, f"{title}. Rates and their intervals: {said}.")


def conversion_values(table: Table, *, currency: str, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show what conversions in one currency were worth, and what came back for each 1.00 paid.

    Takes what :func:`analysis.conversion_values` gives.
    """
    shown = safe(table, fewest)
    key = shown.columns[0]
    mine = shown.filter(currency=currency).sort("value", descending=True, maintain_order=True)
    rows = mine.head(_MOST_LINES).to_dicts()
    if not sum(row["value"] for row in rows):
        return nothing(shown, f"No conversion has a value in {currency}")
    named = [row for row in rows if not stands_back(row[key])]
    title = f"Conversions were worth {money(sum(row['value'] for row in rows), currency)}"
    if named:
        title = f"{named[0][key]} brought most: {money(named[0]['value'], currency)}"
    back = [row for row in named if row["return_on_ad_spend"] is not None]
    if len(back) > 1:
        top = max(back, key=lambda row: row["return_on_ad_spend"])
        who = "it" if top[key] == named[0][key] else top[key]
        title += f"; {who} gave most back, {top['return_on_ad_spend']:,.2f} for 1.00 paid"
    bars = [row | {"label": _value_label(row, currency)} for row in rows]
    return bar_picture(bars, key, "value", title=title, table=shown)


def conversion_lags(table: Table, *, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show how many days conversions of each group took: p10 to p90, middle half, median.

    Takes what :func:`analysis.conversion_lags` gives.
    """
    shown = safe(table, fewest)
    key = shown.columns[0]
    rows = [row for row in shown.to_dicts() if row["days_p50"] is not None]
    if not rows:
        return nothing(shown, "No group is large enough to show")
    title = f"Half of {rows[0][key]} converted within {_days(rows[0]['days_p50'])}"
    if rows[0][key] == "all":
        title = f"Half of all conversions came within {_days(rows[0]['days_p50'])}"
    drawn: list[Row] = [
        {
            "name": str(row[key]),
            "low": row["days_p10"], "from": row["days_p25"], "middle": row["days_p50"],
            "to": row["days_p75"], "high": row["days_p90"],
            "label": f"{_days(row['days_p50'])}, most {row['days_p10']:,.1f} to "
            f"{row['days_p90']:,.1f}",
            "colour": GREY if stands_back(row[key]) else BLUE,
        }
        for row in rows[:_MOST_LINES]
    ]  # fmt: skip
    said = "; ".join(f"{row['name']}: {row['label']}" for row in drawn)
    return Picture(title, spreads(drawn), shown, f"{title}. Days to conversion: {said}.")


def conversions_by_lag(table: Table) -> Picture:
    """Show how soon after a referral conversions came.

    Takes what :func:`analysis.conversions_by_lag` gives.
    """
    rows = as_polars(table).to_dicts()
    whole = sum(row["conversions"] for row in rows)
    if not whole:
        return nothing(table, "No referral led to a conversion")
    soon = next(row for row in rows if row["share_so_far"] >= 1 / 2)
    # "1-2 days" and "1-24 hours" end where half have come; the first and last say so themselves.
    by_then = re.sub(r"^\d+-", "within ", soon["lag"])
    title = f"Half of {counted(whole, 'conversion')} came {by_then}"
    bars = [
        row | {"label": f"{row['conversions']:,}{in_brackets(ratio(row['conversions'], whole))}"}
        for row in rows
    ]
    return bar_picture(bars, "lag", "conversions", title=title, table=table)


def cohorts(table: Table, *, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show which share of each week's new people had converted after how many weeks.

    Takes what :func:`analysis.cohorts` gives. Unripe cells are empty, weeks of few people are left
    out of picture and table, and of many weeks the last are drawn.
    """
    frame = as_polars(table)
    shown = frame.filter(pl.col("people") >= fewest)
    ripe = shown.drop_nulls("share_converted")
    if ripe.is_empty():
        return nothing(shown, "No week has had the time to convert")
    weeks = ripe["week"].unique().sort().tail(_MOST_WEEKS)
    drawn: list[Row] = [
        {
            "line": str(row["week"]), "column": str(row["weeks_after"]),
            "amount": row["share_converted"], "label": f"{row['share_converted']:.1%}",
        }
        for row in ripe.filter(pl.col("week").is_in(weeks.implode())).iter_rows(named=True)
    ]  # fmt: skip
    after = int(ripe["weeks_after"].max())  # type: ignore[arg-type]
    full = ripe.filter(weeks_after=after)
    rate = float(full["converted"].sum()) / float(full["people"].sum())
    title = f"{rate:.1%} of people had converted {counted(after, 'week')} after the week of their "
    title += "first referral" if after else "first referral began"
    columns = [str(number) for number in range(int(shown["weeks_after"].max()) + 1)]  # type: ignore[arg-type]
    lines = [str(week) for week in weeks]
    said = f"A grid of weeks of first referral and weeks after. {title}."
    return Picture(title, figures_grid(drawn, columns, lines), shown, said)


def _value_label(row: Row, currency: str) -> str:
    said = f"{money(row['value'], currency)}, {counted(row['conversions'], 'conversion')}"
    back = row["return_on_ad_spend"]
    return said if back is None else f"{said}, {back:,.2f} for 1.00"


def _days(days: float) -> str:
    return f"{days:,.1f} days"
