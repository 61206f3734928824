"""Draw months of runs: how the days went, how runs ended, and figures beside what is usual.

Law: a drawing computes order and places, nothing else; the table it is given is shown behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import polars as pl

from rokt_helpers.charts.bands import banded, days_in_weeks
from rokt_helpers.charts.bars import counted, nothing
from rokt_helpers.charts.picture import Picture
from rokt_helpers.charts.shapes import time_panels
from rokt_helpers.charts.vega import BLUE, GREY, INK, ORANGE, Row

__all__ = [
    "calendar_of_days", "figures_and_band", "files_by_day", "rejected_shares", "runs_by_day",
]  # fmt: skip

_MOST_PANELS: Final = 6
_LOW_PANEL: Final = 64
_LONGEST_NAME: Final = 48
_MOST_WEEKS: Final = 53
_SPARE_WEEKS: Final = 3  # between the names of two months
_LOOKS: Final = {
    "done": (BLUE, 0.45, ""),
    "in part": (BLUE, 0.45, "P"),
    "stopped": (GREY, 0.6, "S"),
    "missed": (ORANGE, 0.35, "M"),
    "failed": (ORANGE, 1.0, "F"),
    "in doubt": (ORANGE, 1.0, "?"),
    "no run": (INK, 0.08, ""),
}
_WRONG: Final = ("in doubt", "failed", "missed")


def calendar_of_days(table: pl.DataFrame) -> Picture:
    """Show how each day went; takes what :func:`days.calendar` gives.

    The last 53 weeks are drawn.
    """
    states = dict(table["state"].value_counts().iter_rows())
    wrong = [f"{states[state]:,} {state}" for state in _WRONG if state in states]
    title = f"No day was missed or failed in {counted(len(table), 'day')}"
    if wrong:
        bad = sum(states.get(state, 0) for state in _WRONG)
        title = f"{bad:,} of {counted(len(table), 'day')} went wrong: {', '.join(wrong)}"
    if set(states) <= {"no run"}:
        return nothing(table, f"Nothing ran in {counted(len(table), 'day')}")
    days = table.tail(_MOST_WEEKS * 7 - 6).to_dicts()
    start = days[0]["day"] - timedelta(days=days[0]["day"].weekday())
    drawn = [_field(day, start) for day in days]
    key = [_look(state) | {"label": state} for state in _LOOKS if state in states]
    said = f"A calendar of {counted(len(days), 'day')}. {title}."
    return Picture(title, days_in_weeks(drawn, _months(days, start), key), table, said)


def runs_by_day(table: pl.DataFrame, *, what: str, first: date, last: date) -> Picture:
    """Show how many runs ended how each day; takes what :func:`days.outcomes_by_day` gives.

    Parameters
    ----------
    what
        What is counted, as one word: ``delivery``.
    """
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    found = [name for name in table.columns if name != "day"]
    sums = {name: int(table[name].sum()) for name in found}
    whole = sum(sums.values())
    if not whole:
        return nothing(table, f"There were no {plural}")
    done = sums.get("done", 0)
    rest = ", ".join(f"{sums[name]:,} {name}" for name in found if name != "done")
    title = f"{done:,} of {whole:,} {plural if whole > 1 else what} done"
    title += f"; {rest}" if rest else ""
    panels = {
        f"{plural} a day, {name}": _bars(table.select("day", amount=name), first, last)
        for name in found
    }
    spec = time_panels(panels, height=_LOW_PANEL)
    return Picture(title, spec, table, f"Bars for each day: {title}.")


def rejected_shares(table: pl.DataFrame, *, first: date, last: date) -> Picture:
    """Show which share of rows was rejected; takes what :func:`days.rejected_by_day` gives."""
    rows, rejected = int(table["rows_in"].sum()), int(table["rejected"].sum())
    if not rows:
        return nothing(table, "No source was prepared")
    worst = table.row(table["share_rejected"].arg_max() or 0, named=True)
    title = f"{rejected:,} of {counted(rows, 'row')} rejected ({rejected / rows:.2%})"
    if rejected:
        title += f"; most on {worst['day']}: {worst['share_rejected']:.2%}"
    bars = _bars(table.select("day", amount=pl.col("share_rejected") * 100), first, last)
    spec = time_panels({"rows rejected, in per cent of the source": bars}, colour=ORANGE)
    return Picture(title, spec, table, f"Bars for each day: {title}.")


def files_by_day(table: pl.DataFrame, *, first: date, last: date) -> Picture:
    """Show ``files`` and ``rows`` of referrals per ``day`` on which they were collected."""
    files, rows = int(table["files"].sum()), int(table["rows"].sum())
    if not files:
        return nothing(table, "No referral file was collected")
    title = f"{counted(files, 'file')} with {counted(rows, 'referral')} collected, the last on "
    title += f"{max(table['day'].to_list())}"
    panels = {
        f"{what} collected a day": _bars(table.select("day", amount=name), first, last)
        for name, what in (("files", "files"), ("rows", "referrals"))
    }
    return Picture(title, time_panels(panels), table, f"Bars for each day: {title}.")


def figures_and_band(
    table: pl.DataFrame,
    *,
    title: str,
    unit: str,
    first: date,
    last: date,
    names: Sequence[str] | None = None,
) -> Picture:
    """Show figures by day and the band that was usual then, a panel for each series.

    Parameters
    ----------
    table
        ``series``, ``day``, ``runs``, ``amount`` (the middle one of that day), ``low`` and ``high``
        (null where nothing was usual yet) and ``odd`` (how many runs lay outside).
    title
        The finding.
    unit
        Of the amounts, in words; a ``share …`` is written in per cent.
    names
        The series to draw, in this order; the first six are.
    """
    shown = list(names or table["series"].unique().sort())[:_MOST_PANELS]
    kept = table.filter(pl.col("series").is_in(shown))
    if kept.is_empty():
        return nothing(table, title)
    panels = [
        (f"{_short(name)}: {unit}", _figures(kept.filter(pl.col("series") == name)))
        for name in shown
    ]
    ends = {"first": _at(first), "last": _at(last + timedelta(days=1))}
    spec = banded(panels, **ends, form=".2~%" if unit.startswith("share") else ",.2~f")
    said = f"Figures by day for {', '.join(shown)}, each with its usual band. {title}."
    return Picture(title, spec, kept, said)


def _figures(table: pl.DataFrame) -> list[Row]:
    return [
        {"day": _at(row["day"]), "odd": bool(row["odd"])}
        | {key: row[key] for key in ("amount", "low", "high")}
        for row in table.iter_rows(named=True)
    ]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _at(day: date) -> str:
    # A day alone would be read as midnight in London and may fall on the day before.
    return f"{day}T00:00:00"


def _bars(table: pl.DataFrame, first: date, last: date) -> list[Row]:
    """Return a bar for each day; the first and the last day are there, empty or not."""
    amounts = dict(table.iter_rows())
    every = {first: 0, last: 0} | amounts
    return [
        {"start": _at(day), "end": _at(day + timedelta(days=1)), "amount": amount}
        for day, amount in sorted(every.items())
    ]


def _field(day: Row, start: date) -> Row:
    days = (day["day"] - start).days
    return _look(day["state"]) | {"week": days // 7, "weekday": days % 7}


def _look(state: str) -> Row:
    colour, strength, letter = _LOOKS[state]
    return {"colour": colour, "strength": strength, "letter": letter}


def _months(days: list[Row], start: date) -> list[Row]:
    """Return the name of each month above the week in which it begins, where there is room."""
    names: list[Row] = []
    for number, day in enumerate(days):
        week = (day["day"] - start).days // 7
        if number and day["day"].day != 1:
            continue
        if names and week - names[-1]["week"] < _SPARE_WEEKS:
            names.pop()
        names.append({"week": week, "name": f"{day['day']:%b %Y}"})
    return names
