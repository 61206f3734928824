"""A plan sealed by one person and sent by another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from rokt_helpers.clock import Clock
from rokt_helpers.errors import ContractError, DeliveryError, GuardError, InputError
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.settings import load_settings
from rokt_helpers.workbench import Workbench
from tests.command_line import Rokt, caller, one_object
from tests.deliver.lists import addresses, audience, digests

Open = Callable[..., Workbench]
ALLOWED = ("small_include",)


class Later(Clock):
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the moment, put forward."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def work_as(
    sandbox: Sandbox,  # noqa: ARG001  the environment points to it
    clock: Later,
) -> Iterator[Open]:
    """A workbench on the live account, which is the sandbox here, for a person by name."""
    opened: list[Workbench] = []

    def work_as(person: str, **fields: Any) -> Workbench:
        given = {"person": person, "approval": "required", **fields}
        opened.append(Workbench(load_settings("live", **given), clock=clock))
        return opened[-1]

    yield work_as
    for workbench in opened:
        workbench.close()


def plan_for(workbench: Workbench, count: int = 5, **how: Any) -> Any:
    return workbench.plan(audience(count), **{"list": "VIP", "allow": ALLOWED, **how})


def stopped(call: Callable[[], object]) -> GuardError:
    with pytest.raises(GuardError) as caught:
        call()
    assert caught.value.exit_code == 3
    return caught.value


def test_one_asks_and_another_sends(work_as: Open, sandbox: Sandbox) -> None:
    """Exactly the plan that was asked for goes, and both names are kept."""
    ann, bob = work_as("Ann"), work_as("Bob")
    plan = plan_for(ann)
    asked = ann.ask_release(plan)
    assert (asked.status, asked.asked_by, sandbox.requests()) == ("waiting", "Ann", [])
    shown = bob.approvals.plan(asked.approval_id[:8])
    assert (shown.fingerprint, shown.describe()) == (plan.fingerprint, plan.describe())
    receipt = bob.release(asked.approval_id)
    assert (receipt.delivered, receipt.run_id) == (True, plan.plan_id)
    assert sandbox.members("VIP") == digests(addresses(5))
    [kept] = ann.approvals.all()
    assert (kept.status, kept.asked_by, kept.released_by) == ("released", "Ann", "Bob")
    again = bob.release(asked.approval_id)
    assert (again.run_id, again.rows_sent_now, len(sandbox.requests())) == (receipt.run_id, 0, 1)


@pytest.mark.parametrize("name", ["Ann", " ann ", "ANN"])
def test_who_asked_does_not_release(work_as: Open, sandbox: Sandbox, name: str) -> None:
    """The same name, however it is written, is the same person; the plan goes on waiting."""
    ann = work_as("Ann")
    asked = ann.ask_release(plan_for(ann))
    error = stopped(lambda: work_as(name).release(asked.approval_id))
    assert (error.guard, "second person" in str(error)) == ("same_person", True)
    assert ann.approvals.find(asked.approval_id).status == "waiting"
    assert sandbox.requests() == []


def test_where_it_is_required_nobody_sends_alone(work_as: Open, sandbox: Sandbox) -> None:
    """On the live account delivering and undoing stop, and the sentence says how to ask."""
    ann, bob = work_as("Ann"), work_as("Bob")
    error = stopped(lambda: ann.deliver(plan_for(ann)))
    assert error.guard == "approval"
    assert "--ask" in str(error)
    assert sandbox.requests() == []
    receipt = bob.release(ann.ask_release(plan_for(ann)).approval_id)
    assert stopped(lambda: ann.undo(receipt.run_id)).guard == "approval"
    asked = ann.ask_release(ann.plan_undo(receipt.run_id))
    assert bob.release(asked.approval_id).delivered
    assert sandbox.members("VIP") == frozenset()


def test_elsewhere_and_unasked_nothing_changes(
    work_as: Open, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is not required, or on the sandbox, one person sends as before."""
    free = work_as("Ann", approval="")
    assert free.deliver(plan_for(free)).delivered
    monkeypatch.setenv("ROKT_APPROVAL", "required")
    with Workbench(load_settings("sandbox")) as practice:
        assert practice.deliver(plan_for(practice, list="Practice")).delivered
    assert len(sandbox.requests()) == 2


