from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.answers import BadRequest, Request
from rokt_helpers.sandbox.keys import KeyPair
from rokt_helpers.sandbox.legacy_records import read_record
from rokt_helpers.sandbox.tokens import Tokens
from tests.sandbox.event_wires import (
    batch,
    call_v1,
    call_v2,
    legacy_url,
    new_token,
    record,
    unprocessed,
)
from tests.sandbox.wires import HELLO


def message(answer: requests.Response) -> str:
    data = answer.json()["data"]
    assert set(data) == {"code", "message"}
    return str(data["message"])


# --- tokens ------------------------------


def test_a_token_opens_version_1(box: Sandbox) -> None:
    """The token address gives a bearer token for an hour, and it opens version 1."""
    given = new_token(box).json()
    assert (given["expires_in"], given["token_type"]) == (3_600, "Bearer")
    answer = call_v1(box, record(), Authorization=f"Bearer {given['access_token']}")
    assert unprocessed(answer) == []
    assert answer.headers["X-Rokt-Trace-Id"] == box.requests()[-1].request_id
    (only,) = box.events.conversions()
    assert (only.person, only.confirmationref, only.wire) == (HELLO, "order-1", "legacy-events")
    assert str(only.happened) == "2026-11-20 08:30:00+00:00"


def test_a_token_ends_after_its_hour() -> None:
    """A token is good for 3,600 seconds, and no second longer."""
    now = [100.0]
    tokens = Tokens(KeyPair("app", "secret"), clock=lambda: now[0])
    headers = {
        "Authorization": "Basic YXBwOnNlY3JldA==",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    request = Request("POST", "/", headers, b"grant_type=client_credentials")
    token = json.loads(tokens.answer(request).body)["access_token"]
    now[0] += 3_599.9
    assert tokens.opens(f"Bearer {token}")
    now[0] += 0.1
    assert not tokens.opens(f"Bearer {token}")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"auth": None}, 401),
        ({"auth": ("app", "wrong")}, 401),
        ({"data": {"grant_type": "password"}}, 400),
        ({"data": {"grant_type": "client_credentials", "scope": "all"}}, 400),
        ({"data": None, "json": {"grant_type": "client_credentials"}}, 400),
    ],
)
def test_no_token(box: Sandbox, changes: dict[str, Any], status: int) -> None:
    """Wrong credentials are a 401 and a wrong form a 400, in the interface's form."""
    answer = new_token(box, **changes)
    assert answer.status_code == status
    assert message(answer)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer canary", "Basic canary"])
def test_version_1_takes_tokens_only(box: Sandbox, header: str) -> None:
    """Without a token that was given out version 1 is a 401."""
    answer = call_v1(box, record(), Authorization=header)
    assert (answer.status_code, "canary" in answer.text) == (401, False)


def test_version_2_takes_the_key_pair_only(box: Sandbox) -> None:
    """Neither the app's nor the newer API's credentials open version 2."""
    assert unprocessed(call_v2(box, record())) == []
    there = box.environment
    for pair in (("ROKT_APP_ID", "ROKT_APP_SECRET"), ("ROKT_EVENTS_KEY", "ROKT_EVENTS_SECRET")):
        auth = (there[pair[0]], there[pair[1]])
        assert call_v2(box, record(2), auth=auth).status_code == 401
    assert len(box.events.conversions()) == 1


# --- calls ------------------------------


def test_an_idempotency_key_is_used_once(box: Sandbox) -> None:
    """A key used before is a 409 and changes nothing; one of a refused call may come again."""
    key = str(uuid.uuid4())
    assert call_v1(box, Idempotency_Key=key).status_code == 400
    assert unprocessed(call_v1(box, record(1), Idempotency_Key=key)) == []
    answer = call_v1(box, record(2), Idempotency_Key=key.upper())
    assert (answer.status_code, answer.json()["data"]["code"]) == (409, "Conflict")
    assert len(box.events.conversions()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Idempotency_Key", ""),
        ("Idempotency_Key", "canary"),
        ("Idempotency_Key", "6d92078a-8246-1ba4-ae5b-76104861e7dc"),
        ("Rokt_Version", "2019-01-01"),
        ("Charset", "latin-1"),
    ],
)
def test_headers(box: Sandbox, name: str, value: str) -> None:
    """A key that is no UUID of version 4, or a version that is not known, is a 400."""
    answer = call_v1(box, record(), **{name: value})
    assert answer.status_code == 400
    assert name.replace("_", "-") in message(answer)


