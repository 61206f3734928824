"""Run a small schedule again and again in one process that lives on, and look what is left of it.

Each round is what ``rokt run --due`` does, an hour later by the clock that is handed in: a mirror
of a list that changes by one person, and a look for referrals, each in a kernel of its own. The
sandbox is a process beside. After each round everything is counted that a run could leave behind;
what stays is a leak, and the exit code is 1. Needs psutil, on Linux or macOS.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Final

import filelock
import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rokt_helpers.clock import Clock
from rokt_helpers.runner import Stop, alone
from rokt_helpers.schedule import ScheduleState, due, read_schedule
from rokt_helpers.schedule.running import run_each
from rokt_helpers.settings import load_settings

ROOT: Final = Path(__file__).resolve().parents[1]
MOST_KB_PER_RUN: Final = 256
MOST_OBJECTS_PER_RUN: Final = 100  # a kernel, a connection or a run that is kept is thousands
FEWEST_FOR_MEMORY: Final = 12  # runs; with fewer the slope says more of the start than of a leak
_PEOPLE: Final = 40
_SETTLE_SECONDS: Final = 5.0
_LIST: Final = "Soak"
_MEMORY: Final = "memory, kB"
_OBJECTS: Final = "objects of Python"
_COUNTS: Final = (
    "open files", "threads", "child processes", "connections", "sandbox: open files",
    "sandbox: threads", "sandbox: connections", "temporary files", "locks held",
)  # fmt: skip
# The sandbox keeps every request, and ROKT_HOME a record of every run: they grow by intent.
_SHOWN: Final = (
    "C library in use, kB", "sandbox: memory, kB", "files in ROKT_HOME", "seconds of a round",
)  # fmt: skip
_ALL: Final = (_MEMORY, _OBJECTS, *_COUNTS, *_SHOWN)
_ROKT: Final = "from rokt_helpers.cli import main; main()"
_SCHEDULE: Final = (
    "entries:",
    '  - {name: mirror, notebook: mirror.ipynb, params: mirror.yml, every: hour, at: ":00"}',
    '  - {name: referrals, notebook: referrals.ipynb, every: hour, at: ":00"}',
)
_OPENED: Final = "from rokt_helpers import open_workbench\nworkbench = open_workbench()"
_CELLS: Final = {
    "mirror": (
        'source: str = ""\nlist: str = ""',
        f"from rokt_helpers import prepare_audience\n{_OPENED}",
        "prepared = prepare_audience(source)\nprepared.summary",
        'plan = workbench.plan(prepared, list=list, mode="mirror")\nplan',
        "workbench.deliver(plan)",
        "workbench.close()",
    ),
    "referrals": (
        "days: int = 0",
        _OPENED,
        "collected = workbench.fetch_referrals()\ncollected",
        "workbench.referrals()",
        "workbench.close()",
    ),
}

Series = Mapping[str, Sequence[float]]


class SoakClock(Clock):
    """The system's clock, so many hours ahead."""

    hours = 0

    def now(self) -> datetime:
        """Return this moment and the hours that were leapt over."""
        return super().now() + timedelta(hours=self.hours)


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# --- the judgement: pure ------------------------------------


def slope(values: Sequence[float]) -> float:
    """Return the growth per run: the median over all pairs, so that a peak does not count."""
    pairs = combinations(enumerate(values), 2)
    each = [(later - earlier) / (j - i) for (i, earlier), (j, later) in pairs]
    return statistics.median(each) if each else 0.0


