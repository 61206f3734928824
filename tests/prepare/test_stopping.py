from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from rokt_helpers import prepare_audience
from rokt_helpers.audience import uniqueness
from rokt_helpers.errors import Cancelled
from rokt_helpers.jobs import PrepareJob
from rokt_helpers.progress import Progress, with_rate

ROWS = 300_000
ROKT = [sys.executable, "-c", "from rokt_helpers.cli import main; main()"]


@pytest.fixture(scope="module")
def long_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "list.csv"
    numbers = pl.int_range(ROWS, eager=True).cast(pl.String)
    people = ("person" + numbers + "@example.com").to_frame("email")
    people.write_csv(path)
    return path


def test_readings_count_every_row(long_list: Path) -> None:
    """Each stage goes from few rows to all of them, and never back."""
    readings: list[Progress] = []
    prepare_audience(long_list, progress=readings.append)
    stages = list(dict.fromkeys(reading.stage for reading in readings))
    assert stages == ["Reading and hashing", "Finding duplicates"]
    for stage in stages:
        done = [reading.done for reading in readings if reading.stage == stage]
        assert done == sorted(done)
        assert done[-1] == ROWS
    assert {reading.total for reading in readings} == {ROWS}
    assert len(readings) > 3


def test_a_stop_between_batches_leaves_nothing(
    long_list: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop in the middle raises Cancelled, and what lay on disk is gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(uniqueness, "SPILL_ROWS", 1_000)
    stop = threading.Event()
    spilled: list[int] = []

    def watch(reading: Progress) -> None:
        spilled.append(len(list(tmp_path.iterdir())))
        if reading.done:
            stop.set()

    with pytest.raises(Cancelled, match="Nothing was written"):
        prepare_audience(long_list, progress=watch, cancel=stop)
    assert spilled[-1] == 1
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_job_writes_no_file(long_list: Path, tmp_path: Path) -> None:
    """A job that is stopped has no result, and its folder holds nothing."""
    stop = threading.Event()
    stop.set()
    job = PrepareJob(source=str(long_list), out=str(tmp_path / "out.csv"))
    with pytest.raises(Cancelled):
        job.run(cancel=stop)
    assert job.prepared is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "who"), [(signal.SIGINT, "from the keyboard"), (signal.SIGTERM, "by the system")]
)
def test_a_signal_ends_with_130_and_no_file(
    how: signal.Signals, who: str, long_list: Path, tmp_path: Path
) -> None:
    """The command that is interrupted while it reads says so and leaves nothing half-written."""
    source = tmp_path / "list.csv"
    people = long_list.read_bytes()
    source.write_bytes(people + people[len("email\n") :] * 20)
    words = [*ROKT, "prepare", str(source), "--out", str(tmp_path / "out.csv")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        began = time.monotonic()
        while not _has_threads(process.pid) and time.monotonic() - began < 10:
            time.sleep(0.02)
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said.strip()) == (130, f"rokt: Stopped {who}.")
    assert list(tmp_path.iterdir()) == [source]


def _has_threads(pid: int) -> bool:
    """Tell whether the engine of the process is at work."""
    return len(list(Path(f"/proc/{pid}/task").glob("*"))) > 3


def test_a_rate_and_the_time_left_are_added() -> None:
    """A stage is timed from its first reading; where no total is known no time left is said."""
    clock = iter([10.0, 10.0, 12.0, 20.0, 20.0, 21.0])
    heard: list[Progress] = []
    tell = with_rate(heard.append, monotonic=lambda: next(clock))
    for stage, done, total in (("a", 0, 400), ("a", 100, 400), ("b", 0, 0), ("b", 9, 0)):
        tell(Progress(stage, done, total, "rows"))
    assert str(heard[1]) == "a: 100 of 400 rows, 50 a second, 6 s left"
    assert str(heard[3]) == "b: 9 rows, 9 a second"
