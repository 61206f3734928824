"""SIGKILL at fifty points of deliveries: after each, a second run makes the list what was meant."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rokt_helpers.deliver import Patience
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import open_workbench
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
def test_a_killed_delivery_is_completed_wherever_it_was(sandbox: Sandbox, via: Any) -> None:
    """Only what was not confirmed goes again, every sum is right, the list is the one intended."""
    whole = int(delivery(via, "Counted", 0).stdout)
    assert whole > POINTS
    points = [1 + number * (whole - 1) // (POINTS - 1) for number in range(POINTS)]
    with ThreadPoolExecutor(3) as pool:
        sure = list(pool.map(lambda point: survive(sandbox, via, f"Crash {point}", point), points))
    # The points reach from before the first batch to after the last one.
    assert {min(sure), max(sure)} == {0, PEOPLE}
    assert len(set(sure)) > 2


def survive(sandbox: Sandbox, via: Any, name: str, point: int) -> int:
    """Kill a delivery at a point and complete it; return how many were confirmed in between."""
    ended = delivery(via, name, point)
    with open_workbench() as workbench:
        runs = workbench.history(list=name)
        sure = workbench.receipt(runs[0].run_id).rows_confirmed if runs else 0
        # Threads interleave, so the last points of one run may not come in another.
        if ended.returncode == 0:
            assert sure == PEOPLE
            return sure
        assert ended.returncode == -signal.SIGKILL
        plan = in_pieces(workbench, audience(PEOPLE), rows=ROWS, list=name, via=via)
        receipt = send(workbench, plan, patience=Patience())
        finished = bool(runs) and runs[0].status == "delivered"
        assert receipt.rows_sent_now == (0 if finished else PEOPLE - sure)
        assert (receipt.delivered, receipt.rows_confirmed) == (True, PEOPLE)
        assert len(workbench.history(list=name)) == 1
    assert sandbox.members(name) == digests(addresses(PEOPLE))
    return sure
