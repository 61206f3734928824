from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_runs_and_both_entries_agree() -> None:
    """On few rows the vault and plain pandas keep the same referrals of overlapping files."""
    words = [sys.executable, "benchmarks/referrals.py", "--smoke"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Both keep the same 22,000 referrals of 24,000 delivered." in done.stdout
