from __future__ import annotations

import re
import subprocess
import sys

from rokt_helpers import contract
from tests.house.project import ROOT


def test_the_reasons_are_documented_one_by_one() -> None:
    """The table of reasons is the closed set of the code, in its order and its words."""
    page = (ROOT / "docs" / "rokt.md").read_text(encoding="utf-8")
    section = page.split("## Conversions")[1].split("\n## ")[0]
    table = section.split("| reason | meaning |")[1]
    found = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", table, re.MULTILINE))
    assert list(found.items()) == list(contract.CONVERSION_REASONS.items())


def test_the_benchmark_runs_and_both_entries_agree() -> None:
    """On a small list the workbench and the row loop come to the same conversions."""
    words = [sys.executable, "benchmarks/conversions.py", "--smoke"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Both come to the same 19," in done.stdout
