"""Everything that is watched, read once: deliveries, notebooks, referral files; and judged.

The law kept here: a delivery that a notebook made is in both tables, and they are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.ledger import RunRecord
from rokt_helpers.watching.deliveries import deliveries
from rokt_helpers.watching.folders import notebook_runs
from rokt_helpers.watching.usual import MEASURES, judge

__all__ = ["LeftToExpire", "Watched", "by_day", "levels", "watch"]

ODD: Final = ("high", "low", "new level")
_CAME_TO_ITS_END: Final = pl.col("outcome").is_in(["done", "in part"])
_TREND_DAYS: Final = 28
_FEWEST_IN_TREND: Final = 4


@dataclass(frozen=True)
class LeftToExpire:
    """A referral file that was seen and not collected, and when (UTC) Rokt removes it."""

    name: str
    until: datetime


@dataclass(frozen=True, repr=False)
class Watched:
    """What there is to watch, and each run beside what was usual then.

    Attributes
    ----------
    deliveries, notebooks
        What :func:`deliveries` and :func:`notebook_runs` give.
    files
        The referral files in the vault: ``collected_at``, ``rows`` and more, as the vault says.
    expiring
        The referral file that Rokt removes first of those not collected, where one is known.
    """

    profile: str
    deliveries: pl.DataFrame
    notebooks: pl.DataFrame
    files: pl.DataFrame
    expiring: LeftToExpire | None = None

    def __repr__(self) -> str:
        return f"<Watched {len(self.deliveries):,} deliveries, {len(self.notebooks):,} notebooks>"

    @cached_property
    def judged(self) -> dict[str, pl.DataFrame]:
        """By measure, the deliveries that came to their end, beside what was usual."""
        share = pl.col("rejected") / pl.col("rows_in")
        whole = self.deliveries.filter(_CAME_TO_ITS_END).with_columns(
            share_rejected=pl.when(pl.col("rows_in") > 0).then(share)
        )
        return {name: judge(whole, measure) for name, measure in MEASURES.items()}

    @cached_property
    def judged_notebooks(self) -> pl.DataFrame:
        """How long the notebooks took that came to their end, beside what was usual."""
        return judge(self.notebooks.filter(_CAME_TO_ITS_END), MEASURES["seconds"])

    @property
    def runs(self) -> pl.DataFrame:
        """``series``, ``at``, ``day`` and ``outcome`` of deliveries and notebooks."""
        columns = ("series", "at", "day", "outcome")
        return pl.concat([self.deliveries.select(columns), self.notebooks.select(columns)])


def watch(
    records: Iterable[RunRecord],
    *,
    profile: str,
    runs: Path,
    files: pl.DataFrame,
    left: Iterable[LeftToExpire] = (),
    now: datetime,
) -> Watched:
    """Read what there is to watch.

    Parameters
    ----------
    records
        The runs in the ledger, in whatever order; those of other profiles are left out.
    runs
        The profile's folder of runs.
    files
        What :meth:`Vault.files` gives.
    left
        Referral files that were seen and not collected; those that are gone by now do not count.
    now
        An aware moment.
    """
    lying = [file for file in left if file.until > now]
    return Watched(
        profile,
        deliveries(record for record in records if record.profile == profile),
        notebook_runs(runs, now=now),
        files,
        min(lying, key=lambda file: file.until, default=None),
    )


def by_day(judged: pl.DataFrame, column: str, *, first: date) -> pl.DataFrame:
    """Return a row for each series and day since ``first``, for a chart.

    Returns
    -------
    polars.DataFrame
        ``series``, ``day``, ``runs``, ``amount`` (the median of the day's runs), ``low`` and
        ``high`` (the band of the day's last run) and ``odd`` (how many lay outside).
    """
    return (
        judged.filter(pl.col("day") >= first)
        .group_by("series", "day")
        .agg(
            runs=pl.len(),
            amount=pl.col(column).median().cast(pl.Float64),
            low=pl.col("low").last(),
            high=pl.col("high").last(),
            odd=pl.col("verdict").is_in(ODD).sum(),
        )
        .sort("series", "day")
    )


def levels(judged: pl.DataFrame, *, now: datetime) -> pl.DataFrame:
    """Return where the rows of each series stand, and how that changed.

    Returns
    -------
    polars.DataFrame
        ``list`` (the series), ``runs`` (that came to their end, of all time), ``last_run`` (its
        day), ``rows_then``; ``usual_rows``, the median of the last 28 days, ``usual_before``, that
        of the 28 days before them, and ``change`` between them in per cent, as text; the largest
        comes first. With fewer than four runs a median is null.
    """
    then = now - timedelta(days=_TREND_DAYS)
    recent = pl.col("at") > then
    before = ~recent & (pl.col("at") > then - timedelta(days=_TREND_DAYS))
    table = judged.group_by("series").agg(
        runs=pl.len(),
        last_run=pl.col("day").last(),
        rows_then=pl.col("rows").last(),
        usual_rows=_middle(recent),
        usual_before=_middle(before),
    )
    change = [
        now_usual / was - 1 if was and now_usual is not None else None
        for now_usual, was in table.select("usual_rows", "usual_before").iter_rows()
    ]
    named = table.rename({"series": "list"}).with_columns(
        size=pl.Series([None if each is None else abs(each) for each in change], dtype=pl.Float64),
        change=pl.Series([_signed(each) for each in change], dtype=pl.String),
    )
    order = ["size", "last_run", "list"]
    return named.sort(order, descending=[True, True, False], nulls_last=True).drop("size")


def _signed(change: float | None) -> str | None:
    """Return a change in per cent with its sign; none has no sign."""
    if change is None:
        return None
    text = f"{change:+.1%}"
    return text[1:] if text[1:] == "0.0%" else text


def _middle(which: pl.Expr) -> pl.Expr:
    rows = pl.col("rows").filter(which)
    return pl.when(rows.len() >= _FEWEST_IN_TREND).then(rows.median().round()).cast(pl.Int64)
