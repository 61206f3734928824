from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_runs_and_all_entries_agree() -> None:
    """On a small list the command, pandas and the row loop write the same digests."""
    words = [sys.executable, "benchmarks/prepare.py", "--smoke", "--quoted"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "All wrote the same 17," in done.stdout
    assert "rokt prepare" in done.stdout
