from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rokt_helpers import contract
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.errors import ContractError, GuardError, InputError
from rokt_helpers.plan import GUARDS, DeliveryPlan, Limits, Target, Wish, make_plan
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests

TARGET = Target("sandbox", "api", "1", "127.0.0.1:1", "VIP", "include")


def seal(prepared: Any = None, *, limits: Limits | None = None, **changes: Any) -> DeliveryPlan:
    how = {name: changes.pop(name) for name in ("mode", "allow") if name in changes}
    how.setdefault("allow", list(GUARDS))
    return make_plan(
        audience(5) if prepared is None else prepared,
        target=replace(TARGET, **changes),
        limits=limits or Limits(100_000),
        plan_id="one",
        wish=Wish(**how),
    )


def test_the_same_delivery_has_the_same_seal() -> None:
    """Two plans of the same content for the same target have equal fingerprints."""
    assert seal().fingerprint == seal().fingerprint


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("profile", "live"),
        ("via", "sftp"),
        ("account", "2"),
        ("host", "127.0.0.1:2"),
        ("list", "vip"),
        ("action", "exclude"),
        ("purpose", "conversions"),
    ],
)
def test_the_seal_covers_the_target(name: str, other: str) -> None:
    """Whatever is different about where a plan goes gives another fingerprint."""
    changes: dict[str, Any] = {name: other}
    assert seal(**changes).fingerprint != seal().fingerprint


def test_the_seal_covers_content_and_order() -> None:
    """One person more, another person, or another order gives another fingerprint."""
    contents = [audience(5), audience(6), audience(5, first=1), audience(5, output="plain")]
    backwards = Identifiers.in_memory(audience(5).identifiers.reverse())
    contents.append(replace(contents[0], stored=backwards))
    assert len({seal(prepared).fingerprint for prepared in contents}) == len(contents)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda plan: replace(plan, target=replace(plan.target, list="AdvertiserDatabase")),
        lambda plan: replace(plan, target=replace(plan.target, action="exclude")),
        lambda plan: replace(plan, batches=()),
        lambda plan: replace(plan, _parts=(audience(9, first=1).stored,)),
        lambda plan: replace(plan, identifier="email"),
        lambda plan: replace(plan, fingerprint="0" * 64),
    ],
    ids=["list", "action", "batches", "content", "identifier", "fingerprint"],
)
def test_a_plan_that_was_changed_is_refused(
    workbench: Workbench, sandbox: Sandbox, tamper: Any
) -> None:
    """A plan that no longer is what was shown is not delivered, and nothing is sent."""
    changed = tamper(workbench.plan(audience(9), list="VIP"))
    with pytest.raises(ContractError, match="no longer what was shown"):
        workbench.deliver(changed)
    assert (sandbox.requests(), workbench.history()) == ([], [])


def test_a_plan_of_another_account_is_refused(sandbox: Sandbox) -> None:
    """A plan is delivered only by a workbench that is open on the account it was sealed for."""
    with open_workbench() as here, open_workbench(account_id="987") as there:
        for via in ("api", "sftp"):
            with pytest.raises(GuardError, match="sealed for account 123456789") as caught:
                there.deliver(here.plan(audience(5), via=via))
            assert caught.value.guard == "other_target"
    assert (sandbox.requests(), sandbox.files()) == ([], [])


def test_a_plan_for_another_host_is_refused(workbench: Workbench) -> None:
    """A plan is delivered only to the host it was sealed for."""
    plan = workbench.plan(audience(5))
    with Sandbox(referral_days=0) as other, open_workbench(api_url=other.url) as elsewhere:
        moved = replace(plan, target=replace(plan.target, account="123456789"))
        with pytest.raises(GuardError, match=r"sealed for 127\.0\.0\.1"):
            elsewhere.deliver(moved)
        assert other.requests() == []


def test_planning_sends_nothing(workbench: Workbench, sandbox: Sandbox) -> None:
    """Making, showing and describing plans on both wires reaches no server."""
    for via in ("api", "sftp"):
        plan = workbench.plan(audience(5), via=via)
        shown = [repr(plan), plan._repr_html_(), *plan.describe(), plan.first_request_masked()]
        assert all(shown)
    assert (sandbox.requests(), sandbox.files(), workbench.history()) == ([], [], [])


@pytest.mark.parametrize("output", ["sha256", "plain"])
@pytest.mark.parametrize("via", ["api", "sftp"])
def test_a_preview_masks(workbench: Workbench, via: Any, output: str) -> None:
    """What is shown of a plan holds no address and no digest, in part or whole."""
    plan = workbench.plan(audience(5, output=output), list="VIP", via=via)
    shown = json.dumps([plan.to_dict(), plan.describe(), repr(plan), plan._repr_html_()])
    shown += plan.first_request_masked()
    people = addresses(5)
    values = [*people, *(digest[:16] for digest in digests(people)), "person0", "example.com"]
    assert [value for value in values if value in shown] == []