def test_the_known_version_may_be_named(box: Sandbox) -> None:
    """The one version there is can be asked for."""
    answer = call_v1(box, record(), Rokt_Version=contract.LEGACY_ROKT_VERSION)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"accountId": "1", "events": [record()]}, 403),
        ({"clientId": "123456789", "events": [record()]}, 400),
        ({"accountId": 123456789, "events": [record()]}, 400),
        ({"accountId": "123456789", "events": []}, 400),
        ({"accountId": "123456789", "events": {}}, 400),
        ({"accountId": "123456789", "events": [record(n) for n in range(101)]}, 400),
        ({"accountId": "123456789"}, 400),
        ([], 400),
        (batch(), 400),
    ],
)
def test_calls_that_are_bad_as_a_whole(box: Sandbox, body: Any, status: int) -> None:
    """A body of another shape is a 400, and another account a 403."""
    answer = call_v2(box, json=body)
    assert answer.status_code == status
    assert message(answer)


def test_a_200_gives_back_what_is_not_stored(box: Sandbox) -> None:
    """Bad records come back inside a 200, whole and with their errors; the good are stored."""
    bad = record(2, values={"email": None})
    twice = record(1, values={"confirmationref": "order-9"})
    answer = call_v2(box, record(1), bad, record(3), twice)
    assert [code for code, _ in unprocessed(answer)] == ["ValidationError"] * 2
    given = answer.json()["data"]["unprocessedRecords"]
    assert [each["record"] for each in given] == [bad, twice]
    assert "canary" not in str([each["error"] for each in given])
    assert [each.confirmationref for each in box.events.conversions()] == ["order-1", "order-3"]
    assert [(each.position, each.wire) for each in box.events.left_out()] == [
        (2, "legacy-events"),
        (4, "legacy-events"),
    ]


def test_a_hundred_events(box: Sandbox) -> None:
    """A hundred events are taken in one call."""
    assert unprocessed(call_v2(box, *(record(n) for n in range(100)))) == []
    assert len(box.events.conversions()) == 100


def test_what_counts_as_the_same(box: Sandbox) -> None:
    """An event id counts once, and so does a transactionid, or a confirmationref without one."""
    both = {"transactionid": "t-1"}
    call_v2(box, record(1, values=both), record(2, values=both), record(3), record(4))
    call_v2(box, record(1), record(5, values={"confirmationref": "order-3"}))
    assert [(each.confirmationref, each.times) for each in box.events.conversions()] == [
        ("t-1", 2),
        ("order-3", 2),
        ("order-4", 1),
    ]
    assert box.events.counts() == {"accepted": 5, "dropped": 0, "repeated": 1}


