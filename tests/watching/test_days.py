from __future__ import annotations

from datetime import time
from pathlib import Path

import polars as pl

from rokt_helpers.watching.days import calendar, outcomes_by_day, rejected_by_day
from rokt_helpers.watching.deliveries import deliveries
from tests.watching.made_up import TODAY, daily, day, notebook, record, watched


def states(runs: pl.DataFrame, days: int = 60) -> dict[int, str]:
    """Return by days back how a day went, where anything did."""
    table = calendar(runs, first=day(days), today=TODAY)
    return {
        (TODAY - at).days: state
        for at, state, _ in table.iter_rows()
        if state not in {"done", "no run"}
    }


def test_a_day_that_a_daily_run_left_out_is_missed() -> None:
    """It is told from the days before, whether that is one week or many; today is not over."""
    assert states(deliveries([*daily(10, 3), record(1)])) == {2: "missed"}
    assert states(deliveries([*daily(60, 21), *daily(19, 1)])) == {20: "missed"}


def test_weekdays_have_free_weekends() -> None:
    """A run of working days is missed on a working day only."""
    working = [record(back) for back in range(59, -1, -1) if day(back).weekday() < 5]
    assert states(deliveries(working)) == {}
    gone = next(back for back in range(10, 20) if day(back).weekday() == 2)
    kept = [run for run in working if run.started_at[:10] != f"{day(gone)}"]
    assert states(deliveries(kept)) == {gone: "missed"}


def test_six_days_a_week_are_no_seven() -> None:
    """A list that rests on Sundays is not missed on its second Sunday."""
    assert states(deliveries([record(b) for b in range(20, -1, -1) if day(b).weekday() < 6])) == {}


def test_a_weekly_run_is_missed_after_some_weeks() -> None:
    """Three of the four same weekdays before are enough; after two silent weeks it has ended."""
    assert states(deliveries([record(back) for back in (56, 49)])) == {}
    twice = {35: "missed", 28: "missed"}
    assert states(deliveries([record(back) for back in (56, 49, 42)])) == twice
    assert states(deliveries([record(back) for back in (63, 56, 49, 42)])) == twice


def test_each_list_is_expected_by_itself() -> None:
    """One list's run does not stand in for another's, and the page says whose is missing."""
    runs = deliveries([*daily(20), *daily(20, 6, list="Other"), *daily(4, list="Other")])
    table = calendar(runs, first=day(30), today=TODAY)
    assert states(runs) == {5: "missed"}
    assert table.filter(pl.col("day") == day(5))["what"].to_list() == ["missed: Other, include"]


def test_a_failure_counts_unless_the_day_mended_it() -> None:
    """The worst of a day is shown, but for a run that is done at its end."""
    failed = record(3, status="failed")
    assert states(deliveries([failed])) == {3: "failed"}
    assert states(deliveries([failed, record(3, at=time(9))])) == {}
    assert states(deliveries([record(3), record(3, at=time(9), status="in_doubt")])) == {
        3: "in doubt"
    }
    assert states(deliveries([failed, record(3, at=time(9), status="cancelled")])) == {3: "failed"}


def test_undos_and_samples_are_not_expected_again() -> None:
    """What a person does by hand makes no rhythm."""
    assert states(deliveries(daily(30, 5, sample=True))) == {}
    assert states(deliveries(daily(30, 5, mode="undo"))) == {}


def test_notebooks_are_in_the_calendar(runs: Path) -> None:
    """A failed notebook and one that did not come are days that went wrong."""
    for back in (9, 8, 7, 6, 5, 4, 3):
        notebook(runs, back, name="40_referrals", exit_code=1 if back == 5 else 0)
    found = calendar(watched([], runs).runs, first=day(12), today=TODAY)
    assert found.filter(pl.col("what") != "")["what"].to_list() == [
        "failed: 40_referrals", "missed: 40_referrals",
    ]  # fmt: skip


def test_many_lists_on_a_day_are_counted() -> None:
    """Four names are said and the rest counted."""
    runs = deliveries([record(1, list=f"L{number}", status="refused") for number in range(9)])
    said = calendar(runs, first=day(1), today=TODAY)["what"][0]
    assert said == "failed: L0, include; L1, include; L2, include; L3, include and 5 more"


def test_runs_are_counted_by_how_they_ended() -> None:
    """Only outcomes that there are have a column; the sum is the number of runs."""
    runs = deliveries([*daily(4), record(2, status="failed"), record(2, status="incomplete")])
    found = outcomes_by_day(runs)
    assert found.columns == ["day", "done", "in part", "failed"]
    assert found.filter(pl.col("day") == day(2)).row(0) == (day(2), 1, 1, 1)
    assert sum(found.select("done", "in part", "failed").sum().row(0)) == len(runs)


def test_the_share_rejected_is_of_all_rows_of_a_day() -> None:
    """A long list weighs more than a short one; runs without a source weigh nothing."""
    found = rejected_by_day(
        deliveries([
            record(1, rows=900, rejected=100), record(1, rows=0, rejected=1_000),
            record(1, summary="{}"), record(0, rows=0, rejected=0),
        ])
    )  # fmt: skip
    assert found.rows() == [(day(1), 2_000, 1_100, 0.55)]
