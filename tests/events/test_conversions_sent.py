"""Conversions and audiences over the Event and Audience API, as the sandbox understood them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from rokt_helpers import contract, prepare_audience
from rokt_helpers.conversions import PreparedConversions, prepare_conversions
from rokt_helpers.errors import GuardError, InputError
from rokt_helpers.events import Spelling, conversion_batches
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import HASTY, addresses, audience, digests, failure, send

NOW = datetime.now(tz=UTC)


def purchases(count: int, *, days_ago: float = 1, **columns: Any) -> PreparedConversions:
    moment = (NOW - timedelta(days=days_ago)).isoformat(timespec="seconds")
    frame = pl.DataFrame(
        {
            "email": addresses(count),
            "order_id": [f'order "{number}"' for number in range(count)],
            "conversiontype": ["purchase"] * count,
            "amount": ["49.99"] * count,
            "currency": ["USD"] * count,
            "eventtime": [moment] * count,
            **{name: [value] * count for name, value in columns.items()},
        }
    )
    return prepare_conversions(frame)


def lines(prepared: PreparedConversions) -> list[Any]:
    recent, old = conversion_batches(
        prepared, spelling=Spelling(), now_unixtime_ms=round(NOW.timestamp() * 1000)
    )
    return [json.loads(line) for line in [*recent.to_series(), *old.to_series()]]


def test_a_conversion_is_what_the_platform_documents() -> None:
    """Identities, click id, person and event stand where working clients put them."""
    [batch] = lines(purchases(1, rclid="click-1", billingzip="10014", sku="a,b"))
    [person] = digests(addresses(1))
    event = batch["events"][0]["data"]
    assert batch["user_identities"] == {"other": person, "other2": "click-1"}
    assert batch["integration_attributes"] == {
        contract.CLICK_ID_MODULE: {contract.CLICK_ID_ATTRIBUTE: "click-1"}
    }
    assert set(batch["user_attributes"]) == {"billingzipsha256"}
    assert event["custom_attributes"] == {
        "conversiontype": "purchase", "confirmationref": 'order "0"', "amount": 49.99,
        "currency": "USD", "sku": "a,b",
    }  # fmt: skip
    assert event["event_name"] == "conversion"
    assert batch["source_request_id"] != event["source_message_id"]


def test_the_same_purchase_has_the_same_ids() -> None:
    """Ids are made of the content: equal for equal purchases, different for different ones."""
    first, second, again = *lines(purchases(2)), lines(purchases(1))[0]
    assert first == again
    assert first["source_request_id"] != second["source_request_id"]


def test_every_text_is_valid_json() -> None:
    """Quotation marks, backslashes, control characters and other scripts survive as they are."""
    odd = 'a "quoted" \\ back\u0007bell \u2028 日本 \x00end'
    frame = {"email": addresses(1), "conversiontype": ["p"], "productname": [odd]}
    [batch] = lines(prepare_conversions(pl.DataFrame(frame)))
    found = batch["events"][0]["data"]["custom_attributes"]["productname"]
    assert found.replace("\x00", "") == odd.replace("\x00", "")


def test_conversions_without_a_type_are_refused() -> None:
    """The platform would drop them behind its 202, so they are not sent."""
    with pytest.raises(InputError, match="1 conversions have no conversiontype"):
        lines(prepare_conversions(pl.DataFrame({"email": addresses(1)})))


def test_conversions_arrive(workbench: Workbench, sandbox: Sandbox) -> None:
    """What the sandbox turned them into is what was prepared, over two requests."""
    plan = workbench.plan_conversions(purchases(150))
    assert [batch.rows for batch in plan.batches] == [90, 60]
    receipt = send(workbench, plan)
    assert (receipt.delivered, receipt.run.via, receipt.rows_confirmed) == (True, "events", 150)
    said = "every request was taken; that does not prove each batch in them."
    assert receipt.describe().endswith(said)
    assert len(sandbox.events.conversions()) == 150
    assert sandbox.events.left_out() == []
    again = send(workbench, workbench.plan_conversions(purchases(150)))
    assert (again.run_id, again.rows_sent_now) == (receipt.run_id, 0)


def test_old_conversions_go_to_their_own_address(workbench: Workbench, sandbox: Sandbox) -> None:
    """What is older than thirty days is a request of its own, and arrives as well."""
    send(workbench, workbench.plan_conversions(purchases(3, days_ago=45)))
    assert len(sandbox.events.conversions()) == 3
    assert workbench.history()[0].status == "delivered"


def test_a_preview_shows_nobody(workbench: Workbench) -> None:
    """The first request is shown with every value of the person masked."""
    plan = workbench.plan_conversions(purchases(2, rclid="click-canary"))
    shown = plan.first_request_masked() + json.dumps(plan.to_dict()) + plan._repr_html_()
    for value in (*digests(addresses(2)), *addresses(2), "click-canary"):
        assert value not in shown
    assert '"event_name": "conversion"' in shown
    assert plan.describe()[0].startswith("Report 2 conversions for account")


def test_nothing_is_kept_of_the_people(workbench: Workbench) -> None:
    """The ledger holds no digest of who bought."""
    send(workbench, workbench.plan_conversions(purchases(2)))
    kept = b"".join(
        file.read_bytes() for file in workbench.settings.folder.rglob("*") if file.is_file()
    )
    for person in digests(addresses(2)):
        assert person.encode() not in kept
        assert bytes.fromhex(person) not in kept


@pytest.mark.parametrize("status", [429, 503])
def test_not_now_is_tried_again(workbench: Workbench, sandbox: Sandbox, status: int) -> None:
    """A request that the platform cannot take now goes once more, and nothing is there twice."""
    sandbox.script(Fault.answer(status, wire="events"))
    receipt = send(workbench, workbench.plan_conversions(purchases(5)))
    assert [batch.attempts for batch in receipt.batches] == [2]
    assert len(sandbox.events.conversions()) == 5


def test_a_lost_answer_does_no_harm(workbench: Workbench, sandbox: Sandbox) -> None:
    """Sent again after the answer was lost, the conversions are known by their ids."""
    sandbox.script(Fault.drop_before_answer(wire="events"))
    send(workbench, workbench.plan_conversions(purchases(5)))
    assert len(sandbox.events.conversions()) == 5


def test_a_wrong_key_is_named(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the settings to look at, and nothing was sent."""
    monkeypatch.setenv("ROKT_EVENTS_SECRET", "wrong")
    from rokt_helpers import open_workbench  # noqa: PLC0415

    with open_workbench() as other:
        error = failure(other, other.plan_conversions(purchases(1)))
    assert "ROKT_EVENTS_SECRET" in str(error)
    assert workbench.history()[0].status == "refused"


