"""Unattended runs: what failed, was stopped by a guard, or should have run and did not."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rokt_helpers.attention import concerns_now
from rokt_helpers.attention.scheduled import Scheduled, of_schedule
from rokt_helpers.clock import Clock
from rokt_helpers.runner import alone, is_running
from rokt_helpers.schedule import Entry, LastRun, ScheduleState, watched
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench
from tests.notices.unattended import by_hand
from tests.runner.conftest import MakeNotebook, make

__all__ = ["make"]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = Entry("night", Path("notebooks/n.ipynb"))
SAID = "The list is empty. Pass allow=['empty'] to go on."


def ran(code: int | None, *, ago: timedelta = HOUR, sentence: str = "") -> LastRun:
    moment = (NOW - ago).isoformat()
    return LastRun(moment, moment, moment, 1.0, code, sentence=sentence)


def known(run: LastRun | None, *entries: Entry, **more: object) -> Scheduled:
    last = {} if run is None else {"night": run}
    return Scheduled(entries or (NIGHT,), last, **more)  # type: ignore[arg-type]


def kinds(facts: Scheduled, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in of_schedule(facts, now)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, []),
        (1, [("failed", "night")]),
        (2, [("failed", "night")]),
        (3, [("guard_stopped", "night")]),
        (130, [("failed", "night")]),
        (None, [("failed", "night")]),
    ],
)
def test_how_the_last_run_ended(code: int | None, expected: list[tuple[str, str]]) -> None:
    """Only what ended well needs nobody; a guard is told apart from a failure."""
    assert kinds(known(ran(code))) == expected


def test_it_says_what_happened_and_what_to_do() -> None:
    """The run's own sentence, the notebook to run again, and since when."""
    [one] = of_schedule(known(ran(3, sentence=SAID)), NOW)
    assert one.sentence == f"night was stopped by a guard. {SAID}"
    assert "`rokt run notebooks/n.ipynb`" in one.advice
    assert one.since == NOW - HOUR
    with_params = replace(NIGHT, params=Path("params/my list.yml"))
    [one] = of_schedule(known(ran(1), with_params), NOW)
    assert "`rokt run notebooks/n.ipynb -f 'params/my list.yml'`" in one.advice


def test_what_is_under_way_needs_nobody() -> None:
    """A run without an outcome is a failure only once nobody is running it."""
    assert kinds(known(ran(None), under_way=frozenset({"night"}))) == []
    assert kinds(known(ran(1), under_way=frozenset({"night"}))) == [("failed", "night")]


def test_what_was_mended_by_hand_needs_nobody() -> None:
    """A later run by hand that came to its end settles a failure."""
    assert kinds(known(ran(1), mended=frozenset({"night"}))) == []


def test_an_entry_that_did_not_run_is_late_after_an_hour() -> None:
    """Its moment, an hour of patience, then a concern that names the moment."""
    run = replace(ran(0), settled=datetime(2026, 11, 21, 6, tzinfo=UTC).isoformat())
    entry = replace(NIGHT, catch_up=False)
    assert kinds(known(run), datetime(2026, 11, 22, 7, tzinfo=UTC)) == []
    for one in (NIGHT, entry):
        assert kinds(known(run, one), datetime(2026, 11, 22, 7, 1, tzinfo=UTC)) == [
            ("late", "night")
        ]
    [late] = of_schedule(known(run), NOW)
    assert "2026-11-22 06:00 UTC" in late.sentence
    assert late.since == datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_an_hourly_entry_is_late_after_the_first_hour_that_was_missed() -> None:
    """Each hour has a moment, so it is the first that counts and not the latest."""
    hourly = replace(NIGHT, hourly=True)
    assert kinds(known(ran(0, ago=HOUR), hourly)) == []
    assert kinds(known(ran(0, ago=3 * HOUR), hourly)) == [("late", "night")]


def test_a_schedule_that_nobody_ever_looked_at() -> None:
    """Enabled since yesterday and never met: it is late; enabled a moment ago: it is not."""
    assert kinds(known(None, written_at=NOW - timedelta(days=1))) == [("late", "night")]
    assert kinds(known(None, written_at=NOW - HOUR)) == []
    off = replace(NIGHT, enabled=False)
    assert kinds(known(ran(1), off, written_at=NOW - timedelta(days=9))) == []


def test_without_a_schedule_the_last_runs_still_count() -> None:
    """Whoever stands in another folder is told of failures, and of nothing that may be off."""
    facts = Scheduled(None, {"night": ran(1, ago=timedelta(days=3))})
    assert kinds(facts) == [("failed", "night")]


# --- read from a profile's folder -------------


@pytest.fixture
def profile(home: Path) -> Path:
    del home
    return load_settings().folder


def told() -> list[tuple[str, str]]:
    with Workbench(load_settings()) as workbench:
        return [(one.kind, one.subject) for one in concerns_now(workbench)]


def schedule(text: str) -> None:
    Path("params").mkdir(exist_ok=True)
    Path("params/schedule.yml").write_text(text, encoding="utf-8")


ENTRY = '{name: night, notebook: notebooks/n.ipynb, at: "06:00"}'


def test_a_fresh_start_needs_nobody(profile: Path) -> None:
    """With nothing done there is nothing to tell."""
    assert profile.is_dir()
    assert told() == []


