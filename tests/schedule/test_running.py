from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from rokt_helpers.clock import Clock
from rokt_helpers.runner import alone
from rokt_helpers.schedule import LastRun, ScheduleState
from rokt_helpers.schedule.running import worst
from tests.command_line import Rokt, caller, one_object
from tests.runner.conftest import MakeNotebook, make

__all__ = ["make"]

HAND_OVER = "from rokt_helpers.notebook_result import hand_over"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


@pytest.fixture
def profile(home: Path) -> Path:
    folder = home / "sandbox"
    folder.mkdir(parents=True)
    return folder


def schedule(*entries: dict[str, Any]) -> Path:
    """Write entries that are due since long ago, unless they say otherwise."""
    path = Path("params/schedule.yml")
    path.parent.mkdir(exist_ok=True)
    at = f"{datetime.now(tz=UTC) - timedelta(minutes=2):%H:%M}"
    path.write_text(yaml.safe_dump({"entries": [{"at": at} | one for one in entries]}))
    return path


def state(profile: Path) -> Any:
    return json.loads((profile / "schedule.json").read_text())["runs"]


def test_what_is_due_runs_in_its_order_and_once(
    make: MakeNotebook, rokt: Rokt, profile: Path
) -> None:
    """One that fails keeps none from its turn; a line for each; the exit code is the worst."""
    bad = make("raise ValueError('of canary@example.com')", name="bad")
    stopped = make(
        "from rokt_helpers.errors import GuardError", "raise GuardError('Look.', guard='x')",
        name="stopped",
    )  # fmt: skip
    good = make(HAND_OVER, "hand_over({'sentence': f'{rows} rows.'})", name="good")
    Path("good.yml").write_text("rows: 7\n")
    schedule(
        {"name": "first", "notebook": str(stopped)},
        {"name": "second", "notebook": str(bad)},
        {"name": "third", "notebook": str(good), "params": "good.yml"},
        {"name": "fourth", "notebook": "nowhere.ipynb"},
        {"name": "off", "notebook": str(bad), "enabled": False},
    )
    code, said, complaint = rokt("run", "--due")
    lines = said.splitlines()
    assert (code, complaint, len(lines)) == (1, "", 4)
    assert [line.partition(" in ")[0] for line in lines] == [
        "first: NOT DONE (exit code 3)",
        "second: NOT DONE (exit code 1)",
        "third: done",
        "fourth: NOT DONE (exit code 2)",
    ]
    assert "7 rows." in lines[2]
    assert "canary" not in said
    kept = state(profile)
    assert [kept[name]["exit_code"] for name in ("first", "second", "third", "fourth")] == [
        3, 1, 0, 2,
    ]  # fmt: skip
    assert rokt("run", "--due") == (0, "", "")
    code, said, _ = rokt("run", "--due", "--json")
    assert (code, one_object(said)) == (0, {"ran": [], "exit_code": 0})

    code, said, _ = rokt("schedule")
    assert code == 0
    for name, word in {"first": "exit code 3", "third": "done", "off": "off"}.items():
        [line] = [line for line in said.splitlines() if line.startswith(f"{name} ")]
        assert word in line
    rows = {one["name"]: one for one in one_object(rokt("schedule", "--json")[1])["entries"]}
    assert (rows["third"]["last"]["sentence"], rows["third"]["due"]) == ("7 rows.", False)
    assert datetime.fromisoformat(rows["third"]["next"]) > datetime.now(tz=UTC)
    assert rows["off"]["next"] is None


def test_a_page_that_only_shows_its_form_is_not_done(
    make: MakeNotebook, rokt: Rokt, profile: Path
) -> None:
    """Neither a schedule nor a line of cron takes a form that was drawn for work that was done."""
    page = make(
        "open('ran', 'w')", signature="rows: int = 5\nrun: bool = False  # true runs at once"
    )
    schedule({"name": "night", "notebook": str(page)})
    code, said, _ = rokt("run", "--due")
    assert (code, said.startswith("night: NOT DONE (exit code 2)")) == (2, True)
    assert "`run: true`" in said
    assert "would only show its form" in rokt("status")[1]
    code, said, complaint = rokt("run", str(page))
    assert (code, said, "`-p run true`" in complaint) == (2, "", True)
    assert (Path("ran").exists(), (profile / "runs").exists()) == (False, False)
    code, _, complaint = rokt("run", str(page), "-p", "run", "true")
    assert code == 0, complaint
    assert Path("ran").exists()
    assert rokt("status")[0] == 0


