from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_runs_and_both_entries_agree() -> None:
    """On few rows both keep the same referrals of overlapping files, and make the same tables."""
    words = [sys.executable, "benchmarks/referrals.py", "--smoke", "--analyse"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Both keep the same 22,000 referrals of 24,000 delivered." in done.stdout
    assert "Both make the same 21 tables." in done.stdout
