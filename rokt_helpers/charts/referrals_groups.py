"""Draw referrals by group and by hour: who brings them, and when they come.

Law: a drawing computes shares and order, nothing else. Groups of few people are folded first, and
the folded table is the one shown behind the picture. Hours are of all people together.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.charts.bars import (
    bar_picture,
    counted,
    in_brackets,
    nothing,
    ratio,
    safe,
    stands_back,
)
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.shapes import spots
from rokt_helpers.charts.vega import Row
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE, NOT_GIVEN, OTHER

__all__ = ["by_hour_and_weekday", "by_segment", "with_rest"]

_MOST_BARS: Final = 12


def by_segment(table: Table, *, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show referrals by group: campaign, creative, source, country, device, browser.

    Parameters
    ----------
    table
        What :func:`analysis.by_segment` and its kin give. The first column is drawn; a second
        key (the response to a creative) stands behind it.
    fewest
        Groups of fewer people are one.
    """
    shown = safe(table, fewest)
    keys = shown.columns[: shown.columns.index("referrals")]
    rows = [row | {"group": _name(row, keys)} for row in shown.to_dicts()]
    named = [row for row in rows if not stands_back(row[keys[0]]) and row["referrals"]]
    word = keys[0].replace("_", " ")
    if not named:
        return nothing(shown, f"No {word} to show")
    whole = sum(row["referrals"] for row in rows)
    best = max(named, key=lambda row: row["referrals"])
    title = f"{best['group']} brings most referrals by {word}: {best['referrals']:,}"
    title += in_brackets(ratio(best["referrals"], whole), " of all")
    bars = [row | {"label": _label(row["referrals"], whole)} for row in with_rest(rows, "group")]
    return bar_picture(bars, "group", "referrals", title=title, table=shown)


def by_hour_and_weekday(table: Table) -> Picture:
    """Show when referrals come: a spot for each hour of each weekday, by its size.

    Takes what :func:`analysis.by_hour_and_weekday` gives; hours are as delivered.
    """
    frame = as_polars(table)
    known = frame.filter((pl.col("hour") != NOT_GIVEN) & (pl.col("weekday") != NOT_GIVEN))
    rows = known.to_dicts()
    whole = sum(row["referrals"] for row in rows)
    if not whole:
        return nothing(table, "No referral has an hour")
    best = max(rows, key=lambda row: row["referrals"])
    title = f"Most referrals come {best['weekday']} from {best['hour']}:00: "
    title += f"{best['referrals']:,}{in_brackets(ratio(best['referrals'], whole), ' of all')}"
    drawn: list[Row] = [
        {"column": row["hour"], "line": row["weekday"], "amount": row["referrals"]} for row in rows
    ]
    hours = known["hour"].unique(maintain_order=True).to_list()
    days = known["weekday"].unique(maintain_order=True).to_list()
    said = f"Spots for the hours of the week, as large as their referrals. {title}."
    return Picture(title, spots(drawn, hours, days), table, f"{said} {counted(whole, 'referral')}.")


def with_rest(rows: list[Row], key: str, sums: tuple[str, ...] = ("referrals",)) -> list[Row]:
    """Return the first bars, and one more for all others together, so that the sums stay."""
    if len(rows) <= _MOST_BARS:
        return rows
    first, rest = rows[: _MOST_BARS - 1], rows[_MOST_BARS - 1 :]
    return [*first, {key: OTHER} | {name: sum(row[name] for row in rest) for name in sums}]


def _name(row: Row, keys: list[str]) -> str:
    """Return the group's name; where nothing but the first key differs, that alone."""
    parts = [str(row[key]) for key in keys]
    return parts[0] if len(set(parts)) == 1 or stands_back(parts[0]) else ", ".join(parts)


def _label(referrals: int, whole: int) -> str:
    return f"{referrals:,}{in_brackets(ratio(referrals, whole))}"
