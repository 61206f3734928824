"""Months of runs by day: how many ended how, which days were missed, how much was rejected.

A day is a day of UTC. All of it is table in, table out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import polars as pl

from rokt_helpers.watching.deliveries import OUTCOMES

__all__ = ["EXPECTED", "STATES", "calendar", "is_expected", "outcomes_by_day", "rejected_by_day"]

# What a day was like, the worst last; a day without runs that nobody expected is "no run".
STATES: Final = ("no run", "done", "in part", "stopped", "missed", "failed", "in doubt")
EXPECTED: Final = (
    "A run is expected on a day when there was one on at least three of the four same weekdays "
    "before, or on each of the seven days before. A failure that a later run of the same day "
    "mended is none. Today is not over and not called missed."
)
_DAY: Final = timedelta(days=1)
_MOST_NAMED: Final = 4


def outcomes_by_day(runs: pl.DataFrame) -> pl.DataFrame:
    """Count the runs of each day by how they ended.

    Returns
    -------
    polars.DataFrame
        ``day`` and one column of counts for each of ``OUTCOMES`` that there is; days without a run
        are not in it.
    """
    found = [outcome for outcome in OUTCOMES if outcome in set(runs["outcome"])]
    counts = [(pl.col("outcome") == outcome).sum().alias(outcome) for outcome in found]
    return runs.group_by("day").agg(counts).sort("day")


def rejected_by_day(deliveries: pl.DataFrame) -> pl.DataFrame:
    """Return ``day``, ``rows_in`` (of the sources), ``rejected`` and ``share_rejected``.

    Runs that prepared nothing, such as an undo, are not in it.
    """
    prepared = deliveries.filter(pl.col("rejected").is_not_null() & (pl.col("rows_in") > 0))
    days = prepared.group_by("day").agg(pl.col("rows_in", "rejected").sum()).sort("day")
    return days.with_columns(share_rejected=pl.col("rejected") / pl.col("rows_in"))


def calendar(runs: pl.DataFrame, *, first: date, today: date) -> pl.DataFrame:
    """Say of each day how it went.

    Parameters
    ----------
    runs
        ``series``, ``at``, ``day`` and ``outcome``, of all time: what is expected follows from it.

    Returns
    -------
    polars.DataFrame
        ``day``, ``state`` (one of ``STATES``: the worst of what happened) and ``what``: which
        runs it was, where something went wrong.
    """
    days = [first + number * _DAY for number in range((today - first).days + 1)]
    wrong: dict[date, dict[str, list[str]]] = {day: {} for day in days}
    kept = runs.filter(pl.col("series").is_not_null())
    for series, day, state in (*_ended(kept), *_missed(kept, days, today)):
        if day in wrong:
            wrong[day].setdefault(state, []).append(series)
    rows = [(day, max(how, key=STATES.index, default="no run"), _said(how))
            for day, how in wrong.items()]  # fmt: skip
    schema = {"day": pl.Date, "state": pl.String, "what": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def is_expected(day: date, ran: frozenset[date]) -> bool:
    """Tell whether a run was due on a day, from the days on which there were runs before."""
    weekdays = sum(day - 7 * back * _DAY in ran for back in range(1, 5))
    return weekdays >= 3 or all(day - back * _DAY in ran for back in range(1, 8))  # noqa: PLR2004


def _ended(runs: pl.DataFrame) -> Iterator[tuple[str, date, str]]:
    """Give how each series ended each day: the worst, unless the last run of the day is done."""
    worst = pl.col("outcome").replace_strict(
        {outcome: STATES.index(outcome) for outcome in OUTCOMES}, return_dtype=pl.Int64
    )
    ends = (
        runs.sort("at")
        .group_by("series", "day")
        .agg(pl.col("outcome").last().alias("last"), worst.max().alias("worst"))
        .sort("day", "series")
    )
    for series, day, last, place in ends.iter_rows():
        yield series, day, "done" if last == "done" else STATES[place]


def _missed(runs: pl.DataFrame, days: list[date], today: date) -> Iterator[tuple[str, date, str]]:
    for series, found in runs.group_by("series").agg(pl.col("day").unique()).sort("series").rows():
        ran = frozenset(found)
        for day in days:
            if day < today and day not in ran and is_expected(day, ran):
                yield series, day, "missed"


def _said(how: dict[str, list[str]]) -> str:
    """Return what went wrong, the worst first; nothing of what is done."""
    parts = []
    for state in reversed(STATES[2:]):
        if names := how.get(state, []):
            more = len(names) - _MOST_NAMED
            rest = f" and {more:,} more" if more > 0 else ""
            parts.append(f"{state}: {'; '.join(names[:_MOST_NAMED])}{rest}")
    return ". ".join(parts)
