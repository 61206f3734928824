from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_runs_and_spark_agrees_with_one_process() -> None:
    """On a small list Spark and the single process come to the same digests and sums."""
    words = [sys.executable, "benchmarks/cluster.py", "--smoke"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Both found the same 1,7" in done.stdout
    assert "Spark, two workers" in done.stdout
