from __future__ import annotations

import hashlib
from typing import Any

import pytest

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.event_batches import Batch, read_batch
from tests.sandbox.event_wires import DAY_MS, NOW_MS, batch, conversion, membership
from tests.sandbox.wires import HELLO

GUID = "6D92078A-8246-4BA4-AE5B-76104861E7DC"
OTHER_DIGEST = hashlib.sha256(b"canary").hexdigest()
CLICK = {"1277": {"passbackconversiontrackingid": "click-1"}}


def read(given: object, *, historical: bool = False) -> Batch:
    return read_batch(given, now_ms=NOW_MS, historical=historical)


def reason(given: object) -> str:
    with pytest.raises(BadRequest) as caught:
        read(given)
    assert "canary" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("identities", "known_by"),
    [
        ({"email": "hello@example.com"}, "email"),
        ({"email": " Hello@Example.com "}, "email"),
        ({"other": HELLO}, "other"),
        ({"other": HELLO.upper()}, "other"),
        ({"email": "hello@example.com", "other": HELLO, "customerid": "7"}, "email"),
    ],
)
def test_an_address_and_its_digest_are_one_person(
    identities: dict[str, str], known_by: str
) -> None:
    """A person known by e-mail is the digest of its canonical form."""
    person = read(batch(user_identities=identities)).person
    assert (person.digest, person.known_by) == (HELLO, known_by)


@pytest.mark.parametrize(("ours", "other"), contract.IDENTITY_SPELLINGS.items())
def test_both_spellings_are_one_identity(ours: str, other: str) -> None:
    """The connectors' spelling and mParticle's lead to the same person, and not both at once."""
    click = {"integration_attributes": CLICK} if ours == "other2" else {}
    first, second = (
        read(batch(user_identities={name: "click-1"}, **click)).person for name in (ours, other)
    )
    assert (first, first.known_by) == (second, ours)
    assert "both spellings" in reason(batch(user_identities={ours: "1", other: "1"}, **click))


@pytest.mark.parametrize("name", contract.DEVICE_IDENTITIES)
def test_a_device_is_a_person(name: str) -> None:
    """An id of a device is enough, in either case of its letters."""
    found = {
        read(batch(user_identities=None, device_info={name: text})).person
        for text in (GUID, GUID.lower())
    }
    assert {person.known_by for person in found} == {name}
    assert len(found) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"canary": 1}, "the batch holds a key that is not known"),
        ({"environment": None}, "environment must be"),
        ({"environment": "canary"}, "environment must be"),
        ({"environment": ["production"]}, "environment must be"),
        ({"schema_version": 1}, "schema_version must be 2"),
        ({"ip": "canary"}, "ip is neither"),
        ({"ip": 1}, "ip is neither"),
        ({"mpid": "canary"}, "mpid must be"),
        ({"mpid": True}, "mpid must be"),
        ({"context": []}, "context must be an object"),
        ({"source_request_id": ""}, "source_request_id"),
        ({"source_request_id": 7}, "source_request_id"),
        ({"deleted_user_attributes": {}}, "deleted_user_attributes must be"),
        ({"deleted_user_attributes": [1]}, "deleted_user_attributes"),
        ({"events": {}}, "events must be an array"),
        # who it is
        ({"user_identities": None}, "neither an identity nor"),
        ({"user_identities": {}}, "neither an identity nor"),
        ({"user_identities": []}, "user_identities must be an object"),
        ({"user_identities": {"canary": "1"}}, "user_identities holds a key"),
        ({"user_identities": {"customerid": 7}}, "must be text"),
        ({"user_identities": {"customerid": " "}}, "must be text"),
        ({"user_identities": {"customerid": "x" * 4_097}}, "longer than 4,096"),
        ({"user_identities": {"email": None}}, "must be text"),
        ({"user_identities": {"email": "canary"}}, "user_identities.email: no @"),
        ({"user_identities": {"email": HELLO}}, "a digest where an address belongs"),
        ({"user_identities": {"email": HELLO[:32]}}, "a digest where an address belongs"),
        ({"user_identities": {"other": "canary@example.com"}}, "other: not a digest"),
        ({"user_identities": {"other": HELLO[:40]}}, "other: not a digest"),
        (
            {"user_identities": {"email": "a@example.com", "other": OTHER_DIGEST}},
            "other is not the digest of user_identities.email",
        ),
        # the click id
        ({"integration_attributes": CLICK}, "the click id must stand"),
        ({"user_identities": {"other2": "click-1"}}, "the click id must stand"),
        (
            {"user_identities": {"other2": "canary"}, "integration_attributes": CLICK},
            "the same both times",
        ),
        ({"integration_attributes": {"1278": {}}}, "a module other than"),
        ({"integration_attributes": {"1277": {}}}, "and nothing else"),
        ({"integration_attributes": {"1277": []}}, "must be an object"),
        (
            {"integration_attributes": {"1277": {"passbackconversiontrackingid": 1}}},
            "must be text",
        ),
        # the device
        ({"device_info": {"canary": "1"}}, "device_info holds a key"),
        ({"device_info": {"ios_idfv": "canary"}}, "not an id of a device"),
        ({"device_info": {"ios_advertising_id": "0" * 36}}, "not an id of a device"),
        (
            {"device_info": {"ios_advertising_id": "00000000-0000-0000-0000-000000000000"}},
            "not an id of a device",
        ),
    ],
)
def test_bad_batches(changes: dict[str, Any], said: str) -> None:
    """Each rule of a batch is held, and no reason repeats a value."""
    assert said in reason(batch(**changes))


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ([], "must be an object"),
        ({str(number): 1 for number in range(101)}, "more than 100 attributes"),
        ({"": 1}, "a name must be text"),
        ({"x" * 257: 1}, "a name is longer than 256"),
        ({"canary": {"canary": 1}}, "attribute 1: neither text"),
        ({"fine": 1, "note": "x" * 4_097}, "attribute 2: longer than 4,096"),
        ({"note": 1e999}, "a number without end"),
        ({"mobilesha256": "canary"}, "not a digest"),
        ({"firstnamesha256": 7}, "not a digest"),
    ],
)
def test_bad_attributes(attributes: Any, said: str) -> None:
    """A person's attributes and an event's keep the same limits of name and value."""
    assert said in reason(batch(user_attributes=attributes))
    event = conversion()
    event["data"]["event_name"] = "viewed"
    event["data"]["custom_attributes"] = attributes
    assert said in reason(batch(event))


