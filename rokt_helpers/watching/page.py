"""Months of runs as one HTML page: what went wrong, what was not as usual, and by what rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from rokt_helpers.charts.picture import Picture
from rokt_helpers.charts.runs import (
    calendar_of_days,
    figures_and_band,
    files_by_day,
    rejected_shares,
    runs_by_day,
)
from rokt_helpers.redact import scrub
from rokt_helpers.report import KeyFigure, Report
from rokt_helpers.watching.days import EXPECTED, calendar, outcomes_by_day, rejected_by_day
from rokt_helpers.watching.sentences import band_title, findings
from rokt_helpers.watching.usual import FEWEST_RUNS, MEASURES, rule
from rokt_helpers.watching.watched import Watched, by_day, levels
from rokt_helpers.watching.words import (
    DURATIONS,
    LEVELS,
    NOTEBOOKS,
    REJECTED,
    RULE,
    VOLUMES,
)

__all__ = ["history_page"]

_WRONG: Final = ("in doubt", "failed", "missed")
_MOST_DAYS: Final = 14
_FEWEST_DAYS: Final = 28
_MOST_LISTS: Final = 25
_MILLIONS: Final = 10_000_000


def history_page(watched: Watched, *, now: datetime, days: int) -> Report:
    """Return the page of the last ``days`` days; ``now`` is aware, and today is one of them."""
    page = _Page(watched, now, days)
    report = Report(
        f"Runs of the last {page.days:,} days",
        f"Profile {watched.profile}, {page.first} to {page.today}, days and times in UTC.",
        created_at=now,
    )
    if page.deliveries.is_empty() and page.notebooks.is_empty():
        report.section(
            "Nothing ran",
            "There was no delivery in these days, and no notebook ran without a person. A delivery "
            "is made by rokt deliver, a notebook is run by rokt run; --days looks further back.",
        )
        return report
    report.section("At a glance", *page.figures())
    report.section("What stands out", *page.outstanding())
    report.section("Day by day", *page.day_by_day())
    if len(page.deliveries):
        report.section("Deliveries", *page.of_deliveries())
        report.section("Rows rejected", *page.of_rejected())
    if len(page.notebooks):
        report.section("Notebooks without a person", *page.of_notebooks())
    if len(watched.files):
        report.section("Referral files collected", *page.of_referrals())
    report.section("Guards that somebody passed", *page.of_guards())
    report.section("How this page judges", RULE, [rule(each) for each in MEASURES.values()])
    return report


class _Page:
    """The parts of one page, each a list of blocks."""

    def __init__(self, watched: Watched, now: datetime, days: int) -> None:
        self._watched = watched
        self._now = now
        self.today = now.date()
        self.first = _first_day(watched, self.today, days)
        self.days = (self.today - self.first).days + 1
        here = pl.col("day") >= self.first
        self.deliveries = watched.deliveries.filter(here)
        self.notebooks = watched.notebooks.filter(here)
        self.calendar = calendar(watched.runs, first=self.first, today=self.today)

    def figures(self) -> list[KeyFigure]:
        """Return the cards."""
        runs, states = self.deliveries, self.calendar["state"]
        done = runs.filter(pl.col("outcome") == "done")
        wrong = int(states.is_in(_WRONG).sum())
        return [
            KeyFigure("Deliveries", len(runs), f"{len(done):,} of them done"),
            _rows_delivered(int(done["rows"].sum())),
            KeyFigure("Deliveries in doubt", len(self._in_doubt())),
            KeyFigure("Days that went wrong", wrong, f"of {len(states):,}"),
        ]

    def outstanding(self) -> list[str | list[str]]:
        """Return what is not as usual."""
        said = findings(self._watched.judged, self._watched.judged_notebooks, first=self.first)
        left = self._watched.expiring
        if left is not None:
            when = f"{left.until:%Y-%m-%d %H:%M}"
            said.insert(0, f"{scrub(left.name)} was not collected; Rokt removes it about {when}.")
        said = [*self._in_doubt(), *said]
        if not said and not self._is_judged():
            return [f"Nothing yet: {FEWEST_RUNS} runs of a kind have to come before one is judged."]
        return [said] if said else ["Nothing: every run that can be judged was as usual."]

    def day_by_day(self) -> list[str | list[str] | Picture]:
        """Return the calendar, and the last days that went wrong in words."""
        wrong = self.calendar.filter(pl.col("state").is_in(_WRONG)).sort("day", descending=True)
        lines = [f"{day}: {what}." for day, what in wrong.select("day", "what").iter_rows()]
        more = len(lines) - _MOST_DAYS
        rest = [f"{more:,} earlier days are in the table."] if more > 0 else []
        said = [[*lines[:_MOST_DAYS], *rest]] if lines else []
        return [EXPECTED, calendar_of_days(self.calendar), *said]

    def of_deliveries(self) -> list[str | Picture | pl.DataFrame]:
        """Return how deliveries ended, how much they carried and how long they took."""
        judged = self._watched.judged
        return [
            self._by_outcome(self.deliveries, "delivery"),
            VOLUMES,
            self._banded(judged["rows"], "rows", "rows"),
            LEVELS,
            *self._levels(),
            DURATIONS,
            self._banded(judged["seconds"], "seconds", "seconds"),
        ]

    def of_rejected(self) -> list[str | Picture]:
        """Return which share of the sources was rejected, by day and by list."""
        shares = rejected_by_day(self.deliveries)
        return [
            REJECTED,
            rejected_shares(shares, first=self.first, last=self.today),
            self._banded(
                self._watched.judged["share_rejected"], "share_rejected", "share of rows rejected"
            ),
        ]

    def of_notebooks(self) -> list[str | Picture | pl.DataFrame]:
        """Return how notebooks ended and how long they took, from their folders."""
        return [
            NOTEBOOKS,
            self._by_outcome(self.notebooks, "run"),
            _by_notebook(self.notebooks),
            self._banded(self._watched.judged_notebooks, "seconds", "seconds"),
        ]

    def of_referrals(self) -> list[str | Picture]:
        """Return what was collected, by day."""
        at = pl.col("collected_at").dt.date()
        kept = self._watched.files.with_columns(day=at).filter(pl.col("day") >= self.first)
        days = kept.group_by("day").agg(files=pl.len(), rows=pl.col("rows").sum()).sort("day")
        return [
            "Whichever way they came, by the day on which they were collected.",
            files_by_day(days, first=self.first, last=self.today),
        ]

    def of_guards(self) -> list[str | pl.DataFrame]:
        """Return the deliveries for which somebody passed a guard, the newest first."""
        passed = self.deliveries.filter(pl.col("allowed") != "")
        if passed.is_empty():
            return ["Nobody passed a guard in these days."]
        table = passed.sort("at", descending=True).select(
            pl.col("at").alias("started"), "list", "action", "mode", "rows", "status",
            pl.col("allowed").str.replace_all(",", ", ").alias("guards_passed"),
            pl.col("run_id").str.head(8).alias("run"),
        )  # fmt: skip
        return [f"{len(passed):,} of {len(self.deliveries):,} deliveries went past a guard.", table]

    def _is_judged(self) -> bool:
        """Tell whether any run has enough others before it."""
        tables = (*self._watched.judged.values(), self._watched.judged_notebooks)
        return any(table["usual"].count() for table in tables)

    def _in_doubt(self) -> list[str]:
        """Return a sentence for each delivery whose end nobody knows."""
        runs = self.deliveries.filter(pl.col("outcome") == "in doubt").sort("at", descending=True)
        return [
            f"{run['list']}: nobody knows how run {run['run_id'][:8]} of "
            f"{run['at']:%Y-%m-%d %H:%M} ended. The same delivery again settles it."
            for run in runs.iter_rows(named=True)
        ]

    def _by_outcome(self, runs: pl.DataFrame, what: str) -> Picture:
        return runs_by_day(outcomes_by_day(runs), what=what, first=self.first, last=self.today)

    def _banded(self, judged: pl.DataFrame, column: str, unit: str) -> Picture:
        """Return the chart of a figure, what is unusual first."""
        table = by_day(judged, column, first=self.first)
        sums = table.group_by("series").agg(pl.col("odd", "runs").sum())
        order = sums.sort(["odd", "runs", "series"], descending=[True, True, False])
        title = band_title(judged, MEASURES[column], first=self.first)
        return figures_and_band(
            table, title=title, unit=unit, first=self.first, last=self.today,
            names=order["series"].to_list(),
        )  # fmt: skip

    def _levels(self) -> list[str | pl.DataFrame]:
        """Return where each list stands that was delivered to in these days."""
        here = self.deliveries["series"].drop_nulls().unique().to_list()
        judged = self._watched.judged["rows"].filter(pl.col("series").is_in(here))
        table = levels(judged, now=self._now)
        more = len(table) - _MOST_LISTS
        rest = f"{more:,} lists that changed less, or of which less is known, are left out."
        return [table.head(_MOST_LISTS), *([rest] if more > 0 else [])]


def _first_day(watched: Watched, today: date, days: int) -> date:
    """Return where the page begins: not long before the first run there ever was."""
    asked = today - timedelta(days=days - 1)
    known: list[date] = watched.runs["day"].sort().head(1).to_list()
    return max(asked, min([*known, today - timedelta(days=_FEWEST_DAYS - 1)]))


def _rows_delivered(rows: int) -> KeyFigure:
    """Return a figure that fits on its card."""
    if rows < _MILLIONS:
        return KeyFigure("Rows delivered", rows)
    return KeyFigure("Rows delivered", f"{rows / 1e6:,.1f}", "million")


def _by_notebook(runs: pl.DataFrame) -> pl.DataFrame:
    last = pl.col("outcome").last()
    return (
        runs.group_by("series")
        .agg(
            runs=pl.len(),
            done=(pl.col("outcome") == "done").sum(),
            last_run=pl.col("at").last(),
            ended=last,
            median_seconds=pl.col("seconds").median(),
        )
        .rename({"series": "notebook"})
        .sort("notebook")
    )
