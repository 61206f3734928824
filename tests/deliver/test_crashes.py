"""SIGKILL at every kind of point of a delivery: after it, a second run completes the list."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from rokt_helpers.deliver import Patience
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import open_workbench
from tests.deliver.lists import addresses, audience, digests, in_pieces, send
from tests.house.project import ROOT

PEOPLE, ROWS = 20, 5  # four batches

# Where the process dies, and how many of the twenty the ledger may then hold as confirmed. Over
# the API four batches are under way at once, so others may be further or not; over SFTP it is one.
BEFORE_ANYTHING = ("ledger", "Ledger.open_run", "call", 1)
RUN_WRITTEN = ("ledger", "Ledger.open_run", "return", 1)
BEFORE_A_ROW = ("ledger", "Ledger.batch_started", "call", 1)
ROW_WRITTEN = ("ledger", "Ledger.batch_started", "return", 2)
REQUEST_OUT = ("client", "HTTPConnection.getresponse", "call", 3)
BYTES_OUT = ("sftp_wire", "Wire.ask_to_write", "return", 3)
PROVED = ("sftp_upload", "_rename", "call", 2)
RENAMED = ("sftp_upload", "_rename", "return", 2)
ANSWERED = ("ledger", "Ledger.batch_ended", "call", 3)
FIRST_CONFIRMED = ("ledger", "Ledger.batch_ended", "return", 1)
LAST_CONFIRMED = ("ledger", "Ledger.batch_ended", "return", 4)
BETWEEN_PICK_UPS = ("ledger", "Ledger.batch_picked_up", "return", 2)
RUN_ENDED = ("ledger", "Ledger.end_run", "return", 1)
Point = tuple[str, str, str, int]

API = {
    BEFORE_ANYTHING: (0, 0),
    RUN_WRITTEN: (0, 0),
    BEFORE_A_ROW: (0, 0),
    ROW_WRITTEN: (0, 15),
    REQUEST_OUT: (0, 15),
    ANSWERED: (0, 10),
    FIRST_CONFIRMED: (5, 20),
    LAST_CONFIRMED: (20, 20),
    RUN_ENDED: (20, 20),
}
SFTP = {
    RUN_WRITTEN: (0, 0),
    BEFORE_A_ROW: (0, 0),
    ROW_WRITTEN: (5, 5),
    BYTES_OUT: (10, 10),
    PROVED: (5, 5),
    RENAMED: (5, 5),
    ANSWERED: (10, 10),
    FIRST_CONFIRMED: (5, 5),
    BETWEEN_PICK_UPS: (20, 20),
    RUN_ENDED: (20, 20),
}


def killed(via: str, name: str, point: Point) -> int:
    """Deliver in a process of its own that is killed at a point; return how it ended."""
    words = [via, name, str(PEOPLE), str(ROWS), *map(str, point)]
    process = subprocess.run(
        [sys.executable, "-m", "tests.deliver.killed", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    return process.returncode


def kinds() -> list[Any]:
    """Return each wire with each of its points, named for the reader."""
    return [
        pytest.param(via, point, least, most, id=f"{via}-{point[1]}-{point[2]}-{point[3]}")
        for via, points in {"api": API, "sftp": SFTP}.items()
        for point, (least, most) in points.items()
    ]


@pytest.mark.parametrize(("via", "point", "least", "most"), kinds())
def test_a_killed_delivery_is_completed_wherever_it_was(
    sandbox: Sandbox, via: Any, point: Point, least: int, most: int
) -> None:
    """Only what was not confirmed goes again, every sum is right, the list is the one intended."""
    assert killed(via, "VIP", point) == -signal.SIGKILL
    with open_workbench() as workbench:
        runs = workbench.history(list="VIP")
        assert bool(runs) == (point is not BEFORE_ANYTHING)
        confirmed = workbench.receipt(runs[0].run_id).rows_confirmed if runs else 0
        assert least <= confirmed <= most
        finished = [run.status for run in runs] == ["delivered"]
        assert finished == (point is RUN_ENDED)
        plan = in_pieces(workbench, audience(PEOPLE), rows=ROWS, list="VIP", via=via)
        receipt = send(workbench, plan, patience=Patience())
        assert receipt.rows_sent_now == PEOPLE - confirmed
        assert (receipt.delivered, receipt.rows_confirmed) == (True, PEOPLE)
        assert len(workbench.history(list="VIP")) == 1
    assert sandbox.members("VIP") == digests(addresses(PEOPLE))