@pytest.mark.parametrize(
    ("values", "known_by"),
    [
        ({"email": " Hello@Example.com"}, "email"),
        ({"email": None, "emailsha256": HELLO.upper()}, "other"),
        ({"email": None, "passbackconversiontrackingid": "click-1"}, "other2"),
    ],
)
def test_who_it_was(values: dict[str, Any], known_by: str) -> None:
    """A conversion is known by address, by digest, or by click id."""
    person = read_record(record(values=values)).person
    assert person is not None
    assert person.known_by == known_by
    assert (person.digest == HELLO) == (known_by != "other2")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"canary": 1}, "an event has"),
        ({"eventTime": None}, "an event has"),
        ({"clientEventId": "x" * 37}, "1 to 36"),
        ({"clientEventId": 7}, "1 to 36"),
        ({"eventType": "x" * 129}, "1 to 128"),
        ({"eventTime": "2026-11-20"}, "RFC 3339"),
        ({"eventTime": "2026-11-20T09:30:00"}, "with its offset"),
        ({"eventTime": "2026-13-20T09:30:00Z"}, "no date and time"),
        ({"eventTime": 7}, "RFC 3339"),
        ({"metaData": {}}, "metaData must be an array"),
        ({"metaData": [{"name": "n"}]}, "field 1 must hold name and value"),
        ({"metaData": [{"name": "n", "value": 7}]}, "both texts"),
        ({"metaData": [{"name": "", "value": "v"}]}, "1 to 256"),
        ({"metaData": [{"name": "x" * 257, "value": "v"}]}, "1 to 256"),
        ({"metaData": [{"name": "n", "value": "x" * 65_537}]}, "65,536"),
        ({"metaData": [{"name": "Rokt.canary", "value": "v"}]}, "beginning with rokt."),
        ({"metaData": [{"name": "n", "value": "v"}] * 2}, "stands there already"),
        ({"metaData": [{"name": "n", "value": "v"}] * 101}, "at most 100"),
        ({"values": {"email": None}}, "a conversion needs one of"),
        ({"values": {"email": "canary"}}, "no @"),
        ({"values": {"email": HELLO}}, "a digest where an address belongs"),
        ({"values": {"emailsha256": "canary"}}, "64 hexadecimal"),
        ({"values": {"amount": "canary"}}, "amount is not"),
        ({"values": {"currency": "dollars"}}, "three capitals"),
    ],
)
def test_bad_records(changes: dict[str, Any], said: str) -> None:
    """Each rule of an event is held, and no reason repeats a value."""
    with pytest.raises(BadRequest) as caught:
        read_record(record(**changes))
    assert said in str(caught.value)
    assert "canary" not in str(caught.value)


def test_other_events_need_nobody(box: Sandbox) -> None:
    """An event that is no conversion needs no identifier, and turns into none."""
    assert unprocessed(call_v2(box, record(eventType="viewed", objectData=[]))) == []
    assert box.events.conversions() == []
    assert box.events.counts()["accepted"] == 1


# --- faults ------------------------------


def test_faults(box: Sandbox) -> None:
    """Scripted faults wait for calls, not for tokens, and speak in the interface's form."""
    box.script(
        Fault.answer(503, retry_after_seconds=2, wire="legacy-events"),
        Fault.leave_out(1, wire="legacy-events"),
    )
    assert new_token(box).status_code == 200
    refused = call_v2(box, record(1))
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert refused.json()["data"]["code"] == "ServiceUnavailable"
    partly = call_v2(box, record(1), record(2))
    assert [each["record"] for each in partly.json()["data"]["unprocessedRecords"]] == [record(1)]
    assert unprocessed(call_v2(box, record(1))) == []
    assert len(box.events.conversions()) == 2


def test_a_lost_answer_is_told_by_its_key(box: Sandbox) -> None:
    """After a lost answer the same key is a 409: the call had its effect."""
    box.script(Fault.drop_before_answer(wire="legacy-events"))
    key = str(uuid.uuid4())
    with pytest.raises(requests.ConnectionError):
        call_v1(box, record(), Idempotency_Key=key)
    assert call_v1(box, record(), Idempotency_Key=key).status_code == 409
    assert [each.times for each in box.events.conversions()] == [1]


@pytest.mark.parametrize(
    "path",
    [
        contract.LEGACY_TOKEN_PATH,
        contract.LEGACY_EVENTS_V1_PATH,
        contract.LEGACY_EVENTS_V2_PATH,
    ],
)
def test_other_methods(box: Sandbox, path: str) -> None:
    """Every method but POST is a 405; the old path of version 1 leads nowhere."""
    assert requests.get(legacy_url(box, path), timeout=10).status_code == 405
    assert requests.post(box.url + contract.LEGACY_EVENTS_V1_PATH, timeout=10).status_code == 404
