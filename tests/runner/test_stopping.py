from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rokt_helpers.clock import Clock
from rokt_helpers.errors import Cancelled, RoktError
from rokt_helpers.runner import Stop, run_notebook
from rokt_helpers.sandbox import Sandbox, write_customers
from rokt_helpers.workbench import open_workbench
from tests.runner.conftest import MakeNotebook

ROOT = Path(__file__).resolve().parents[2]
ROKT = (sys.executable, "-c", "from rokt_helpers.cli import main; main()")
PATIENCE_SECONDS = 60


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ROKT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


@pytest.fixture
def slow_delivery(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sandbox, tuple[str, ...]]:
    """Give the words that deliver 120 customers in batches of 10, two a second."""
    monkeypatch.setenv("ROKT_API_BATCH_ROWS", "10")
    monkeypatch.setenv("ROKT_API_STARTS_PER_SECOND", "2")
    monkeypatch.setenv("ROKT_API_IN_FLIGHT", "1")
    source = Path.cwd() / "customers.csv"
    write_customers(source, rows=120)
    words = ("-p", "source", str(source), "-p", "list", "Night", "-p", "send", "true")
    return sandbox, ("run", str(ROOT / "notebooks" / "20_deliver_audience.ipynb"), *words)


def test_sigterm_ends_between_batches_and_the_next_run_sends_the_rest(
    slow_delivery: tuple[Sandbox, tuple[str, ...]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was on its way is confirmed, the ledger says cancelled, no process is left behind."""
    sandbox, words = slow_delivery
    rokt = start(*words)
    wait_until(lambda: sandbox.lists().get("Night", 0) > 0 or rokt.poll() is not None)
    assert rokt.poll() is None, rokt.communicate()
    kernels = psutil.Process(rokt.pid).children(recursive=True)
    rokt.send_signal(signal.SIGTERM)
    said, complaint = rokt.communicate(timeout=PATIENCE_SECONDS)
    assert (rokt.returncode, said) == (130, ""), complaint
    told = re.match(r"rokt: Stopped by the system\. ([\d,]+) of [\d,]+ identifiers", complaint)
    assert told is not None, complaint
    assert kernels
    assert psutil.wait_procs(kernels, timeout=5)[1] == []
    confirmed = int(told[1])
    assert confirmed == sandbox.lists()["Night"]
    with open_workbench() as workbench:
        [record] = workbench.history(10)
        assert record.status == "cancelled"
    [log] = (home / "sandbox" / "runs").glob("*/run.log")
    last = json.loads(log.read_text().splitlines()[-1])
    assert (last["event"], last["exit_code"], last["error"]) == ("ended", 130, "Cancelled")
    assert log.with_name("executed.html").exists()

    monkeypatch.setenv("ROKT_API_STARTS_PER_SECOND", "50")
    again = subprocess.run([*ROKT, *words], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("\n") == 1
    with open_workbench() as workbench:
        [record] = workbench.history(10)
        assert (record.status, record.rows) == ("delivered", sandbox.lists()["Night"])
    assert record.rows > confirmed


class LeapingClock(Clock):
    """The system's clock; an hour has passed once the cell says that it runs."""

    def __init__(self) -> None:
        self.says_so = Path.cwd() / "runs_now"

    def monotonic(self) -> float:
        """Return seconds; an hour more once the cell runs."""
        return super().monotonic() + 3_600 * self.says_so.exists()


def test_the_time_limit_ends_a_run_cleanly(make: MakeNotebook, tmp_path: Path) -> None:
    """The cell that runs is interrupted, the next one never begins, and the record says why."""
    clock = LeapingClock()
    slow = f"import time\nopen({str(clock.says_so)!r}, 'w').close()\ntime.sleep(60)"
    notebook = make(slow, "print('too far')")
    with pytest.raises(Cancelled, match=r"^Stopped after the time limit of 30 minutes\. The"):
        run_notebook(
            notebook,
            parameters={},
            runs=tmp_path / "runs",
            time_limit_seconds=1_800,
            clock=clock,
        )
    [executed] = (tmp_path / "runs").glob("*/executed.ipynb")
    outputs = [cell.get("outputs", []) for cell in json.loads(executed.read_text())["cells"]]
    assert outputs[-1] == []
    assert "KeyboardInterrupt" in executed.read_text()


def test_a_cell_that_hears_nothing_is_ended_after_the_grace(
    make: MakeNotebook, tmp_path: Path
) -> None:
    """A kernel that ignores the interrupt does not hold the night up."""
    clock = LeapingClock()
    says_so = f"open({str(clock.says_so)!r}, 'w').close()"
    deaf = f"import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{says_so}"
    began = time.monotonic()
    with pytest.raises(Cancelled, match="The kernel did not end in time and was ended"):
        run_notebook(
            make(f"{deaf}\ntime.sleep(600)"),
            parameters={},
            runs=tmp_path / "runs",
            time_limit_seconds=1_800,
            grace_seconds=1,
            clock=clock,
        )
    assert time.monotonic() - began < 600


def test_a_kernel_that_dies_is_an_error_with_a_way_on(make: MakeNotebook, tmp_path: Path) -> None:
    """As when memory runs out: a sentence, and the notebook as far as it came."""
    with pytest.raises(RoktError, match="most often memory ran out") as caught:
        run_notebook(
            make("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
            parameters={},
            runs=tmp_path / "runs",
        )
    assert caught.value.exit_code == 1


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Python starts instead of a kernel, to be written by the test."""
    folder = tmp_path / "instead"
    folder.mkdir()
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), known])))
    return folder / "ipykernel_launcher.py"


def test_a_kernel_that_does_not_start_is_an_error_with_a_way_on(
    make: MakeNotebook, tmp_path: Path, launcher: Path
) -> None:
    """As when its environment is broken: a sentence, that nothing ran, and what shows why."""
    launcher.write_text("raise SystemExit('a broken environment')")
    with pytest.raises(RoktError, match=r"did not start: .* Nothing of the notebook ran") as caught:
        run_notebook(make("open('ran', 'w')"), parameters={}, runs=tmp_path / "runs")
    assert caught.value.exit_code == 1
    [log] = (tmp_path / "runs").glob("*/run.log")
    assert '"sentence": "The kernel did not start' in log.read_text()
    assert not Path("ran").exists()


def test_a_kernel_that_never_answers_does_not_outlive_the_time_limit(
    make: MakeNotebook, tmp_path: Path, launcher: Path
) -> None:
    """The run is stopped as it would be in a cell, and the process that hung is gone."""
    launcher.write_text("import time\ntime.sleep(600)")
    others = set(psutil.Process().children(recursive=True))
    with pytest.raises(Cancelled, match=r"^Stopped after the time limit"):
        run_notebook(
            make("open('ran', 'w')"),
            parameters={},
            runs=tmp_path / "runs",
            time_limit_seconds=1,
            grace_seconds=1,
        )
    assert set(psutil.Process().children(recursive=True)) <= others


def test_nothing_begins_after_the_wish_to_stop(make: MakeNotebook, tmp_path: Path) -> None:
    """A wish that comes while the kernel starts ends the run before its first cell."""
    stop = Stop()
    stop.ask("Stopped by the system.")
    with pytest.raises(Cancelled, match=r"^Stopped by the system\. The notebook as far"):
        run_notebook(make("open('ran', 'w')"), parameters={}, runs=tmp_path / "runs", stop=stop)
    assert not Path("ran").exists()


def test_a_wish_goes_down_and_not_up() -> None:
    """When the time of one run is over the next one may begin; a signal ends them all."""
    parent = Stop()
    first, second = Stop(parent), Stop(parent)
    first.ask("Over.")
    assert (first.is_set(), second.is_set(), parent.is_set()) == (True, False, False)
    parent.ask("Stopped by the system.")
    assert (second.is_set(), second.reason, first.reason) == (
        True,
        "Stopped by the system.",
        "Over.",
    )


def test_a_signal_is_heard_once_and_the_old_ways_come_back() -> None:
    """The first Ctrl-C asks, a second one ends at once; afterwards all is as it was."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Stop().on_signals() as stop:
        signal.raise_signal(signal.SIGINT)
        assert (stop.is_set(), stop.reason) == (True, "Stopped from the keyboard.")
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
