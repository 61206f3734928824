from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.throttle import Flow
from tests.sandbox.event_wires import (
    DAY_MS,
    HOUR_MS,
    batch,
    conversion,
    milliseconds_ago,
    outcomes,
    send,
    send_bulk,
)
from tests.sandbox.wires import HELLO, good_body, key_pair

BAD = batch(environment="staging")
LARGE = {f"note{number:02d}": "x" * 4_000 for number in range(33)}  # more than 128 kB
MODULE = {"1277": {"passbackconversiontrackingid": "click-1"}}


def people(count: int) -> list[dict[str, Any]]:
    return [batch(user_identities={"customerid": str(number)}) for number in range(count)]


def message(answer: requests.Response) -> str:
    (only,) = answer.json()["errors"]
    assert set(only) == {"code", "message"}
    return str(only["message"])


def test_a_good_batch(box: Sandbox) -> None:
    """A good batch is a 202 without a body and without an id, and tells how much is used."""
    answer = send(box, batch(conversion()), headers={"Charset": "utf-8"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers[contract.EVENTS_RATE_USED_HEADER] == "0"
    assert "X-Request-Id" not in answer.headers
    (seen,) = box.requests()
    assert (seen.path, seen.status, seen.identifiers) == (contract.EVENTS_PATH, 202, 1)
    assert box.events.counts() == {"accepted": 1, "dropped": 0, "repeated": 0}


@pytest.mark.parametrize(
    ("auth", "headers", "status"),
    [
        (None, {}, 401),
        (("us2-0", "wrong"), {}, 403),
        (None, {"Authorization": "Bearer x"}, 403),
        (None, {"Authorization": "Basic %%%"}, 403),
    ],
)
def test_keys(box: Sandbox, auth: Any, headers: dict[str, str], status: int) -> None:
    """A missing header is a 401 and a wrong one a 403, and nothing is applied."""
    answer = send(box, batch(conversion()), auth=auth, headers=headers)
    assert answer.status_code == status
    assert message(answer)
    assert box.events.conversions() == []


def test_each_pair_opens_its_own_door(box: Sandbox) -> None:
    """The pair of the audience API does not open the Events API, nor the other way round."""
    assert send(box, batch(), auth=key_pair(box)).status_code == 403
    there = box.environment
    pair = (there["ROKT_EVENTS_KEY"], there["ROKT_EVENTS_SECRET"])
    url = box.url + contract.IMPORT_PATH
    assert requests.post(url, json=good_body(box), auth=pair, timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (contract.EVENTS_PATH, b"{", "not JSON"),
        (contract.EVENTS_PATH, b"\xff", "not JSON"),
        (contract.EVENTS_PATH, b"", "not JSON"),
        (contract.EVENTS_PATH, b'{"ip": NaN}', "not JSON"),
        (contract.EVENTS_PATH, b'{"environment": "\\ud800"}', "not JSON"),
        (contract.EVENTS_PATH, b"[" * 9_999, "not JSON"),
        (contract.EVENTS_PATH, b"[]", "one batch"),
        (contract.EVENTS_PATH, b"{}", "environment must be"),
        (contract.BULK_EVENTS_PATH, b"{}", "an array of batches"),
        (contract.BULK_EVENTS_PATH, b"[]", "not empty"),
        (contract.HISTORICAL_EVENTS_PATH, b"7", "an array of batches"),
        (contract.EVENTS_PATH, b" " * 256_001, "larger than 256 kB"),
        (contract.BULK_EVENTS_PATH, json.dumps(people(101)).encode(), "more than 100 batches"),
    ],
)
def test_requests_that_are_bad_as_a_whole(box: Sandbox, path: str, body: bytes, said: str) -> None:
    """A request that is bad as a whole is a 400 with its list of errors."""
    answer = send(box, None, path, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "BAD_REQUEST")
    assert said in message(answer)


@pytest.mark.parametrize(
    ("name", "value"), [("Content-Type", "text/plain"), ("Charset", "latin-1")]
)
def test_headers(box: Sandbox, name: str, value: str) -> None:
    """Another content type or another character set is a 400."""
    answer = send(box, None, data=json.dumps(batch()), headers={name: value})
    assert answer.status_code == 400
    assert name in message(answer)


def test_other_methods(box: Sandbox) -> None:
    """Every method but POST is a 405."""
    assert requests.get(box.url + contract.EVENTS_PATH, timeout=10).status_code == 405


def test_a_single_bad_batch_is_said(box: Sandbox) -> None:
    """A bad batch sent alone is a 400 that says why."""
    answer = send(box, BAD)
    assert (answer.status_code, message(answer)) == (
        400,
        "environment must be development or production",
    )
    assert box.events.counts()["accepted"] == 0


def test_a_bad_batch_in_bulk_is_not_said(box: Sandbox) -> None:
    """In bulk a bad batch is left out without a word; only the sandbox's own record tells."""
    answer = send_bulk(box, batch(conversion("order-1")), BAD, "canary", batch(conversion("2nd")))
    assert (answer.status_code, answer.content) == (202, b"")
    assert [each.confirmationref for each in box.events.conversions()] == ["order-1", "2nd"]
    assert outcomes(box) == [
        (2, "dropped", "environment must be development or production"),
        (3, "dropped", "a batch must be an object"),
    ]
    assert box.events.left_out()[0].request_id == box.requests()[0].request_id
    assert box.requests()[0].identifiers == 4


def test_one_batch_may_be_too_large(box: Sandbox) -> None:
    """A batch above 128 kB is refused alone and left out in bulk, by its bytes as sent."""
    large = batch(user_attributes=LARGE)
    assert "128 kB" in message(send(box, large))
    text = f" [ {json.dumps(batch(), indent=1)} , {json.dumps(large)} ,{json.dumps(batch())}]"
    headers = {"Content-Type": "application/json"}
    path = contract.BULK_EVENTS_PATH
    assert send(box, None, path, data=text, headers=headers).status_code == 202
    assert [each[0] for each in outcomes(box)] == [1, 2]
    assert box.events.counts()["accepted"] == 2


def test_bytes_are_counted_and_not_characters(box: Sandbox) -> None:
    """A batch of 90,000 two-byte letters is above 128 kB."""
    attributes = {f"note{number:02d}": "é" * 4_000 for number in range(23)}
    body = json.dumps(batch(user_attributes=attributes), ensure_ascii=False).encode()
    answer = send(box, None, data=body, headers={"Content-Type": "application/json"})
    assert "128 kB" in message(answer)


def test_a_repeated_request_has_no_second_effect(box: Sandbox) -> None:
    """A batch whose source_request_id was here before is accepted and changes nothing."""
    first = batch(conversion("order-1"), source_request_id="request-1")
    again = batch(conversion("order-2"), source_request_id="request-1")
    assert send(box, first).status_code == send(box, again).status_code == 202
    assert send_bulk(box, again, batch(source_request_id="request-2")).status_code == 202
    assert [each.confirmationref for each in box.events.conversions()] == ["order-1"]
    assert box.events.counts() == {"accepted": 2, "dropped": 0, "repeated": 2}


def test_one_id_for_all_batches_of_a_request_counts_once(box: Sandbox) -> None:
    """Batches of one bulk request that share a source_request_id: only the first has effect."""
    shared = [batch(conversion(f"order-{n}"), source_request_id="same") for n in range(3)]
    assert send_bulk(box, *shared).status_code == 202
    assert len(box.events.conversions()) == 1
    assert [each[:2] for each in outcomes(box)] == [(2, "repeated"), (3, "repeated")]


def test_a_refused_request_may_come_again_corrected(box: Sandbox) -> None:
    """The source_request_id of a 400 is not remembered."""
    assert send(box, BAD | {"source_request_id": "request-1"}).status_code == 400
    assert send(box, batch(conversion(), source_request_id="request-1")).status_code == 202
    assert len(box.events.conversions()) == 1


def test_too_many_batches_in_a_second(box: Sandbox) -> None:
    """The 271st batch within a second is a 429 that says which limit and how long to wait."""
    answers = [send_bulk(box, *people(count)) for count in (100, 100, 70, 1)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert [answer.headers.get(contract.EVENTS_RATE_USED_HEADER) for answer in answers] == [
        "37",
        "74",
        "100",
        None,
    ]
    assert answers[-1].headers["Retry-After"] == "1"
    assert answers[-1].headers[contract.EVENTS_RATE_EXCEEDED_HEADER] == "workspace"
    assert message(answers[-1])
    assert box.events.counts()["accepted"] == 270


def test_the_second_slides() -> None:
    """The limit holds over any one second, and what is refused does not count."""
    flow = Flow()
    assert [flow.arrive(0.0, 200), flow.arrive(0.5, 70), flow.arrive(0.9, 1)] == [74, 100, None]
    assert [flow.arrive(1.0, 200), flow.arrive(1.4, 1), flow.arrive(1.5, 70)] == [100, None, 100]


def test_old_events_go_to_their_own_address(box: Sandbox) -> None:
    """An event older than 30 days is refused; the historical address takes it."""
    old = batch(conversion(timestamp_unixtime_ms=milliseconds_ago(31 * DAY_MS)))
    assert "historical" in message(send(box, old))
    young = batch(conversion(timestamp_unixtime_ms=milliseconds_ago(29 * DAY_MS)))
    assert send(box, young).status_code == 202
    assert send(box, [old], contract.HISTORICAL_EVENTS_PATH).status_code == 202
    assert len(box.events.conversions()) == 1
    assert box.events.conversions()[0].times == 2


def test_the_historical_address_skips(box: Sandbox) -> None:
    """Batches with no event, one without a time, or one younger than 72 hours are left out."""
    old = conversion("old", timestamp_unixtime_ms=milliseconds_ago(73 * HOUR_MS))
    young = conversion("young", timestamp_unixtime_ms=milliseconds_ago(71 * HOUR_MS))
    batches = [batch(old), batch(), batch(old, conversion("timeless")), batch(old, young)]
    assert send(box, batches, contract.HISTORICAL_EVENTS_PATH).status_code == 202
    assert [each.confirmationref for each in box.events.conversions()] == ["old"]
    assert outcomes(box) == [
        (2, "dropped", "historical: the batch has no events"),
        (3, "dropped", "historical: an event has no timestamp"),
        (4, "dropped", "historical: an event is younger than 72 hours"),
    ]


# --- faults ------------------------------


def test_scripted_answers(box: Sandbox) -> None:
    """Scripted answers wait on their own wire, have its form, and apply nothing."""
    box.script(
        Fault.answer(503, wire="events"),
        Fault.answer(429, wire="events"),
        Fault.answer(429, retry_after_seconds=7, wire="events"),
        Fault.answer(599, wire="events"),
    )
    url = box.url + contract.IMPORT_PATH
    imported = requests.post(url, json=good_body(box), auth=key_pair(box), timeout=10)
    assert imported.status_code == 201
    answers = [send(box, batch(conversion())) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [503, 429, 429, 599, 202]
    assert [answer.headers.get("Retry-After") for answer in answers[:3]] == [None, None, "7"]
    assert answers[1].headers[contract.EVENTS_RATE_EXCEEDED_HEADER] == "workspace"
    assert answers[0].json()["errors"][0]["code"] == "SERVICE_UNAVAILABLE"
    assert len(box.events.conversions()) == 1


def test_each_wire_counts_its_own_requests(box: Sandbox) -> None:
    """A fault for the second request of the Events API does not count imports."""
    box.script(Fault.answer(500, at_request=2, wire="events"))
    requests.post(
        box.url + contract.IMPORT_PATH, json=good_body(box), auth=key_pair(box), timeout=10
    )
    assert [send(box, batch()).status_code for _ in range(3)] == [202, 500, 202]


def test_lost_answers(box: Sandbox) -> None:
    """A lost answer leaves its effect, an unread request none; the id makes a repeat harmless."""
    box.script(Fault.drop_before_reading(wire="events"), Fault.drop_before_answer(wire="events"))
    body = batch(conversion(), source_request_id="request-1")
    for left in (0, 1):
        with pytest.raises(requests.ConnectionError):
            send(box, body)
        assert len(box.events.conversions()) == left
    assert send(box, body).status_code == 202
    assert [each.times for each in box.events.conversions()] == [1]
    assert [(seen.status, seen.answered) for seen in box.requests()] == [
        (0, False),
        (202, False),
        (202, True),
    ]


def test_batches_left_out_by_a_script(box: Sandbox) -> None:
    """A bulk request can be made to lose its first batches behind a 202."""
    fault = Fault.leave_out(2)
    assert Fault.from_json(fault.describe()) == fault
    box.script(fault)
    assert send_bulk(box, *people(3)).status_code == 202
    assert [each[:2] for each in outcomes(box)] == [(1, "dropped"), (2, "dropped")]
    assert box.events.counts()["accepted"] == 1


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "slow", "seconds": 1, "wire": "pigeon"},
        {"kind": "slow", "seconds": 1, "wire": 1},
        {"kind": "sftp_no_pickup", "wire": "events"},
        {"kind": "leave_out", "count": 1},
    ],
)
def test_faults_on_no_such_wire(given: dict[str, object]) -> None:
    """A fault on a wire that is not there, or that cannot have it, is refused when it is made."""
    with pytest.raises(ValueError, match="wire"):
        Fault.from_json(given)


