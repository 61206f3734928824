"""One run at a time on a list: the second waits, or stops with a reason."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from rokt_helpers.deliver import Patience
from rokt_helpers.errors import GuardError
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests, send
from tests.real_parts.postgres import PostgresServer


def slowly(workbench: Workbench, count: int, name: str = "VIP") -> threading.Thread:
    """Begin a delivery beside, which takes as long as the sandbox is told to."""
    plan = workbench.plan(audience(count), list=name)
    beside = threading.Thread(target=lambda: send(workbench, plan))
    beside.start()
    return beside


def wait_until_started(workbench: Workbench) -> None:
    end = time.monotonic() + 20
    while not workbench.history():
        assert time.monotonic() < end, "it did not start"
        time.sleep(0.02)


def test_a_second_run_on_the_list_waits(workbench: Workbench, sandbox: Sandbox) -> None:
    """The second delivery begins when the first has ended, and both are whole."""
    sandbox.script(Fault.slow(1.5, at_request=1))
    with open_workbench() as other:
        first = slowly(workbench, 5)
        wait_until_started(other)
        receipt = send(other, other.plan(audience(5, first=50), list="VIP"))
        first.join()
        runs = {run.run_id: run for run in other.history()}
    own = runs.pop(receipt.run_id)
    [earlier] = runs.values()
    assert own.started_at >= str(earlier.finished_at)
    assert len(sandbox.members("VIP")) == 10


def test_a_second_run_that_may_not_wait_stops(workbench: Workbench, sandbox: Sandbox) -> None:
    """Whoever does not want to wait is told that somebody else is there, and sends nothing."""
    sandbox.script(Fault.slow(2, at_request=1))
    with open_workbench() as other:
        first = slowly(workbench, 5)
        wait_until_started(other)
        plan = other.plan(audience(6), list="VIP")
        with pytest.raises(GuardError, match="Another run is under way on list 'VIP'") as caught:
            send(other, plan, patience=Patience(busy_seconds=0))
        assert caught.value.guard == "busy"
        first.join()
    assert sandbox.members("VIP") == digests(addresses(5))


def test_another_list_does_not_wait(workbench: Workbench, sandbox: Sandbox) -> None:
    """Two lists are two matters."""
    sandbox.script(Fault.slow(3, at_request=1))
    with open_workbench() as other:
        first = slowly(workbench, 5)
        wait_until_started(other)
        before = time.monotonic()
        send(other, other.plan(audience(6), list="Lapsed"))
        assert time.monotonic() - before < 2
        first.join()
    assert sandbox.lists() == {"AdvertiserDatabase": 0, "VIP": 5, "Lapsed": 6}


def test_two_machines_on_one_ledger(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a PostgreSQL ledger two state folders are one team: one waits, both see all runs."""
    sandbox.script(Fault.slow(1.5, at_request=1))
    with PostgresServer() as server:
        monkeypatch.setenv("ROKT_LEDGER_URL", server.url)
        monkeypatch.setenv("ROKT_HOME", str(tmp_path / "one"))
        with open_workbench() as one:
            monkeypatch.setenv("ROKT_HOME", str(tmp_path / "other"))
            with open_workbench() as other:
                first = slowly(one, 5)
                wait_until_started(other)
                plan = other.plan(audience(6), list="VIP")
                with pytest.raises(GuardError) as caught:
                    send(other, plan, patience=Patience(busy_seconds=0))
                assert caught.value.guard == "busy"
                first.join()
                send(other, plan)
                assert [run.rows for run in one.history()] == [6, 5]
    assert sandbox.members("VIP") == digests(addresses(6))
