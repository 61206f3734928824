"""Draw the small tables of a prepared audience and of referrals: table in, picture out.

Law: a drawing computes shares and order, nothing else; the table it is given is shown behind it
as it came, groups of few people folded. Each figure stands beside its bar, so that no legend and
no colour is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.charts.bars import bar_picture, counted, in_brackets, ratio, safe, stands_back
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.vega import (
    BLUE,
    GREY,
    ORANGE,
    Row,
    days_and_average,
    sentence,
    stacked,
)

__all__ = [
    "by_age_band", "by_state", "cost_by_audience", "reasons_bar", "referrals_by_day", "sums_bar",
]  # fmt: skip

_MOST_BARS: Final = 10


def sums_bar(summary: Mapping[str, Any]) -> Picture:
    """Show accepted, duplicate and rejected rows of ``PreparedAudience.summary`` as one bar."""
    whole = summary["rows_in"]
    rows: list[Row] = [
        {"part": part, "rows": summary[part], "share": ratio(summary[part], whole)}
        for part in ("accepted", "duplicates", "rejected")
    ]
    labels = [
        f"{summary['accepted']:,} accepted",
        counted(summary["duplicates"], "duplicate"),
        f"{summary['rejected']:,} rejected",
    ]
    drawn = [
        {"amount": row["rows"], "label": label, "colour": colour}
        for row, label, colour in zip(rows, labels, (BLUE, GREY, ORANGE), strict=True)
    ]
    verb = "is" if summary["accepted"] == 1 else "are"
    title = f"{summary['accepted']:,} of {counted(whole, 'row')} {verb} accepted"
    title += in_brackets(rows[0]["share"])
    alt_text = f"One bar of {counted(whole, 'row')}: {', '.join(labels)}."
    table = pl.DataFrame(rows, schema=["part", "rows", "share"], orient="row", strict=False)
    return Picture(title, stacked(drawn), table, alt_text)


def reasons_bar(summary: Mapping[str, Any]) -> Picture:
    """Show how many rows of ``PreparedAudience.summary`` were rejected for which reason."""
    counts = sorted(summary["rejected_by_reason"].items(), key=lambda item: -item[1])
    rows: list[Row] = [
        {"reason": reason.replace("_", " "), "rows": count, "meaning": contract.REASONS[reason]}
        for reason, count in counts
        if count
    ]
    columns = {"reason": pl.String, "rows": pl.Int64, "meaning": pl.String}
    table = pl.DataFrame(rows, schema=columns)
    if not rows:
        return Picture("No row was rejected", sentence("Every row passed."), table, "No row.")
    labelled = [row | {"label": f"{row['rows']:,}"} for row in rows]
    title = f"Most frequent reason: {rows[0]['reason']}, {rows[0]['rows']:,} of "
    title += counted(sum(row["rows"] for row in rows), "rejected row")
    if len(rows) == 1:
        title = f"The only reason: {rows[0]['reason']}, {counted(rows[0]['rows'], 'rejected row')}"
    return bar_picture(labelled, "reason", "rows", title=title, table=table, colour=ORANGE)


def referrals_by_day(table: Table) -> Picture:
    """Show ``referrals`` per ``day`` and their average; the title counts those without a day."""
    rows = as_polars(table).to_dicts()
    # A day alone would be read as midnight in London and may fall on the day before.
    points: list[Row] = [
        {"day": f"{row['day']:%Y-%m-%d}T00:00:00", "referrals": row["referrals"]}
        for row in rows
        if row["day"] is not None
    ]
    if not points:
        return Picture("No referral has a date", sentence("Nothing to draw."), table, "No day.")
    mean = sum(point["referrals"] for point in points) / len(points)
    best = max(points, key=lambda point: point["referrals"])
    undated = sum(row["referrals"] for row in rows if row["day"] is None)
    title = f"{counted(round(mean), 'referral')} a day; most on {best['day'][:10]}: "
    title += f"{best['referrals']:,}" + (f" ({undated:,} without a date)" if undated else "")
    alt_text = f"Bars of referrals for {counted(len(points), 'day')}. {title}."
    return Picture(title, days_and_average(points, mean), table, alt_text)


def cost_by_audience(table: Table, *, currency: str = "") -> Picture:
    """Show the ``cost`` of each ``audience``, dearest first, and what one referral costs there."""
    table = safe(table)
    rows = sorted(table.to_dicts(), key=lambda row: -row["cost"])
    whole = sum(row["cost"] for row in rows)
    unit = f" {currency}".rstrip()
    bars = [
        row
        | {"label": f"{row['cost']:,.2f}{unit}, {ratio(row['cost'], row['referrals']):,.2f} each"}
        for row in _with_rest(rows)
    ]
    if not bars:
        return Picture("No cost yet", sentence("Nothing to draw."), table, "No audience.")
    dearest = next((row for row in rows if not stands_back(row["audience"])), rows[0])
    title = f"{dearest['audience']} costs most: {dearest['cost']:,.2f}{unit}"
    title += in_brackets(ratio(dearest["cost"], whole), " of all")
    return bar_picture(bars, "audience", "cost", title=title, table=table)


def by_state(table: Table) -> Picture:
    """Show ``referrals`` per ``state``."""
    return _referrals_bars(table, "state", "brings most referrals")


def by_age_band(table: Table) -> Picture:
    """Show ``referrals`` per ``age_band``, from young to old."""
    return _referrals_bars(table, "age_band", "is the largest age band")


def _referrals_bars(table: Table, key: str, says: str) -> Picture:
    table = safe(table)
    rows = table.to_dicts()
    named = [row for row in rows if not stands_back(row[key]) and row["referrals"]]
    if not named:
        return Picture("No referrals to show", sentence("Nothing to draw."), table, "No group.")
    whole = sum(row["referrals"] for row in rows)
    best = max(named, key=lambda row: row["referrals"])
    share = ratio(best["referrals"], whole)
    title = f"{best[key]} {says}: {best['referrals']:,}{in_brackets(share, ' of all')}"
    labelled = [
        row | {"label": f"{row['referrals']:,}{in_brackets(ratio(row['referrals'], whole))}"}
        for row in rows
    ]
    return bar_picture(labelled, key, "referrals", title=title, table=table)


def _with_rest(rows: list[Row]) -> list[Row]:
    """Return the first bars, and one more for all others together, so that the sum stays."""
    first, rest = rows[:_MOST_BARS], rows[_MOST_BARS:]
    sums = {name: sum(row[name] for row in rest) for name in ("cost", "referrals")}
    return [*first, {"audience": "Other"} | sums] if rest else first
