from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from rokt_helpers.deliver.receipt import STATUS_SENTENCES
from rokt_helpers.plan.targets import Mode
from rokt_helpers.watching import LeftToExpire
from rokt_helpers.watching.deliveries import _OUTCOME, deliveries
from rokt_helpers.watching.folders import notebook_runs
from rokt_helpers.watching.watched import levels
from tests.watching.made_up import NOW, daily, notebook, record, watched


def test_every_word_of_the_ledger_has_an_outcome() -> None:
    """No way for a run to stand is without a meaning for the page."""
    assert set(_OUTCOME) == set(STATUS_SENTENCES)


def test_a_run_as_a_row() -> None:
    """Moments, duration and the sums of preparing come out of the record."""
    [run] = deliveries([record(0, rows=7, seconds=2.5, rejected=3)]).to_dicts()
    assert run["at"] == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert (run["rows"], run["rows_in"], run["rejected"], run["seconds"]) == (7, 10, 3, 2.5)
    assert (run["outcome"], run["series"]) == ("done", "VIP, include")


@pytest.mark.parametrize("summary", ["{}", "", "[]", '{"rows_in": "many"}', '{"rows_in": null}'])
def test_a_run_that_knows_no_sums(summary: str) -> None:
    """What the ledger does not know is null."""
    [run] = deliveries([record(0, summary=summary)]).to_dicts()
    assert (run["rows_in"], run["rejected"]) == (None, None)


def test_a_run_under_way_has_no_duration() -> None:
    """A run that has not ended is in doubt, and took no time yet."""
    [run] = deliveries([record(0, status="started")]).to_dicts()
    assert (run["seconds"], run["ended_at"], run["outcome"]) == (None, None, "in doubt")


@pytest.mark.parametrize(
    ("facts", "series"),
    [
        ({}, "VIP, include"),
        ({"action": "exclude"}, "VIP, exclude"),
        ({"mode": "delta"}, "VIP, include, delta"),
        ({"mode": "mirror"}, "VIP, mirror"),
        ({"mode": "undo"}, None),
        ({"sample": True}, None),
        ({"purpose": "conversions", "list": "whatever"}, "conversions"),
    ],
)
def test_like_is_held_against_like(facts: dict[str, Any], series: str | None) -> None:
    """Runs share a series when they do the same to the same list in the same way."""
    assert deliveries([record(0, **facts)])["series"].to_list() == [series]
    assert {facts.get("mode", "full")} <= set(get_args(Mode))


def test_two_accounts_are_two_series() -> None:
    """A list of the same name on another account is another list."""
    found = deliveries([record(1), record(0, account="9")])["series"]
    assert found.to_list() == ["VIP, include (account 123)", "VIP, include (account 9)"]


def test_a_list_called_after_a_person_does_not_name_them() -> None:
    """An address in a list's name is masked in every column."""
    found = deliveries([record(0, list="for ada@example.com")])
    assert "ada" not in str(found.to_dicts())


def test_no_runs_are_an_empty_table(runs: Path) -> None:
    """An empty ledger and an empty or missing folder have all columns and no row."""
    assert deliveries([]).is_empty()
    assert notebook_runs(runs, now=NOW).is_empty()
    found = watched([], runs / "nowhere")
    assert found.runs.is_empty()
    assert all(table.is_empty() for table in found.judged.values())


def test_how_notebooks_ended(runs: Path) -> None:
    """Exit codes have their meaning, and no end is in doubt."""
    for back, code in ((6, 0), (5, 1), (4, 2), (3, 3), (2, 130), (1, None)):
        notebook(runs, back, name="a-b_c", exit_code=code, seconds=7)
    found = notebook_runs(runs, now=NOW)
    assert found["outcome"].to_list() == [
        "done", "failed", "failed", "stopped", "stopped", "in doubt",
    ]  # fmt: skip
    assert set(found["series"]) == {"a-b_c"}
    assert found["seconds"].to_list() == [7, 7, 7, 7, 7, None]