def test_no_conversion_is_no_plan(workbench: Workbench) -> None:
    """A source of which nothing was accepted stops at a guard."""
    frame = {"email": ["nobody"], "conversiontype": ["p"]}
    try:
        none = prepare_conversions(pl.DataFrame(frame))
    except InputError:
        return
    with pytest.raises(GuardError):
        workbench.plan_conversions(none)


# --- audiences ------------------------------


@pytest.mark.parametrize("output", ["sha256", "plain"])
def test_an_audience_is_an_attribute(workbench: Workbench, sandbox: Sandbox, output: str) -> None:
    """Who is put on the audience has the attribute true, who is taken off has it false."""
    prepared = prepare_audience(pl.Series("email", addresses(5)), output=output)  # type: ignore[arg-type]
    send(workbench, workbench.plan(prepared, list="VIP", via="events"))
    segment = sandbox.events.segment("audience_VIP")
    assert frozenset(segment) == digests(addresses(5))
    send(workbench, workbench.plan(audience(3), list="VIP", via="events", mode="mirror",
                                   allow=["removal"]))  # fmt: skip
    assert frozenset(sandbox.events.segment("audience_VIP")) == digests(addresses(3))


def test_an_audience_goes_there_and_back(workbench: Workbench, sandbox: Sandbox) -> None:
    """Put on, taken off and put on again: the platform's memory of ids stands in nobody's way."""
    for action in ("include", "exclude", "include"):
        plan = workbench.plan(
            audience(3), list="VIP", via="events", action=action,
            allow=["flipped", "removal"],
        )  # fmt: skip
        send(workbench, plan, patience=HASTY)
    assert frozenset(sandbox.events.segment("audience_VIP")) == digests(addresses(3))
