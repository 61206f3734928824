from __future__ import annotations

import subprocess
import sys

from tests.house.project import ROOT


def test_the_benchmark_of_the_api_runs() -> None:
    """The benchmark of the API runs small, and holds the limit by the sandbox's own record."""
    words = [sys.executable, str(ROOT / "benchmarks" / "api.py"), "--smoke"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "most starts in any second: 1" in done.stdout
    assert "share of the limit of 4 starts a second" in done.stdout


def test_the_benchmark_of_sftp_runs() -> None:
    """The benchmark of SFTP runs small, near and far, and compares three programs each way."""
    words = [sys.executable, str(ROOT / "benchmarks" / "sftp.py"), "--smoke"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(",")[0] for line in done.stdout.splitlines() if ": 1 MB" in line] == [
        "up",
        "down",
    ] * 2
    assert done.stdout.count("x sftp") == 12