def test_faults_are_scripted_over_http(box: Sandbox) -> None:
    """The inspection address takes faults for the events wires, and the page shows them."""
    faults = [
        {"kind": "answer", "times": 1, "status": 503, "wire": "events"},
        {"kind": "leave_out", "times": 1, "count": 1, "wire": "legacy-events"},
    ]
    answer = requests.post(f"{box.url}/_inspect/faults", json=faults, timeout=10)
    assert answer.json()["faults"] == faults
    page = requests.get(box.url, timeout=10).text
    assert "Events API: answer 503" in page
    assert "legacy Event API: leave out the first 1 of a request" in page
    assert send(box, batch()).status_code == 503


def test_the_click_id_and_the_address_come_together(box: Sandbox) -> None:
    """What Rokt's connectors send for a conversion is accepted whole."""
    body = batch(
        conversion(timestamp_unixtime_ms=milliseconds_ago(HOUR_MS)),
        schema_version=2,
        ip="198.51.100.10",
        user_identities={"email": "hello@example.com", "other": HELLO, "other2": "click-1"},
        integration_attributes=MODULE,
        device_info={"http_header_user_agent": "Mozilla/5.0"},
        user_attributes={"firstname": "Ada", "dob": "18151210", "segment_vip": True},
    )
    assert send(box, body).status_code == 202
    (received,) = box.events.conversions()
    assert (received.person, received.known_by) == (HELLO, "email")
