"""The benchmark of events runs, and loses nothing."""

from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_of_events_runs() -> None:
    """Small, it sends at Rokt's rate, and the sandbox has every conversion once."""
    words = [sys.executable, str(ROOT / "benchmarks" / "events.py"), "--smoke"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "810 conversions" in done.stdout
    assert "the sandbox has each once" in done.stdout