def test_the_schedule_is_found_from_a_folder_below(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel stands in notebooks/, and is told the same; an entry that is off is left out."""
    ScheduleState(profile / "schedule.json").keep("night", replace(ran(1), settled=_now()))
    schedule(f"entries: [{ENTRY}]")
    Path("notebooks").mkdir()
    monkeypatch.chdir("notebooks")
    assert told() == [("failed", "night")]
    monkeypatch.chdir("..")
    schedule(f"entries: [{ENTRY[:-1]}, enabled: false}}]")
    assert told() == []


@pytest.mark.parametrize("what", ["schedule.json", "watched.json", "params/schedule.yml"])
def test_what_cannot_be_read_is_told(profile: Path, what: str) -> None:
    """A broken file is a concern itself, and says which one."""
    schedule("entries: []")
    path = Path(what) if "/" in what else profile / what
    path.write_text("{", encoding="utf-8")
    with Workbench(load_settings()) as workbench:
        [one] = concerns_now(workbench)
        [again] = concerns_now(workbench, now=workbench.clock.now() + HOUR)
    assert (one.kind, one.subject) == ("failed", "the schedule")
    assert one.sentence.startswith("Nobody can say how the schedule stands: ")
    assert Path(what).name in one.sentence
    assert again.since == one.since, "it has been so since the file is as it is"


def test_a_later_run_by_hand_settles_it(profile: Path) -> None:
    """The entry failed; somebody ran the notebook, which failed again, and then did not."""
    schedule(f"entries: [{ENTRY}]")
    failed = replace(ran(1), settled=_now(), started=_now())
    ScheduleState(profile / "schedule.json").keep("night", failed)
    by_hand(profile, "n", exit_code=1)
    by_hand(profile, "other", exit_code=0)
    assert told() == [("failed", "night")]
    by_hand(profile, "n", exit_code=0, sent=False, plan={"rows": 5})
    assert told() == [("failed", "night")], "it only showed what it would send"
    by_hand(profile, "n", exit_code=0, sent=True, plan={"rows": 5})
    assert told() == []
    schedule(f"entries: [{ENTRY}, {ENTRY.replace('night', 'day')}]")
    assert told() == [("failed", "night")], "nobody knows whose run it was"


def advice() -> str:
    with Workbench(load_settings()) as workbench:
        [one] = concerns_now(workbench)
    return one.advice


def test_the_advice_says_what_settles_it(profile: Path, make: MakeNotebook) -> None:
    """A run by hand, unless it sends nothing, or another entry has the same notebook."""
    page = make("pass", signature="send: bool = False", name="n")
    Path("send.yml").write_text("send: true\n")
    failed = replace(ran(1), settled=_now(), started=_now())
    ScheduleState(profile / "schedule.json").keep("night", failed)
    night = f'name: night, notebook: "{page}", at: "06:00"'
    sending = f"{{{night}, params: send.yml}}"
    schedule(f"entries: [{sending}]")
    assert "The next time it is run anyway." in advice()
    schedule(f"entries: [{{{night}}}]")
    assert "not by a run by hand: it only shows what it would send." in advice()
    schedule(f"entries: [{sending}, {sending.replace('night', 'day')}]")
    assert "not by a run by hand: nobody could say whose it was, for another entry" in advice()


def test_whether_a_lock_is_held_is_seen_without_taking_it(profile: Path) -> None:
    """Held, let go, and left behind by a process that died."""
    locks = profile / "locks"
    assert not is_running("due", locks=locks)
    with alone("rokt run --due", key="due", locks=locks, clock=Clock()):
        assert is_running("due", locks=locks)
        assert not is_running("other", locks=locks)
        [holder] = locks.glob("*.json")
        left = holder.read_text()
    assert not is_running("due", locks=locks)
    holder.write_text(left)
    assert not is_running("due", locks=locks)


def test_thousands_of_runs_are_looked_through_at_once(profile: Path) -> None:
    """Ten thousand folders of runs cost little, on a failed entry as well."""
    for number in range(10_000):
        (profile / "runs" / f"20261122T{number:06}Z-n-{number:04}").mkdir(parents=True)
    schedule(f"entries: [{ENTRY}]")
    failed = replace(ran(1), settled=_now(), started=datetime(2026, 1, 1, tzinfo=UTC).isoformat())
    state = profile / "schedule.json"
    state.write_text(json.dumps({"runs": {"night": asdict(failed)}}))
    began = time.process_time()  # what this process did, whatever else the computer does
    assert told() == [("failed", "night")]
    assert time.process_time() - began < 2


def _now() -> str:
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def test_notebooks_that_begin_and_end_at_once_are_all_kept(profile: Path) -> None:
    """Lines of cron start at the same second; none of them writes over another."""

    def run(number: int) -> None:
        with watched(Path(f"n{number}.ipynb"), folder=profile, clock=Clock()):
            pass

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(run, range(12)))
    kept = ScheduleState(profile / "watched.json").runs()
    assert {name: one.exit_code for name, one in kept.items()} == {f"n{i}": 0 for i in range(12)}


def test_a_watched_notebook_that_runs_needs_nobody(profile: Path) -> None:
    """While it runs it has not broken off; once its process is gone it has."""
    with Workbench(load_settings()) as workbench:
        with watched(Path("lesson.ipynb"), folder=profile, clock=Clock()):
            assert concerns_now(workbench) == []
            begun = ScheduleState(profile / "watched.json")["lesson"]
        ScheduleState(profile / "watched.json").keep("lesson", begun)
        [one] = concerns_now(workbench)
    assert "began and did not end" in one.sentence
