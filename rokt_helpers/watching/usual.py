"""What is usual for a list, and which runs are not: one robust rule, the same for all figures.

The law kept here: a run is held only against earlier runs of the same kind on the same list, so
what was said of a run when it was new stays true, but for one thing: runs outside the band seven
times in a row, all on one side, are a new level, and judging begins anew with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Final

import polars as pl

__all__ = ["FEWEST_RUNS", "MEASURES", "MOST_RUNS", "WIDTH", "Measure", "judge", "rule"]

FEWEST_RUNS: Final = 7  # before that many nothing is usual; so many in a row are a new level
MOST_RUNS: Final = 20
# Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): 3.5 robust standard deviations.
WIDTH: Final = 3.5
_MAD_TO_DEVIATION: Final = 1.4826
_RESULT: Final = {
    "usual": pl.Float64, "low": pl.Float64, "high": pl.Float64, "verdict": pl.String,
}  # fmt: skip
_TOO_FEW: Final = (None, None, None, "too few runs")


@dataclass(frozen=True)
class Measure:
    """One figure of a run, and how narrow its band may get.

    Parameters
    ----------
    column
        Of the table of runs.
    words, unit
        What it is, and the unit of ``least``.
    least, least_share
        The band reaches at least so far from the median: in the figure's unit, and as a share of
        the median. A list that never changed would have no band at all.
    only_high
        Less is nothing to worry about: the band begins at nothing.
    """

    column: str
    words: str
    unit: str
    least: float
    least_share: float
    only_high: bool = False


MEASURES: Final = {
    measure.column: measure
    for measure in (
        Measure("rows", "rows delivered", "rows", 10, 0.10),
        Measure("seconds", "seconds from begin to end", "seconds", 5, 0.50, only_high=True),
        Measure(
            "share_rejected", "share of rows rejected", "percentage point", 0.01, 0.10,
            only_high=True,
        ),
    )
}  # fmt: skip


def rule(measure: Measure) -> str:
    """Return how narrow the band of a measure may get, in words for the page."""
    least = measure.least * (100 if measure.column.startswith("share") else 1)
    less = " Less is never out of the usual." if measure.only_high else ""
    return (
        f"{measure.words[0].upper()}{measure.words[1:]}: the band reaches at least {least:g} "
        f"{measure.unit} or {measure.least_share:.0%} of the median from it, whichever is more."
        f"{less}"
    )


def judge(runs: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Hold each run against the earlier ones of its series.

    Parameters
    ----------
    runs
        ``series``, ``at`` and the measure's column; rows without a series or a figure are left out.

    Returns
    -------
    polars.DataFrame
        The runs of each series together, in their order, with ``usual`` (the median of the up to
        20 runs before), ``low`` and ``high`` (the band) and ``verdict``: ``usual``, ``high``,
        ``low``, ``new level`` or ``too few runs``; for the last there is no band.
    """
    column = measure.column
    known = runs.filter(pl.col("series").is_not_null() & pl.col(column).is_not_null())
    ordered = known.sort("series", "at", maintain_order=True)
    parts = ordered.partition_by("series", maintain_order=True)
    judged = [found for part in parts for found in _judge_one(part[column].to_list(), measure)]
    return ordered.hstack(pl.DataFrame(judged, schema=_RESULT, orient="row"))


def _judge_one(
    amounts: list[float], measure: Measure
) -> list[tuple[float | None, float | None, float | None, str]]:
    """Judge the runs of one series, the first one first."""
    found: list[tuple[float | None, float | None, float | None, str]] = []
    level, outside = 0, 0  # where the level began; how many in a row lie above (+) or below (-)
    for place, amount in enumerate(amounts):
        # Those that may turn out to be a new level do not widen the band they are held against.
        end = place - abs(outside)
        before = amounts[max(level, end - MOST_RUNS) : end]
        if len(before) < FEWEST_RUNS:
            found.append(_TOO_FEW)
            continue
        usual, low, high = _band(before, measure)
        side = int(amount > high) - int(amount < low)
        outside = outside + side if side and outside * side >= 0 else side
        found.append((usual, low, high, ("low", "usual", "high")[side + 1]))
        if abs(outside) == FEWEST_RUNS:
            level, outside = place + 1 - FEWEST_RUNS, 0
            found[level:] = [(*band[:3], "new level") for band in found[level:]]
    return found


def _band(before: list[float], measure: Measure) -> tuple[float, float, float]:
    """Return the median, and the band around it; nothing is less than zero."""
    usual = float(median(before))
    spread = _MAD_TO_DEVIATION * median(abs(amount - usual) for amount in before)
    reach = max(WIDTH * spread, measure.least, measure.least_share * usual)
    return usual, 0.0 if measure.only_high else max(0.0, usual - reach), usual + reach