def test_a_plan_expires(work_as: Open, clock: Later, home: Path) -> None:
    """After its hours it is not sent any more, and nobody in it is kept."""
    ann, bob = work_as("Ann", approval_hours=2), work_as("Bob")
    asked = ann.ask_release(plan_for(ann))
    assert len(list(home.rglob("waiting-*"))) == 1
    clock.ahead = timedelta(hours=2, seconds=1)
    assert stopped(lambda: bob.release(asked.approval_id)).guard == "expired"
    assert [found.status for found in bob.approvals.all()] == ["expired"]
    assert list(home.rglob("waiting-*")) == []


def test_a_plan_that_was_overtaken_is_not_sent(work_as: Open, sandbox: Sandbox) -> None:
    """When something else went to the list meanwhile, what was shown is no longer true."""
    ann, bob = work_as("Ann"), work_as("Bob", approval="")
    asked = ann.ask_release(plan_for(ann))
    bob.deliver(plan_for(bob, 6))
    assert stopped(lambda: bob.release(asked.approval_id)).guard == "overtaken"
    assert sandbox.members("VIP") == digests(addresses(6))


def test_a_changed_plan_is_not_sent(work_as: Open, sandbox: Sandbox, home: Path) -> None:
    """Somebody forgotten, or a person put into the file, breaks the seal."""
    ann, bob = work_as("Ann"), work_as("Bob")
    first = ann.ask_release(plan_for(ann))
    ann.forget_person(addresses(1)[0])
    assert stopped(lambda: bob.release(first.approval_id)).guard == "seal"
    second = ann.ask_release(plan_for(ann, 7, list="Other"))
    [file] = [path for path in home.rglob("waiting-*") if second.approval_id in path.name]
    people = pl.read_parquet(file)
    people.with_columns(people["person"].shift(1).fill_null(b"x" * 32)).write_parquet(file)
    assert stopped(lambda: bob.release(second.approval_id)).guard == "seal"
    assert sandbox.requests() == []


def test_only_digests_are_kept(work_as: Open, home: Path) -> None:
    """A plan with addresses is refused with what to do; of a kept one no address is anywhere."""
    ann = work_as("Ann")
    plain = ann.plan(audience(3, output="plain"), list="VIP", allow=ALLOWED)
    with pytest.raises(InputError, match="sha256"):
        ann.ask_release(plain)
    ann.ask_release(plan_for(ann))
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"example.com" not in kept


def test_the_same_plan_asked_for_twice_waits_once(work_as: Open) -> None:
    """Asked for again it is the one that waits; something changed by hand is refused at once."""
    ann = work_as("Ann")
    first = ann.ask_release(plan_for(ann))
    assert ann.ask_release(plan_for(ann)).approval_id == first.approval_id
    broken = plan_for(ann, 6)
    object.__setattr__(broken, "mode", "delta")
    with pytest.raises(ContractError):
        ann.ask_release(broken)


@pytest.mark.parametrize("mode", ["delta", "mirror"])
def test_differences_wait_too(work_as: Open, sandbox: Sandbox, mode: str) -> None:
    """A plan that includes and excludes comes back with both, in its order."""
    ann, bob = work_as("Ann"), work_as("Bob", approval="")
    bob.deliver(plan_for(bob, 8))
    people = audience(8, first=3)
    asked = ann.ask_release(
        ann.plan(people, list="VIP", mode=mode, allow=("small_include", "removal"))  # type: ignore[arg-type]
    )
    assert bob.release(asked.approval_id).delivered
    first = 3 if mode == "mirror" else 0
    assert sandbox.members("VIP") == digests(addresses(11 - first, first=first))


def test_a_release_that_stopped_half_way_goes_on(work_as: Open, sandbox: Sandbox) -> None:
    """Released again, only what is not confirmed goes."""
    ann, bob = work_as("Ann", api_batch_rows=2), work_as("Bob", api_in_flight=1)
    asked = ann.ask_release(plan_for(ann, 6))
    sandbox.script(Fault.answer(400, at_request=2))
    with pytest.raises(DeliveryError):
        bob.release(asked.approval_id)
    receipt = bob.release(asked.approval_id)
    assert (receipt.delivered, receipt.rows_sent_now < 6) == (True, True)
    assert sandbox.members("VIP") == digests(addresses(6))