def test_strange_folders_do_no_harm(runs: Path) -> None:
    """A folder without a log, with half a line, or of another name does not stop the page."""
    broken, cut = notebook(runs, 3), notebook(runs, 2)
    (broken / "run.log").unlink()
    (cut / "run.log").write_bytes(b'{"event": "started"}\n{"event": "ended", "exit_c\xff')
    (runs / "notes").mkdir()
    (runs / "20261122T060000Z-file-0000").touch()
    (runs / "readme.txt").touch()
    found = notebook_runs(runs, now=NOW)
    assert found["outcome"].to_list() == ["in doubt"] * 3


def test_a_long_log_is_read_at_its_end(runs: Path) -> None:
    """How a run ended is found behind thousands of lines."""
    folder = notebook(runs, 1, exit_code=3)
    log = folder / "run.log"
    end = log.read_text().splitlines()[-1]
    log.write_text('{"event": "cell"}\n' * 5_000 + end + "\n")
    assert notebook_runs(runs, now=NOW)["exit_code"].to_list() == [3]


def test_a_notebook_may_be_under_way(runs: Path) -> None:
    """A run without an end says nothing for six hours, and is in doubt after them."""
    notebook(runs, 0, at=time(5, 59), exit_code=None)
    notebook(runs, 0, at=time(6, 1), exit_code=None)
    notebook(runs, 0, at=time(11), exit_code=0)
    assert notebook_runs(runs, now=NOW)["outcome"].to_list() == ["in doubt", "done"]


def test_the_file_that_expires_first(runs: Path) -> None:
    """Of files that were left the one with least time counts; what is gone is gone."""
    gone, soon, later = (
        LeftToExpire(f"{hours}.csv", NOW + timedelta(hours=hours)) for hours in (-1, 5, 50)
    )
    assert watched([], runs, left=[later, gone, soon]).expiring == soon
    assert watched([], runs, left=[gone]).expiring is None


def test_other_profiles_are_elsewhere(runs: Path) -> None:
    """Of a ledger that several profiles share only the profile's own runs are watched."""
    found = watched([record(0), record(1, profile="live")], runs)
    assert found.deliveries["rows"].to_list() == [8_000]


def test_failed_runs_are_not_what_is_usual(runs: Path) -> None:
    """A refused run neither is judged nor counts for those after it."""
    refused = daily(30, 20, rows=1, status="refused")
    found = watched([*refused, *daily(9, rows=500)], runs).judged["rows"]
    assert set(found["rows"]) == {500}


def test_where_a_list_stands(runs: Path) -> None:
    """Four weeks are held against the four before; with fewer than four runs nothing is said."""
    records = [*daily(55, 28, rows=100), *daily(27, rows=125), *daily(2, rows=5, list="New")]
    found = {row["list"]: row for row in levels(
        watched(records, runs).judged["rows"], now=NOW
    ).to_dicts()}  # fmt: skip
    vip, new = found["VIP, include"], found["New, include"]
    assert (vip["usual_rows"], vip["usual_before"], vip["change"]) == (125, 100, "+25.0%")
    assert (vip["runs"], vip["rows_then"], new["usual_rows"], new["change"]) == (
        56,
        125,
        None,
        None,
    )


def test_the_largest_change_comes_first(runs: Path) -> None:
    """Up or down, what moved most leads; no change has no sign, an unknown one is last."""
    records = [*daily(2, list="New"), *daily(55, list="Same")]
    for name, now in (("Up", 9_000), ("Down", 4_000)):
        records += [*daily(55, 28, list=name), *daily(27, list=name, rows=now)]
    found = levels(watched(records, runs).judged["rows"], now=NOW)
    assert found.select("list", "change").rows() == [
        ("Down, include", "-50.0%"), ("Up, include", "+12.5%"), ("Same, include", "0.0%"),
        ("New, include", None),
    ]  # fmt: skip


def test_a_quarter_that_grew_from_nothing_has_no_change(runs: Path) -> None:
    """Nothing is divided by a usual of no rows."""
    records = [*daily(55, 28, rows=0), *daily(27, rows=125)]
    [found] = levels(watched(records, runs).judged["rows"], now=NOW).to_dicts()
    assert (found["usual_before"], found["change"]) == (0, None)
    assert isinstance(watched(records, runs).judged["share_rejected"], pl.DataFrame)
