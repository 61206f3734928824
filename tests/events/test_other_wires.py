"""The same conversions and audiences over the newer SFTP and the legacy Event API, end to end."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers import contract, open_workbench
from rokt_helpers.channels.events import limits_for
from rokt_helpers.errors import GuardError, InputError, Refused
from rokt_helpers.plan import AUDIENCE_WIRES, CONVERSION_WIRES
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import addresses, audience, digests, failure, send
from tests.events.test_conversions_sent import purchases


def landed(sandbox: Sandbox, count: int) -> set[str]:
    """Return who the sandbox knows a conversion of, once there are so many."""
    give_up = time.monotonic() + 10
    while len(sandbox.events.conversions()) < count and time.monotonic() < give_up:
        time.sleep(0.02)
    return {each.person for each in sandbox.events.conversions()}


@pytest.mark.parametrize("via", CONVERSION_WIRES)
def test_conversions_arrive_once_over_every_wire(
    via: str, workbench: Workbench, sandbox: Sandbox
) -> None:
    """The people, their orders and amounts are the same; sent again, nothing goes."""
    plan = workbench.plan_conversions(purchases(250), via=via)  # type: ignore[arg-type]
    receipt = workbench.deliver(plan)
    assert receipt.delivered, receipt.describe()
    assert landed(sandbox, 250) == digests(addresses(250))
    assert {each.amount for each in sandbox.events.conversions()} == {"49.99"}
    assert workbench.deliver(plan).rows_sent_now == 0
    assert {each.times for each in sandbox.events.conversions()} == {1}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_a_200_left_out_is_no_success(version: str, sandbox: Sandbox) -> None:
    """Three of 250 events come back: they are counted and named, and nothing is repeated."""
    with open_workbench(legacy_events_version=version) as workbench:
        sandbox.script(Fault.leave_out(3, wire="legacy-events"))
        plan = workbench.plan_conversions(purchases(250), via="events-legacy")
        error = failure(workbench, plan)
        assert isinstance(error, Refused)
        assert "left out 3 of 250 rows" in str(error)
        receipt = workbench.receipt(plan.plan_id)
        assert (receipt.status, receipt.rows_confirmed, receipt.rows_left_out) == (
            "incomplete", 247, 3,
        )  # fmt: skip
        places = receipt.left_out["position"].to_list()
        assert len(places) == 3
        missing = digests(addresses(250)) - landed(sandbox, 247)
        assert {_person(plan, place) for place in places} == missing
        requests = len(sandbox.events.conversions())
        assert "left out 3 of 250 rows" in str(failure(workbench, plan))
        assert len(sandbox.events.conversions()) == requests
        assert receipt.to_dict()["rows_left_out"] == 3
        assert "3 left out" in receipt._repr_html_()


def _person(plan: object, place: int) -> str:
    rows = [
        line
        for batch in plan.batches  # type: ignore[attr-defined]
        for line in plan.identifiers(batch)  # type: ignore[attr-defined]
    ]
    said = {pair["name"]: pair["value"] for pair in json.loads(rows[place - 1])["objectData"]}
    return str(said["emailsha256"])


@pytest.mark.parametrize("action", ["include", "exclude"])
def test_an_audience_goes_over_the_newer_sftp(
    action: contract.Action, workbench: Workbench, sandbox: Sandbox
) -> None:
    """Including makes people members, excluding takes them off."""
    first = workbench.plan(audience(40), list="VIP", via="events-sftp")
    assert send(workbench, first).delivered
    allow = {"flipped", "removal"} if action == "exclude" else {"repeat"}
    plan = workbench.plan(audience(10), list="VIP", via="events-sftp", action=action, allow=allow)
    assert send(workbench, plan).delivered
    expected = digests(addresses(40)) - (
        digests(addresses(10)) if action == "exclude" else frozenset()
    )
    give_up = time.monotonic() + 10
    while sandbox.events.segment("audience_VIP") != expected and time.monotonic() < give_up:
        time.sleep(0.02)
    assert sandbox.events.segment("audience_VIP") == expected


def test_every_wire_shows_its_first_request_before_anything_goes(workbench: Workbench) -> None:
    """The shape is the one that is sent, and nobody's values are in it."""
    shown: dict[str, str] = {
        via: workbench.plan_conversions(purchases(3), via=via).first_request_masked()
        for via in CONVERSION_WIRES
    }
    shown |= {
        f"audience {via}": workbench.plan(audience(3), list="VIP", via=via).first_request_masked()
        for via in AUDIENCE_WIRES
    }
    batch, more = json.loads(shown["events"])
    assert set(batch["user_identities"].values()) == {"•••"}
    assert batch["events"][0]["data"]["custom_attributes"]["amount"] == 49.99
    assert more == "… 3 in all"
    call = json.loads(shown["events-legacy"])
    told = {pair["name"]: pair["value"] for pair in call["events"][0]["objectData"]}
    assert (told["emailsha256"], told["amount"]) == ("•••", "49.99")
    header, row, *_ = shown["events-sftp"].splitlines()
    assert (
        dict(zip(header.split(","), row.split(","), strict=True))["user_identities.other"] == "•••"
    )
    member, _ = json.loads(shown["audience events"])
    assert member["user_attributes"] == {"audience_VIP": True}
    assert "user_attributes.audience_VIP" in shown["audience events-sftp"]
    for text in shown.values():
        assert not any(digest in text for digest in digests(addresses(3)))


