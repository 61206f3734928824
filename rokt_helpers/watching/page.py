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
from rokt_helpers.watching.usual import FEWEST_RUNS, MEASURES, MOST_RUNS, WIDTH, rule
from rokt_helpers.watching.watched import Watched, by_day, levels

__all__ = ["RULE", "history_page"]

RULE: Final = (
    f"A run is held against the up to {MOST_RUNS} runs before it that came to their end, of the "
    "same list, action and mode (or of the same notebook); samples and undos are left out. Usual "
    f"is their median, and the band reaches {WIDTH:g} robust standard deviations to either side: "
    "1.4826 times the median of their distances from the median (MAD), which single outliers do "
    f"not move. With fewer than {FEWEST_RUNS} runs before it a run is not judged. "
    f"{FEWEST_RUNS} runs in a row above the band, or below it, are a new level, from which judging "
    "begins anew."
)
_VOLUMES: Final = (
    "Each list's rows, a point a day: the median of the day's runs. The grey band is what was "
    "usual then; a diamond lies outside it. The six lists with most runs are drawn."
)
_LEVELS: Final = (
    "Where each list stands: its usual rows (the median) in the last 28 days and in the 28 days "
    "before; with fewer than four runs in them it is not given."
)
_DURATIONS: Final = (
    "How long deliveries took, from begin to end. One that was taken up again counts the time in "
    "between."
)
_REJECTED: Final = (
    "Rows of the sources that no list takes, such as text that is no address. What they were "
    "rejected for stands in the report of each run."
)
_NOTEBOOKS: Final = (
    "Runs by rokt run and on a schedule, from their folders. What a guard stopped, or a person, is "
    "called stopped; one that broke off without a written end is in doubt, and left out for its "
    "first six hours, in which it may be under way. A delivery that a notebook made is among the "
    "deliveries, too."
)
_WRONG: Final = ("in doubt", "failed", "missed")
_MOST_DAYS: Final = 14
_FEWEST_DAYS: Final = 28
_MILLIONS: Final = 10_000_000


def history_page(watched: Watched, *, now: datetime, days: int) -> Report:
    """Return the page of the last ``days`` days; ``now`` is aware, and today is one of them."""
    page = _Page(watched, now, days)
    report = Report(
        f"Runs of the last {days:,} days",
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
            KeyFigure("Rows delivered", _readable(int(done["rows"].sum()))),
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
            _VOLUMES,
            self._banded(judged["rows"], "rows", "rows"),
            _LEVELS,
            levels(judged["rows"].filter(pl.col("series").is_in(self._series())), now=self._now),
            _DURATIONS,
            self._banded(judged["seconds"], "seconds", "seconds"),
        ]

    def of_rejected(self) -> list[str | Picture]:
        """Return which share of the sources was rejected, by day and by list."""
        shares = rejected_by_day(self.deliveries)
        return [
            _REJECTED,
            rejected_shares(shares, first=self.first, last=self.today),
            self._banded(
                self._watched.judged["share_rejected"], "share_rejected", "share of rows rejected"
            ),
        ]

    def of_notebooks(self) -> list[str | Picture | pl.DataFrame]:
        """Return how notebooks ended and how long they took, from their folders."""
        return [
            _NOTEBOOKS,
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
        """Return the chart of a figure, the series with most runs first."""
        table = by_day(judged, column, first=self.first)
        order = (
            table.group_by("series")
            .agg(pl.col("runs").sum())
            .sort(["runs", "series"], descending=[True, False])
        )
        title = band_title(judged, MEASURES[column], first=self.first)
        return figures_and_band(
            table, title=title, unit=unit, first=self.first, last=self.today,
            names=order["series"].to_list(),
        )  # fmt: skip

    def _series(self) -> list[str]:
        return self.deliveries["series"].drop_nulls().unique().to_list()


def _first_day(watched: Watched, today: date, days: int) -> date:
    """Return where the page begins: not long before the first run there ever was."""
    asked = today - timedelta(days=days - 1)
    known: list[date] = watched.runs["day"].sort().head(1).to_list()
    return max(asked, min([*known, today - timedelta(days=_FEWEST_DAYS - 1)]))


def _readable(rows: int) -> int | str:
    """Return a number that fits on a card."""
    return rows if rows < _MILLIONS else f"{rows / 1e6:,.1f} million"


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