def test_a_preview_shows_the_shape_of_the_request(workbench: Workbench) -> None:
    """The masked request has the keys of the real one and nothing else."""
    body = json.loads(workbench.plan(audience(5), list="VIP").first_request_masked())
    assert {key: body[key] for key in ("accountId", "action", "list")} == {
        "accountId": "123456789",
        "action": "include",
        "list": "VIP",
    }
    assert body["sha256s"][1:] == ["… 5 in all"]
    assert len(body) == 4


def test_a_plan_is_cut_into_what_a_request_may_hold(workbench: Workbench) -> None:
    """250,001 identifiers are three requests, and their rows add up without gap or overlap."""
    plan = workbench.plan(audience(250_001))
    assert [batch.rows for batch in plan.batches] == [100_000, 100_000, 50_001]
    assert [batch.offset for batch in plan.batches] == [0, 100_000, 200_000]
    assert [batch.number for batch in plan.batches] == [1, 2, 3]
    assert sum(batch.rows for batch in plan.batches) == plan.rows == 250_001


def test_the_limits_are_settings(sandbox: Sandbox) -> None:  # noqa: ARG001
    """What a request or file may hold, and how fast they go, can be set; Rokt's figures stand."""
    with open_workbench(api_batch_rows=40, api_starts_per_second=2, api_in_flight=1) as workbench:
        plan = workbench.plan(audience(100))
        assert [batch.rows for batch in plan.batches] == [40, 40, 20]
        assert (plan.limits.starts_per_second, plan.limits.in_flight) == (2, 1)
    with open_workbench(sftp_file_bytes=65 * 30) as workbench:
        plan = workbench.plan(audience(100), via="sftp")
        assert [batch.rows for batch in plan.batches] == [30, 30, 30, 10]


def test_a_file_is_cut_by_its_bytes() -> None:
    """No file is larger than the channel takes, whatever the length of the addresses."""
    plan = seal(limits=Limits(1_000, batch_bytes=140))
    sizes = [sum(len(i) + 1 for i in plan.identifiers(batch)) for batch in plan.batches]
    assert (len(sizes), max(sizes)) == (3, 130)


def test_an_empty_audience_is_never_planned(workbench: Workbench) -> None:
    """A source of which nothing was accepted stops at a guard."""
    nobody = replace(
        audience(1),
        summary={**audience(1).summary, "accepted": 0, "duplicates": 1},
        stored=Identifiers.in_memory(audience(1).identifiers.clear()),
    )
    with pytest.raises(GuardError, match="nothing to deliver") as caught:
        workbench.plan(nobody)
    assert (caught.value.guard, caught.value.exit_code) == ("empty", 3)


@pytest.mark.parametrize(
    "name",
    ["", " ", " VIP", "VIP ", "a/b", "a\\b", "..", ".", ".VIP", "a\nb", "a\0b", "VIP\t", "a@b.co"],
)
def test_a_name_that_no_list_can_have_is_refused(name: str) -> None:
    """A list's name may not be empty, padded, hidden, an address, or lead to another folder."""
    with pytest.raises(InputError, match="cannot be the name of a list"):
        seal(list=name)


@pytest.mark.parametrize("name", ["VIP", "vip", "Lapsed 90 days", "Käufer", "a.b", "2026-11"])
def test_a_name_is_kept_as_it_is(name: str) -> None:
    """Capitals, spaces within and letters of any language stay in the name of a list."""
    assert seal(list=name).target.list == name


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"action": "add"}, "action is 'include' or 'exclude', not 'add'"),
        ({"via": "fax"}, "For an audience via is 'api' or 'api-legacy' or 'sftp' or"),
        ({"mode": "half"}, "mode is 'full' or 'delta' or 'mirror', not 'half'"),
        ({"allow": ["everything"]}, "no guard 'everything'. There is: empty, removal"),
    ],
)
def test_an_unknown_choice_is_named_with_the_known_ones(
    workbench: Workbench, choice: dict[str, Any], said: str
) -> None:
    """An action, wire, mode or guard there is none of is refused, and those there are are named."""
    with pytest.raises(InputError) as caught:
        workbench.plan(audience(5), **choice)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "action", "purpose", "warned"),
    [
        (contract.MIN_INCLUDE_PEOPLE - 1, "include", "audience", True),
        (contract.MIN_INCLUDE_PEOPLE, "include", "audience", False),
        (5, "exclude", "audience", False),
        (5, "include", "conversions", False),
    ],
)
def test_a_small_list_is_warned_of(rows: int, action: str, purpose: str, *, warned: bool) -> None:
    """Fewer than 1,000 people on a list that is to be targeted are warned of, and nothing else."""
    plan = seal(audience(rows), action=action, purpose=purpose)
    assert any("Rokt advises at least 1,000" in line for line in plan.describe()) is warned
    assert len(plan.warnings) == int(warned)


@pytest.mark.parametrize(
    ("rows", "said"), [(1, "Add 1 SHA-256 digest to"), (2, "Add 2 SHA-256 digests to")]
)
def test_a_plan_bends_its_noun_to_the_number(workbench: Workbench, rows: int, said: str) -> None:
    """One digest, two digests."""
    assert workbench.plan(audience(rows), list="VIP").describe()[0].startswith(said)