def test_a_request_is_as_full_as_its_bytes_allow(workbench: Workbench, sandbox: Sandbox) -> None:
    """Long purchases are fewer to a request; none is over 256 kB, and all arrive."""
    prepared = purchases(300, productname="long " * 700)
    plan = workbench.plan_conversions(prepared, via="events")
    assert all(batch.rows < 90 for batch in plan.batches)
    sizes = [len(",".join(plan.identifiers(batch)).encode()) + 2 for batch in plan.batches]
    assert max(sizes) <= contract.MAX_EVENTS_REQUEST_BYTES
    assert min(sizes[:-1]) > contract.MAX_EVENTS_REQUEST_BYTES * 0.97
    assert workbench.deliver(plan).delivered
    assert landed(sandbox, 300) == digests(addresses(300))


@given(st.floats(0.01, 10_000))
def test_no_second_holds_more_batches_than_were_allowed(allowed: float) -> None:
    """Whatever the rate, the requests that can start in one second hold no more than that."""
    limits = limits_for(allowed)
    starts = limits.starts_per_second or 0
    assert 1 <= limits.batch_rows <= contract.MAX_BATCHES_PER_REQUEST
    assert starts * limits.batch_rows <= allowed * (1 + 1e-9)
    assert limits.in_flight / starts >= 1 - 1e-9  # so that a place starts once a second at most
    if allowed > 10:
        assert starts * limits.batch_rows > allowed * 0.9


def test_identities_are_spelled_as_asked(sandbox: Sandbox) -> None:
    """The spelling of mParticle reaches the same person, and the ids of the purchase stay."""
    ids = set()
    for spelling in ("rokt", "mparticle"):
        with open_workbench(events_identities=spelling) as workbench:
            plan = workbench.plan_conversions(purchases(1, rclid="click-1"), via="events")
            batch = json.loads(plan.identifiers(plan.batches[0])[0])
            ids.add(batch["source_request_id"])
            key = {"rokt": "other2", "mparticle": "other_id_2"}[spelling]
            assert batch["user_identities"][key] == "click-1"
            workbench.deliver(plan)
    assert len(ids) == 1
    assert landed(sandbox, 1) == digests(addresses(1))


def test_a_wire_that_cannot_take_it_is_named_with_those_that_can(workbench: Workbench) -> None:
    """The legacy Event API knows no audiences, and the custom audience API no conversions."""
    with pytest.raises(InputError, match="For an audience via is 'api'"):
        workbench.plan(audience(3), via="events-legacy")
    with pytest.raises(InputError, match="For conversions via is 'events'"):
        workbench.plan_conversions(purchases(3), via="api")
    with pytest.raises(InputError, match="For a column of people who bought via is 'sftp'"):
        workbench.plan_conversions(audience(3), via="events")


def test_an_empty_source_is_stopped_on_every_wire(workbench: Workbench) -> None:
    """Nothing accepted is nothing sent, whichever wire was meant."""
    for via in CONVERSION_WIRES:
        with pytest.raises((GuardError, InputError)):
            workbench.plan_conversions(purchases(0), via=via)
