from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.house.project import ROOT

SOAK = ROOT / "benchmarks" / "soak.py"
Series = dict[str, list[float]]
BOUNDED = ("memory, kB", "objects of Python")  # they may grow a little


@pytest.fixture(scope="module")
def judge() -> Callable[[Series], list[str]]:
    """The judging function of the soak, without a run of it."""
    function: Callable[[Series], list[str]] = runpy.run_path(str(SOAK))["judge"]
    return function


def still(runs: int = 24) -> Series:
    """Return what a process shows that keeps nothing; its first run loads."""
    counts = (
        "open files", "threads", "child processes", "connections", "sandbox: open files",
        "sandbox: threads", "sandbox: connections", "temporary files", "locks held",
    )  # fmt: skip
    series: Series = {name: [1.0] + [3.0] * (runs - 1) for name in counts}
    memory = [100_000.0, 140_000.0] + [150_000.0 + 900 * (run % 3) for run in range(runs - 2)]
    objects = [200_000.0] + [230_000.0 + run % 7 for run in range(runs - 1)]
    return series | {"memory, kB": memory, "objects of Python": objects}


def test_a_process_that_keeps_nothing_passes(judge: Callable[[Series], list[str]]) -> None:
    """What is loaded once, a peak of memory and a count that falls are no leak."""
    assert judge(still()) == []
    assert judge(still() | {"threads": [9.0] * 12 + [8.0] * 12}) == []
    once = still()
    once["memory, kB"][12] += 20_000
    assert judge(once) == []


@pytest.mark.parametrize("name", [name for name in still() if name not in BOUNDED])
def test_one_more_of_anything_is_a_leak(judge: Callable[[Series], list[str]], name: str) -> None:
    """A count that grows with each run, or by one and stays, is named with its figures."""
    growing = judge(still() | {name: [float(run) for run in range(24)]})
    assert growing == [f"{name} grew from 5 to 19"]
    stayed = judge(still() | {name: [3.0] * 12 + [4.0] * 12})
    assert stayed == [f"{name} grew from 3 to 4"]


def test_memory_that_grows_with_each_run_is_a_leak(judge: Callable[[Series], list[str]]) -> None:
    """Above the bound memory is a leak, below it is not, and of few runs nothing is said."""
    series = still()
    assert judge(series | {"memory, kB": [150_000.0 + 400 * run for run in range(24)]}) == [
        "memory, kB grew by 400 a run; the bound is 256"
    ]
    assert judge(series | {"objects of Python": [230_000.0 + 900 * run for run in range(24)]}) == [
        "objects of Python grew by 900 a run; the bound is 100"
    ]
    assert judge(series | {"memory, kB": [150_000.0 + 200 * run for run in range(24)]}) == []
    few = still(runs=4)
    assert judge(few | {"memory, kB": [150_000.0 + 400 * run for run in range(4)]}) == []


def test_a_few_rounds_leave_nothing() -> None:
    """Three rounds with real kernels end with the list as it should be, and no leak."""
    words = [sys.executable, str(SOAK), "--smoke"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == [f"run {n}" for n in range(1, 4)]
    assert lines[-2:] == [
        "Memory and objects are not judged: it takes 12 runs.",
        "No leak in 3 runs.",
    ]
    shown = {line[:24].strip(): line[24:].split() for line in lines[4:-2]}
    assert shown["child processes"] == ["0", "0", "+0.00"]
    assert shown["temporary files"] == ["0", "0", "+0.00"]
    assert float(shown["files in ROKT_HOME"][2]) > 0