def test_a_plan_that_is_being_sent_does_not_expire(
    work_as: Open, sandbox: Sandbox, clock: Later, home: Path
) -> None:
    """Its hours end while it is on its way: its people are kept until the last of it is sent."""
    ann, bob = work_as("Ann", api_batch_rows=2), work_as("Bob", api_in_flight=1)
    asked = ann.ask_release(plan_for(ann, 6))

    kept: list[int] = []

    def look(_: object) -> None:
        clock.ahead = timedelta(hours=25)
        assert ann.approvals.find(asked.approval_id).status == "released"
        kept.append(len(list(home.rglob("waiting-*"))))

    assert bob.release(asked.approval_id, progress=look).delivered
    assert (set(kept), list(home.rglob("waiting-*"))) == ({1}, [])
    assert sandbox.members("VIP") == digests(addresses(6))


def test_an_expired_plan_can_be_asked_for_again(work_as: Open, clock: Later) -> None:
    """The page with the plan is still open the next day; what was sent is not asked for twice."""
    ann, bob = work_as("Ann"), work_as("Bob")
    plan = plan_for(ann)
    ann.ask_release(plan)
    clock.ahead = timedelta(hours=25)
    assert [one.status for one in ann.approvals.all()] == ["expired"]
    asked = ann.ask_release(plan)
    assert [one.status for one in ann.approvals.all()] == ["waiting"]
    assert bob.release(asked.approval_id).delivered
    with pytest.raises(InputError, match="released already"):
        ann.ask_release(plan)


# --- command line -------------------------


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


def test_the_command_line_asks_and_releases(
    rokt: Rokt, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--ask keeps the plan, `rokt approvals` lists it, and another person's release sends it."""
    Path("people.csv").write_text("\n".join(["email", *addresses(4)]), encoding="utf-8")
    monkeypatch.setenv("ROKT_APPROVAL", "required")
    monkeypatch.setenv("ROKT_PROFILE", "live")
    monkeypatch.setenv("ROKT_PERSON", "Ann")
    deliver = ["deliver", "people.csv", "--list", "VIP", "--action", "include"]
    deliver += ["--allow", "small_include"]
    code, _, err = rokt(*deliver, "--send")
    assert (code, "--ask" in err) == (3, True)
    assert rokt(*deliver, "--ask", "--send")[0] == 2
    code, out, _ = rokt(*deliver, "--ask", "--json")
    asked = one_object(out)["approval"]
    assert (code, asked["asked_by"], "plan" in asked) == (0, "Ann", False)
    start = asked["approval_id"][:8]
    assert start in rokt("approvals")[1]
    assert rokt("release", start, "--send")[0] == 3
    monkeypatch.setenv("ROKT_PERSON", "Bob")
    assert "Asked for by Ann" in rokt("release", start)[1]
    assert sandbox.requests() == []
    code, out, _ = rokt("release", start, "--send", "--json")
    assert (code, one_object(out)["receipt"]["rows_confirmed"]) == (0, 4)
    assert "Released by Bob" in rokt("release", start)[1]
    assert rokt("approvals")[1] == "Nothing waits for a second person.\n"
    [kept] = one_object(rokt("approvals", "--all", "--json")[1])["approvals"]
    assert (kept["released_by"], kept["run_id"]) == ("Bob", asked["approval_id"])
    assert rokt("release", "nothing")[0] == 2
    assert sandbox.members("VIP") == digests(addresses(4))


def test_the_exit_code_of_a_release_follows_its_run(
    rokt: Rokt, work_as: Open, sandbox: Sandbox, clock: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that came to no end is no success when it is looked at the next day."""
    ann = work_as("Ann", api_batch_rows=2)
    asked = ann.ask_release(plan_for(ann, 6))
    sandbox.script(Fault.answer(400, at_request=2))
    monkeypatch.setenv("ROKT_PROFILE", "live")
    monkeypatch.setenv("ROKT_PERSON", "Bob")
    monkeypatch.setenv("ROKT_API_IN_FLIGHT", "1")
    assert rokt("release", asked.approval_id, "--send")[0] == 1
    clock.ahead = timedelta(hours=25)
    ann.approvals.all()
    code, out, _ = rokt("release", asked.approval_id, "--json")
    assert (code, one_object(out)["receipt"]["status"]) == (1, "refused")
