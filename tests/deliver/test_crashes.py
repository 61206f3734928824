"""SIGKILL at fifty points of deliveries: after each, a second run makes the list what was meant."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import addresses, audience, digests, in_pieces, send
from tests.house.project import ROOT

PEOPLE, ROWS = 20, 5  # four batches: as many as may start at once
POINTS = 25  # for each wire


def delivery(via: str, name: str, point: int) -> subprocess.CompletedProcess[str]:
    """Deliver in a process of its own that is killed at a point; at 0 it lives."""
    words = ["-m", "tests.deliver.killed", via, name, str(PEOPLE), str(ROWS), str(point)]
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("via", ["api", "sftp"])
def test_a_killed_delivery_is_completed_wherever_it_was(
    workbench: Workbench, sandbox: Sandbox, via: Any
) -> None:
    """Only what was not confirmed goes again, every sum is right, the list is the one intended."""
    whole = int(delivery(via, "Counted", 0).stdout)
    assert whole > POINTS
    before = []
    for number in range(POINTS):
        name, point = f"Crash {number}", 1 + number * (whole - 1) // (POINTS - 1)
        ended = delivery(via, name, point)
        runs = workbench.history(list=name)
        sure = workbench.receipt(runs[0].run_id).rows_confirmed if runs else 0
        before.append(sure)
        # Threads interleave, so the last points of one run may not come in another.
        if ended.returncode == 0:
            assert sure == PEOPLE
            continue
        assert ended.returncode == -signal.SIGKILL
        plan = in_pieces(workbench, audience(PEOPLE), rows=ROWS, list=name, via=via)
        receipt = send(workbench, plan)
        finished = bool(runs) and runs[0].status == "delivered"
        assert receipt.rows_sent_now == (0 if finished else PEOPLE - sure), (name, point)
        assert (receipt.delivered, receipt.rows_confirmed) == (True, PEOPLE), (name, point)
        assert sandbox.members(name) == digests(addresses(PEOPLE)), (name, point)
        assert len(workbench.history(list=name)) == 1
    # The points reach from before the first batch to after the last one.
    assert {min(before), max(before)} == {0, PEOPLE}
    assert len(set(before)) > 2