def test_a_second_schedule_for_an_account_is_refused(
    make: MakeNotebook, rokt: Rokt, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entries would run again at every look, and what failed by the first would look over."""
    monkeypatch.setenv("ROKT_NOTIFY_COMMAND", "sh -c 'cat >> told'")
    bad = {"name": "night", "notebook": str(make("raise ValueError", name="bad"))}
    schedule(bad)
    assert rokt("run", "--due")[0] == 1
    first = Path("params/schedule.yml").rename("params/first.yml")
    schedule({"name": "weekly", "notebook": str(make("1 + 1"))})
    second = Path("params/schedule.yml").rename("params/second.yml")
    first.rename("params/schedule.yml")
    before, told = state(profile), Path("told").read_text()
    assert "night" in told
    code, said, complaint = rokt("run", "--due", "--schedule", str(second))
    assert (code, said) == (2, "")
    assert "an account has one schedule" in complaint
    assert (state(profile), Path("told").read_text()) == (before, told)
    assert rokt("run", "--due") == (0, "", "")


def test_a_missed_run_is_made_up_for_by_the_next_look(
    make: MakeNotebook, rokt: Rokt, profile: Path
) -> None:
    """The computer was off for weeks: one run, and its moment is the latest."""
    at = datetime.now(tz=UTC) - timedelta(hours=5)
    entry = {"name": "night", "notebook": str(make("1 + 1")), "at": f"{at:%H:%M}"}
    schedule(entry)
    ScheduleState(profile / "schedule.json").keep("night", LastRun(LONG_AGO.isoformat()))
    code, said, _ = rokt("run", "--due", "--json")
    told = one_object(said)
    assert (code, [one["name"] for one in told["ran"]], told["exit_code"]) == (0, ["night"], 0)
    moment = datetime.fromisoformat(state(profile)["night"]["moment"])
    assert timedelta(0) <= at - moment < timedelta(minutes=1)
    assert rokt("run", "--due") == (0, "", "")


def test_who_is_running_already_stays_due(make: MakeNotebook, rokt: Rokt, profile: Path) -> None:
    """A person has the notebook under way: a guard says so, and the next look runs it."""
    notebook = make("1 + 1")
    schedule({"name": "night", "notebook": str(notebook)})
    key, locks = str(notebook.resolve()), profile / "locks"
    with alone("lesson", key=key, locks=locks, clock=Clock()):
        code, said, _ = rokt("run", "--due")
    assert (code, "lesson is running already, since" in said) == (3, True)
    code, said, _ = rokt("run", "--due")
    assert (code, said.startswith("night: done in")) == (0, True)


def test_two_looks_do_not_overlap(rokt: Rokt, profile: Path) -> None:
    """Called by a scheduler the second says nothing: no news is no mail, also of a long run."""
    schedule({"name": "night", "notebook": "lost.ipynb"})
    with alone("rokt run --due", key="due", locks=profile / "locks", clock=Clock()):
        assert rokt("run", "--due") == (0, "", "")
        told = one_object(rokt("run", "--due", "--json")[1])
    assert (told["ran"], told["exit_code"]) == ([], 0)
    assert told["busy"].startswith("rokt run --due is running already, since")
    assert rokt("run", "--due")[0] == 2, "it is still due"


def test_who_looks_at_a_terminal_is_told_that_another_looks(profile: Path) -> None:
    """A person waits for a word, and gets since when and an exit code."""
    schedule()
    ours, theirs = os.openpty()
    words = [sys.executable, "-c", "from rokt_helpers.cli import main; main()", "run", "--due"]
    with alone("rokt run --due", key="due", locks=profile / "locks", clock=Clock()):
        done = subprocess.run(words, stderr=theirs, stdout=subprocess.PIPE, check=False)
    os.close(theirs)
    said = os.read(ours, 10_000)
    os.close(ours)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"rokt run --due is running already, since" in said


def test_sigterm_leaves_the_rest_due(make: MakeNotebook, profile: Path) -> None:
    """The run under way is ended and counts; what did not begin is run by the next look."""
    long = make("open('began', 'w').close()", "import time\ntime.sleep(60)", name="long")
    schedule(
        {"name": "long", "notebook": str(long)},
        {"name": "after", "notebook": str(make("1 + 1"))},
    )
    code = "from rokt_helpers.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "run", "--due"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        end = time.monotonic() + 60
        while not Path("began").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)
        said, complaint = running.communicate(timeout=60)
    assert running.returncode == 130, complaint
    assert said.startswith("long: NOT DONE (exit code 130) in")
    assert said.count("\n") == 1
    assert "What did not begin is still due." in complaint
    assert state(profile)["long"]["exit_code"] == 130
    assert "after" not in state(profile)


def test_a_look_with_nothing_due_loads_nothing_heavy() -> None:
    """Every five minutes, all day: it takes a moment only."""
    schedule({"name": "off", "notebook": "n.ipynb", "enabled": False})
    code = (
        "import sys; from rokt_helpers.cli.app import app\n"
        "app.main(['run', '--due'], standalone_mode=False)\n"
        "print(sorted({'papermill', 'nbformat', 'nbconvert', 'polars', 'pandas'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_worst_asks_most_for_a_person() -> None:
    """Failed, then called wrongly, then stopped by a guard, then stopped."""
    assert [worst(codes) for codes in ([], [0], [0, 130], [130, 3], [3, 2], [2, 1, 130])] == [
        0, 0, 130, 3, 2, 1,
    ]  # fmt: skip