def quarters(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """Return the first and the last quarter, one value at least."""
    size = max(1, len(values) // 4)
    return values[:size], values[-size:]


def judge(series: Series) -> list[str]:
    """Return a reason for each leak; none is a pass.

    A count leaks when all of its last quarter is above all of its first. The first run is left
    out: it loads what is loaded once. Memory and objects leak when they grow by more than their
    bound per run after the first quarter.
    """
    reasons = []
    for name in _COUNTS:
        first, last = quarters(series[name][1:])
        if min(last) > max(first):
            reasons.append(f"{name} grew from {max(first):g} to {min(last):g}")
    for name, bound in ((_MEMORY, MOST_KB_PER_RUN), (_OBJECTS, MOST_OBJECTS_PER_RUN)):
        values = series[name]
        grown = slope(values[len(values) // 4 :])
        if len(values) >= FEWEST_FOR_MEMORY and grown > bound:
            reasons.append(f"{name} grew by {grown:,.0f} a run; the bound is {bound}")
    return reasons


def table(series: Series) -> list[str]:
    """Return the lines of the table: medians of two quarters, and the slope after the first."""
    lines = [f"{'':<24}{'first quarter':>14}{'last quarter':>14}{'per run':>12}"]
    for name in _ALL:
        values = series[name]
        first, last = (statistics.median(part) for part in quarters(values))
        grown = slope(values[len(values) // 4 :])
        lines.append(f"{name:<24}{first:>14,.0f}{last:>14,.0f}{grown:>+12,.2f}")
    return lines


# --- what is left after a run -------------------------------


def sample(sandbox: psutil.Process, folder: Path) -> dict[str, float]:
    """Count what is there now, after what only waits for the collector is gone.

    Free pieces that the C library keeps are given back first: on a busy computer each thread that
    meets another takes a pool of its own, and a few megabytes of nothing stay in it.
    """
    gc.collect()
    psutil.heap_trim()
    own = psutil.Process()
    here = [child for child in own.children(recursive=True) if child.pid != sandbox.pid]
    left = [*_files(folder / "tmp"), *_files(folder / "runtime")]
    counts = (
        own.num_fds(), own.num_threads(), len(here), len(own.net_connections("tcp")),
        sandbox.num_fds(), sandbox.num_threads(), len(sandbox.net_connections("tcp")),
        len(left), locks_held(folder / "home"),
    )  # fmt: skip
    heap = psutil.heap_info()
    shown = (
        (heap.heap_used + heap.mmap_used) / 1024,
        sandbox.memory_info().rss / 1024,
        len(_files(folder / "home")),
    )
    named = dict(zip(_COUNTS, counts, strict=True)) | dict(zip(_SHOWN, shown, strict=False))
    return {_MEMORY: own.memory_info().rss / 1024, _OBJECTS: len(gc.get_objects())} | named


def settled(sandbox: psutil.Process, folder: Path, before: Mapping[str, float]) -> dict[str, float]:
    """Return a sample, some seconds later where counts are above those of the run before."""
    ends = time.monotonic() + _SETTLE_SECONDS
    while True:
        now = sample(sandbox, folder)
        above = any(now[name] > before.get(name, now[name]) for name in _COUNTS)
        if not above or time.monotonic() > ends:
            return now
        time.sleep(0.2)


def locks_held(home: Path) -> int:
    """Count the locks that somebody holds, or is written down to hold.

    The empty files of locks stay: there is one for each thing that is locked, however often.
    """
    files = [path for path in _files(home) if path.parent.name == "locks"]
    held = len([path for path in files if path.suffix == ".json"])
    for path in files:
        try:
            if path.suffix == ".lock":
                with filelock.FileLock(path, timeout=0, mode=0o600):
                    pass
        except filelock.Timeout:
            held += 1
    return held


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# --- the rounds ---------------------------------------------


def prepare(folder: Path, entries: int) -> None:
    """Make the project with so many entries, and the surroundings that every kernel inherits."""
    for name in [name for name in os.environ if name.startswith("ROKT_")]:
        del os.environ[name]
    places = {"ROKT_HOME": "home", "TMPDIR": "tmp", "JUPYTER_RUNTIME_DIR": "runtime"}
    for variable, name in {**places, "IPYTHONDIR": "ipython", "": "project"}.items():
        (folder / name).mkdir(mode=0o700)
        if variable:
            os.environ[variable] = str(folder / name)
    tempfile.tempdir = None  # ask for it anew
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.chdir(folder / "project")
    for name, cells in _CELLS.items():
        write_notebook(Path(f"{name}.ipynb"), cells)
    parameters = json.dumps({"source": "list.csv", "list": _LIST})
    Path("mirror.yml").write_text(parameters, encoding="utf-8")
    Path("params").mkdir()
    Path("params/schedule.yml").write_text("\n".join(_SCHEDULE[: entries + 1]), encoding="utf-8")


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook: the first cell has its parameters."""
    [first, *others] = map(new_code_cell, cells)
    first.metadata["tags"] = ["parameters"]
    node = new_notebook(cells=[first, *others])
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node.metadata["kernelspec"] = kernel
    nbformat.write(node, path)


@contextmanager
def sandbox_beside(folder: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Run `rokt sandbox` beside, point the surroundings at it, give its process and address."""
    words = [sys.executable, "-c", _ROKT, "sandbox", "--json"]
    (folder / "box").mkdir()
    there = {**os.environ, "TMPDIR": str(folder / "box")}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=there) as box:
        try:
            said = json.loads(box.stdout.readline()) if box.stdout else {}
            os.environ.update(said["environment"])
            yield psutil.Process(box.pid), said["url"]
        finally:
            box.send_signal(signal.SIGINT)


def write_list(number: int) -> None:
    """Write the list of a round: one came and one went."""
    with Path("list.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [["email"], *([f"person{n}@example.com"] for n in range(number, number + _PEOPLE))]
        csv.writer(file).writerows(rows)


def look(clock: Clock, number: int) -> None:
    """Do what `rokt run --due` does; stop unless each entry ran and came to its end."""
    settings = load_settings()
    with alone("rokt run --due", key="due", locks=settings.folder / "locks", clock=clock):
        entries = read_schedule(Path("params/schedule.yml"))
        state, now = ScheduleState(settings.folder / "schedule.json"), clock.now()
        dues = due(entries, state.last_runs(), now)
        state.meet(entries, now, due=dues)
        outcomes = run_each(
            dues,
            state=state,
            folder=settings.folder,
            stop=Stop(),
            on_outcome=lambda _: None,
            clock=clock,
        )
    if len(outcomes) != len(entries) or any(one.exit_code for one in outcomes):
        raise SystemExit(f"Round {number} went wrong: {'; '.join(map(str, outcomes))}")


def soak(folder: Path, runs: int) -> dict[str, list[float]]:
    """Run the rounds and return each measured thing as a series."""
    clock, series = SoakClock(), {name: [] for name in _ALL}
    with sandbox_beside(folder) as (sandbox, url):
        # The first round finds both entries due, too: their moment was within the last hour.
        now: dict[str, float] = {}
        for number in range(1, runs + 1):
            write_list(number)
            began = time.perf_counter()
            look(clock, number)
            seconds = time.perf_counter() - began
            now = settled(sandbox, folder, now) | {_SHOWN[-1]: seconds}
            for name, value in now.items():
                series[name].append(value)
            held = f"{now[_MEMORY]:,.0f} kB, {now[_OBJECTS]:,.0f} objects"
            say(f"run {number}: {held}, {seconds:.1f} s")
            clock.hours += 1
        with urllib.request.urlopen(f"{url}/_inspect") as answer:  # noqa: S310  the sandbox's own
            there = json.load(answer)["lists"]
    if there.get(_LIST) != _PEOPLE:
        raise SystemExit(f"The list is not what the last file is: {there}")
    return series


def main() -> int:
    """Soak, print the table and the verdict; return 1 for a leak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=120, help="rounds of two notebooks, 3 at least")
    parser.add_argument("--smoke", action="store_true", help="three rounds of one notebook")
    chosen = parser.parse_args()
    runs = 3 if chosen.smoke else chosen.runs
    if runs < 3:  # noqa: PLR2004  one to load, two to compare
        parser.error("--runs takes 3 or more")
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as name:
        prepare(Path(name), 1 if chosen.smoke else 2)
        series = soak(Path(name), runs)
        os.chdir(ROOT)
    for line in table(series):
        say(line)
    reasons = judge(series)
    if runs < FEWEST_FOR_MEMORY:
        say(f"Memory and objects are not judged: it takes {FEWEST_FOR_MEMORY} runs.")
    for reason in reasons:
        say(f"LEAK: {reason}.")
    if not reasons:
        say(f"No leak in {runs} runs.")
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
