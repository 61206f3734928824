"""Time ``rokt run`` against papermill alone, whole processes in turn, on the same notebook.

The law kept here: both execute every cell in a fresh kernel, and both come to the same result. What
ours does besides: checks the parameters, keeps a record and masks it, writes a page to read.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

OURS: Final = "rokt run"
ALONE: Final = "papermill"
_ROKT: Final = "from rokt_helpers.cli import main; main()"
_SIGNATURE: Final = 'source: str = "list.csv"\nrows: int = 1_000'
_CELLS: Final = (
    "import pandas as pd\nfrom rokt_helpers import prepare_audience",
    'emails = pd.Series([f"person{n}@example.com" for n in range(rows)], name="email")',
    "prepared = prepare_audience(emails)\nprepared.summary",
    "prepared.to_pandas().head()",
    "from rokt_helpers.notebook_result import hand_over",
    'hand_over({"accepted": prepared.summary["accepted"]})',
)


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def make_notebook(path: Path) -> None:
    """Write a notebook of the size of ours: parameters, then cells that prepare a list."""
    first = new_code_cell(_SIGNATURE, metadata={"tags": ["parameters"]})
    node = new_notebook(cells=[first, *map(new_code_cell, _CELLS)])
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node.metadata["kernelspec"] = kernel
    nbformat.write(node, path)


def seconds_of(words: list[str], folder: Path) -> float:
    """Run a process to its end and return its seconds on the wall."""
    surroundings = {**os.environ, "ROKT_HOME": str(folder / "home"), "ROKT_PROFILE": "sandbox"}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return time.perf_counter() - began


def compare(folder: Path, runs: int) -> dict[str, list[float]]:
    """Take the seconds of both in turn, the one first and then the other."""
    notebook = folder / "lesson.ipynb"
    make_notebook(notebook)
    entries = {
        OURS: ["-c", _ROKT, "run", str(notebook), "-p", "rows", "2000"],
        ALONE: ["-m", "papermill", str(notebook), str(folder / "out.ipynb"), "-p", "rows", "2000"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in entries}
    for number in range(runs):
        for name in list(entries)[:: 1 if number % 2 else -1]:
            seconds[name].append(seconds_of(entries[name], folder))
    check_agreement(folder)
    return seconds


def check_agreement(folder: Path) -> None:
    """Stop unless both executed every cell and came to the same number."""
    [*_, ours] = sorted((folder / "home").rglob("result.json"))
    accepted = json.loads(ours.read_text(encoding="utf-8"))["accepted"]
    executed = nbformat.read(folder / "out.ipynb", as_version=4)
    shown = json.dumps(executed.cells[-1].outputs)
    if accepted != 2_000 or '"accepted": 2000' not in shown.replace("\\", ""):  # noqa: PLR2004
        raise SystemExit("Both did not come to the same result.")
    say("Both came to the same result.")


def main() -> None:
    """Measure and print the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--smoke", action="store_true", help="one run of each")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as name:
        seconds = compare(Path(name), 1 if chosen.smoke else chosen.runs)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, median in medians.items():
        fastest, slowest = min(seconds[name]), max(seconds[name])
        say(f"{name:<12}{median:>7.2f} s   ({fastest:.2f} to {slowest:.2f})")
    ratios = [ours / alone for ours, alone in zip(seconds[OURS], seconds[ALONE], strict=True)]
    say(f"{OURS} takes {statistics.median(ratios):.2f} × {ALONE} alone (median of pairs)")


if __name__ == "__main__":
    main()
