from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_of_a_run_runs() -> None:
    """Ours and papermill alone execute the same notebook and come to the same result."""
    words = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--smoke"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Both came to the same result." in done.stdout
    assert "× papermill alone" in done.stdout
