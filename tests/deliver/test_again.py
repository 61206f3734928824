"""Delivering again: after a crash, after a stop, after success, and after somebody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import Cancelled, DeliveryError, GuardError
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests, in_pieces, send
from tests.house.project import ROOT


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 90  # another process starts, on a computer that may be busy
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def in_another_process() -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.deliver.interrupted", "VIP", "80", "10"]
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(words, env=paths, stdout=subprocess.PIPE, text=True)


def outcomes(workbench: Workbench) -> Counter[str]:
    [run] = workbench.history()
    return Counter(batch.outcome for batch in workbench.receipt(run.run_id).batches)


def in_the_middle(so_far: Counter[str]) -> bool:
    return so_far["confirmed"] >= 3 and so_far["started"] >= 1


def test_a_killed_delivery_goes_on_where_it_was(sandbox: Sandbox) -> None:
    """After SIGKILL in the middle a new process sends only what is not confirmed, and no more."""
    sandbox.script(Fault.slow(3, at_request=4))
    with open_workbench() as workbench:
        with in_another_process() as killed:
            wait_for(lambda: workbench.history() and in_the_middle(outcomes(workbench)))
            killed.send_signal(signal.SIGKILL)
        before = outcomes(workbench)
        assert workbench.history()[0].status == "started"
        with in_another_process() as second:
            assert second.stdout is not None
            sent = int(second.stdout.read())
        assert outcomes(workbench) == {"confirmed": 8}
        assert workbench.history()[0].status == "delivered"
        assert workbench.receipt(workbench.history()[0].run_id).rows_confirmed == 80
    # How many were confirmed when it was killed is the machine's affair, the rest is ours.
    assert 3 <= before["confirmed"] < 8
    assert (before.total(), before["refused"]) == (8, 0)
    assert before["started"] >= 1
    assert sent == 80 - 10 * before["confirmed"]
    assert sandbox.members("VIP") == digests(addresses(80))


def test_the_same_plan_twice_is_sent_once(workbench: Workbench, sandbox: Sandbox) -> None:
    """Delivering one plan twice sends it once, and the second receipt says so."""
    plan = workbench.plan(audience(5), list="VIP")
    first, second = send(workbench, plan), send(workbench, plan)
    assert (first.rows_sent_now, second.rows_sent_now, len(sandbox.requests())) == (5, 0, 1)
    assert (second.delivered, second.run_id) == (True, first.run_id)
    assert "nothing was sent now" in second.describe()


def test_the_same_list_twice_is_sent_once(workbench: Workbench, sandbox: Sandbox) -> None:
    """The same plan made anew after success is not sent again, whichever process made it."""
    first = send(workbench, workbench.plan(audience(5), list="VIP"))
    with open_workbench() as later:
        second = send(later, later.plan(audience(5), list="VIP"))
    assert (second.run_id, second.rows_sent_now) == (first.run_id, 0)
    assert len(sandbox.requests()) == 1


def test_the_same_list_is_sent_twice_when_that_is_allowed(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """With the guard `repeat` passed, the same list goes once more, as a run of its own."""
    for _ in range(2):
        send(workbench, workbench.plan(audience(5), list="VIP", allow={"repeat"}))
    assert len(sandbox.requests()) == len(workbench.history()) == 2


def test_another_list_or_other_people_are_another_delivery(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """One delivery does not stand in the way of a different one."""
    for count, name in ((5, "VIP"), (6, "VIP"), (5, "vip")):
        send(workbench, workbench.plan(audience(count), list=name, allow={"look_alike"}))
    assert sandbox.lists() == {"AdvertiserDatabase": 0, "VIP": 6, "vip": 5}


def test_on_off_and_on_again(workbench: Workbench, sandbox: Sandbox) -> None:
    """Who was put on a list, taken off it over the other wire, and put on again is on it."""
    send(workbench, workbench.plan(audience(5), list="VIP"))
    turned = {"flipped", "removal"}
    off = workbench.plan(audience(5), list="VIP", action="exclude", via="sftp", allow=turned)
    send(workbench, off)
    assert sandbox.members("VIP") == frozenset()
    again = send(workbench, workbench.plan(audience(5), list="VIP", allow=turned))
    assert again.rows_sent_now == 5
    assert sandbox.members("VIP") == digests(addresses(5))


def test_a_half_done_plan_does_not_go_on_over_a_later_one(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """A plan interrupted before another delivery to its list stops; made anew it goes whole."""
    half_done = in_pieces(workbench, audience(30), rows=10, in_flight=1, list="VIP")
    sandbox.script(Fault.answer(400, at_request=2))
    with pytest.raises(DeliveryError):
        send(workbench, half_done)
    off = workbench.plan(audience(30), list="VIP", action="exclude", allow={"removal"})
    send(workbench, off)
    with pytest.raises(GuardError, match="Make a new plan") as caught:
        send(workbench, half_done)
    assert (caught.value.guard, sandbox.members("VIP")) == ("overtaken", frozenset())
    turned = in_pieces(workbench, audience(30), rows=30, list="VIP", allow={"flipped"})
    send(workbench, turned)
    assert sandbox.members("VIP") == digests(addresses(30))


def test_after_a_failure_the_rest_is_sent(workbench: Workbench, sandbox: Sandbox) -> None:
    """A delivery that failed half-way is completed by the same plan made anew."""
    sandbox.script(Fault.answer(503, at_request=2, times=3))
    with pytest.raises(DeliveryError, match="10 of 50") as caught:
        send(workbench, in_pieces(workbench, audience(50), rows=10, in_flight=1, list="VIP"))
    receipt = caught.value.receipt
    assert isinstance(receipt, Receipt)
    done = receipt.rows_confirmed
    again = send(workbench, in_pieces(workbench, audience(50), rows=10, list="VIP"))
    assert (again.rows_sent_now, again.rows_confirmed) == (50 - done, 50)
    assert sandbox.members("VIP") == digests(addresses(50))
    assert len(workbench.history()) == 1


def test_a_cancelled_delivery_stops_between_batches(workbench: Workbench, sandbox: Sandbox) -> None:
    """Cancelling lets the batch on the way finish and sends no other; a later call does."""
    cancel = threading.Event()
    plan = in_pieces(workbench, audience(40), rows=10, in_flight=1, list="VIP")
    with pytest.raises(Cancelled, match="10 of 40 identifiers are confirmed") as caught:
        send(workbench, plan, cancel=cancel, progress=lambda _: cancel.set())
    assert caught.value.exit_code == 130
    run = workbench.history()[0]
    assert (run.status, len(sandbox.requests())) == ("cancelled", 1)
    assert workbench.confirmed_before(plan) == [
        f"10 of these rows were confirmed by run {run.run_id[:8]}: only the other 30 would go."
    ]
    assert send(workbench, plan).rows_sent_now == 30
    assert "none is left" in workbench.confirmed_before(plan)[0]
    assert sandbox.members("VIP") == digests(addresses(40))


def test_cancelling_too_late_changes_nothing(workbench: Workbench, sandbox: Sandbox) -> None:
    """Where everything was confirmed before the stop was heard, the delivery is delivered."""
    cancel = threading.Event()
    plan = workbench.plan(audience(5), list="VIP")
    assert workbench.confirmed_before(plan) == []
    receipt = send(workbench, plan, cancel=cancel, progress=lambda _: cancel.set())
    assert (receipt.status, len(sandbox.requests())) == ("delivered", 1)


def test_stopping_from_the_keyboard(workbench: Workbench, sandbox: Sandbox) -> None:
    """Ctrl-C ends a delivery as cancelled, with what was on the way confirmed."""
    sandbox.script(Fault.slow(0.5))
    plan = in_pieces(workbench, audience(80), rows=10, in_flight=1, list="VIP")

    def interrupt() -> None:
        wait_for(sandbox.requests)
        os.kill(os.getpid(), signal.SIGINT)

    person = threading.Thread(target=interrupt)
    person.start()
    with pytest.raises(Cancelled, match=r"Stopped from the keyboard\. 10 of 80"):
        send(workbench, plan)
    person.join()
    assert workbench.history()[0].status == "cancelled"
    assert sandbox.members("VIP") == digests(addresses(10))
