"""What stands out, in sentences, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from rokt_helpers.watching.usual import FEWEST_RUNS, MEASURES, Measure
from rokt_helpers.watching.watched import ODD

__all__ = ["band_title", "findings"]

_MOST: Final = 12


def findings(
    judged: Mapping[str, pl.DataFrame], notebooks: pl.DataFrame, *, first: date
) -> list[str]:
    """Return what lies outside its band since ``first``, the newest first.

    Runs that took longer, carried more or fewer rows, or lost a larger share; a new level is told
    once. What is beyond a dozen is counted.
    """
    found = [one for name, table in judged.items() for one in _of(table, MEASURES[name], first)]
    found += _of(notebooks, MEASURES["seconds"], first)
    found.sort(key=lambda one: one[0], reverse=True)
    said = [sentence for _, sentence in found]
    more = len(said) - _MOST
    rest = [f"{more:,} more; the tables behind the charts name their days."] if more > 0 else []
    return said[:_MOST] + rest


def band_title(judged: pl.DataFrame, measure: Measure, *, first: date) -> str:
    """Return the finding that heads a chart of figures and their band."""
    since = judged.filter(pl.col("day") >= first)
    known = since.filter(pl.col("verdict") != "too few runs")
    if since.is_empty():
        return "Nothing to compare: no run came to its end"
    if known.is_empty():
        return f"Too few runs to say what is usual: {FEWEST_RUNS} of a kind have to come before"
    odd = known.filter(pl.col("verdict").is_in(ODD))
    if odd.is_empty():
        return f"As usual in all {len(known):,} runs that can be judged: {measure.words}"
    newest = max(_of(since, measure, first), key=lambda one: one[0])[1].removesuffix(".")
    return f"{newest} ({len(odd):,} of {len(known):,} runs outside their band)"


def _of(judged: pl.DataFrame, measure: Measure, first: date) -> Iterator[tuple[datetime, str]]:
    """Give the moment and the sentence of each run that stands out."""
    odd = judged.filter(pl.col("verdict").is_in(ODD))
    level: list[dict[str, Any]] = []
    for run in odd.iter_rows(named=True):
        if run["verdict"] == "new level":
            level.append(run)
            if len(level) < FEWEST_RUNS:
                continue
            if run["day"] >= first:
                yield run["at"], _new_level(level, measure)
            level = []
        elif run["day"] >= first:
            said = f"{run['series']}: {_figures(run, measure)}, on {run['at']:%Y-%m-%d %H:%M}."
            yield run["at"], said


def _new_level(runs: list[dict[str, Any]], measure: Measure) -> str:
    amounts = sorted(run[measure.column] for run in runs)
    now = _written(amounts[len(amounts) // 2], measure)
    before = _bare(runs[0]["usual"], measure)
    since = f"{runs[0]['day']}"
    return f"{runs[0]['series']}: a new level since {since}, about {now} instead of {before}."


def _figures(run: dict[str, Any], measure: Measure) -> str:
    """Return a run's figure and the band it was held against."""
    high, low = _bare(run["high"], measure), _bare(run["low"], measure)
    band = f"up to {high}" if measure.only_high else f"{low} to {high}"
    return f"{_written(run[measure.column], measure)}, where {band} was usual"


def _written(amount: float, measure: Measure) -> str:
    unit = {"rows": " rows", "seconds": " s", "share_rejected": " of rows rejected"}
    return f"{_bare(amount, measure)}{unit[measure.column]}"


def _bare(amount: float, measure: Measure) -> str:
    return f"{amount:.1%}" if measure.column.startswith("share") else f"{amount:,.0f}"