def test_attributes_at_the_limits() -> None:
    """A hundred attributes, names of 256 and values of 4,096 characters are good."""
    attributes = {f"{number:0256d}": "x" * 4_096 for number in range(100)}
    assert read(batch(user_attributes=attributes)).segments == {}
    assert read(batch(conversion(attributes=dict(list(attributes.items())[:96])))).conversions


def test_lists_are_for_people_and_null_is_for_events() -> None:
    """A person's attribute may be a list, an event's may be null, and not the other way round."""
    assert read(batch(user_attributes={"sizes": ["s", 1, True]})).segments == {}
    assert len(read(batch(conversion(attributes={"coupon": None}))).conversions) == 1
    assert "neither text" in reason(batch(user_attributes={"canary": None}))
    assert "neither text" in reason(batch(conversion(attributes={"canary": ["canary"]})))
    assert "1,000 values" in reason(batch(user_attributes={"canary": [1] * 1_001}))
    assert "longer than 512" in reason(batch(user_attributes={"canary": ["x" * 513]}))


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("canary", "event 1 must be an object"),
        ({"event_type": "custom_event"}, "must hold event_type and data"),
        ({"event_type": "screen_view", "data": {}}, "event_type must be custom_event"),
        (conversion(canary=1), "data holds a key that is not known"),
        (conversion(event_name=""), "event_name"),
        (conversion(event_name="x" * 257), "longer than 256"),
        (conversion(custom_event_type="canary"), "custom_event_type is not one"),
        (conversion(custom_event_type="other"), "has the custom_event_type transaction"),
        (conversion(source_message_id=7), "source_message_id"),
        (conversion(timestamp_unixtime_ms=1_795_000_000), "13 digits"),
        (conversion(timestamp_unixtime_ms="1795000000000"), "13 digits"),
        (conversion(timestamp_unixtime_ms=1_795_000_000_000.5), "13 digits"),
        (conversion(timestamp_unixtime_ms=NOW_MS - 31 * DAY_MS), "historical address"),
        (conversion(attributes={"conversiontype": ""}), "needs a conversiontype"),
        (conversion(attributes={"conversiontype": 7}), "needs a conversiontype"),
        (conversion(attributes={"amount": "canary"}), "amount is not"),
        (conversion(attributes={"amount": "1,99"}), "amount is not"),
        (conversion(attributes={"amount": True}), "amount is not"),
        (conversion(attributes={"currency": "usd"}), "three capitals"),
        (membership("x" * 101), "audience_name is longer than 100"),
        (membership("vip", "canary"), "status must be"),
        (membership(""), "audience_name"),
    ],
)
def test_bad_events(event: Any, said: str) -> None:
    """Each rule of an event is held, and no reason repeats a value."""
    assert said in reason(batch(event))


def test_an_audience_event_has_two_attributes() -> None:
    """A membership with more, or of another type, is refused."""
    more, other = membership("vip"), membership("vip")
    more["data"]["custom_attributes"]["canary"] = 1
    other["data"]["custom_event_type"] = "transaction"
    assert "no more" in reason(batch(more))
    assert "custom_event_type other" in reason(batch(other))


def test_a_message_id_stands_once_in_a_batch() -> None:
    """The same source_message_id twice in one batch is refused; missing ones are no repeat."""
    assert "same source_message_id" in reason(batch(conversion(), conversion()))
    two = (membership("vip"), membership("vip", "drop"))
    assert read(batch(*two)).memberships == (("vip", True), ("vip", False))


@pytest.mark.parametrize("amount", [49.99, 50, "49.990", "-3", 0])
def test_amounts(amount: object) -> None:
    """An amount is a number or the text of one, and is kept as it was sent."""
    (only,) = read(batch(conversion(attributes={"amount": amount}))).conversions
    assert only.amount == str(amount)


def test_values_stay_out_of_reprs() -> None:
    """Neither the digest of a person nor an order's reference is in the text of a batch."""
    text = repr(read(batch(conversion("canary"), user_identities={"other": OTHER_DIGEST})))
    assert "canary" not in text
    assert OTHER_DIGEST not in text
