from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from tests.sandbox.event_wires import (
    batch,
    call_v2,
    conversion,
    membership,
    record,
    send,
    send_bulk,
)
from tests.sandbox.wires import HELLO


def inspect(box: Sandbox, path: str = "") -> Any:
    return requests.get(f"{box.url}/_inspect{path}", timeout=10).json()


def test_what_a_conversion_turned_into(box: Sandbox) -> None:
    """A conversion is kept with its person's digest, its amount and its moment."""
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    send(box, batch(conversion(timestamp_unixtime_ms=int(moment.timestamp() * 1000))))
    (only,) = box.events.conversions()
    assert (only.person, only.conversiontype, only.confirmationref) == (
        HELLO,
        "Order Completed",
        "order-1",
    )
    assert (only.amount, only.currency, only.happened) == ("49.99", "USD", moment)
    assert (only.wire, only.environment, only.times) == ("events", "production", 1)


def test_a_conversion_counts_once(box: Sandbox) -> None:
    """Type and reference together tell conversions apart; without a reference each is its own."""
    bare = {"confirmationref": None}
    batches = [
        batch(conversion("order-1")),
        batch(conversion("order-1", attributes={"amount": 1})),
        batch(conversion("order-1", attributes={"conversiontype": "Signed Up"})),
        batch(conversion("order-2")),
        batch(conversion(attributes=bare)),
        batch(conversion(attributes=bare)),
    ]
    assert send_bulk(box, *batches).status_code == 202
    received = box.events.conversions()
    assert [(each.confirmationref, each.amount, each.times) for each in received] == [
        ("order-1", "49.99", 2),
        ("order-1", "49.99", 1),
        ("order-2", "49.99", 1),
        (None, "49.99", 1),
        (None, "49.99", 1),
    ]
    assert [each.number for each in received] == [1, 2, 3, 4, 5]


def test_interfaces_do_not_see_one_another(box: Sandbox) -> None:
    """The same order over both interfaces, or in both environments, is one in each."""
    send(box, batch(conversion("order-1")))
    send(box, batch(conversion("order-1"), environment="development"))
    call_v2(box, record(1))
    assert [(each.wire, each.environment) for each in box.events.conversions()] == [
        ("events", "production"),
        ("events", "development"),
        ("legacy-events", "production"),
    ]


def test_a_boolean_attribute_is_a_segment(box: Sandbox) -> None:
    """True puts a person in and false takes them out; other values are no segment."""
    send(box, batch(user_attributes={"segment_vip": True, "age": 41, "title": "true"}))
    send(box, batch(user_attributes={"segment_vip": True, "segment_lapsed": False}))
    assert box.events.segments() == {"segment_lapsed": 0, "segment_vip": 1}
    assert box.events.segment("segment_vip") == {HELLO}
    send(box, batch(user_identities={"other": HELLO}, user_attributes={"segment_vip": False}))
    assert box.events.segments() == {"segment_lapsed": 0, "segment_vip": 0}
    assert box.events.segment("nothing") == frozenset()


def test_development_moves_nobody_in_production(box: Sandbox) -> None:
    """A batch marked as development changes the segments of development alone."""
    send(box, batch(environment="development", user_attributes={"segment_vip": True}))
    assert (box.events.segments(), box.events.segments("development")) == ({}, {"segment_vip": 1})


def test_membership_events_are_audiences(box: Sandbox) -> None:
    """Membership events move people in the order in which they stand."""
    send(box, batch(membership("vip"), membership("lapsed"), membership("lapsed", "drop")))
    assert box.events.audiences() == {"lapsed": 0, "vip": 1}
    assert box.events.audience("vip") == {HELLO}
    assert box.events.segments() == {}


def test_the_age_of_events_follows_the_day_that_was_given() -> None:
    """A box whose day is given reckons the age of events by it."""
    june = int(datetime(2026, 6, 15, tzinfo=UTC).timestamp() * 1000)
    event = batch(conversion(timestamp_unixtime_ms=june))
    with Sandbox(today=date(2026, 6, 20), referral_days=0) as box:
        assert send(box, event).status_code == 202
    with Sandbox(today=date(2026, 11, 22), referral_days=0) as box:
        assert send(box, event).status_code == 400


def test_the_overview_tells_what_came_of_it(box: Sandbox) -> None:
    """The JSON shows conversions, segments and what came to nothing, and no digest."""
    send_bulk(
        box,
        batch(conversion("order-1"), membership("vip"), user_attributes={"segment_vip": True}),
        batch(environment="canary"),
    )
    seen = inspect(box)["events"]
    assert seen["batches"] == {"accepted": 1, "dropped": 1, "repeated": 0}
    assert [each["confirmationref"] for each in seen["conversions"]] == ["order-1"]
    assert seen["segments"] == {"development": {}, "production": {"segment_vip": 1}}
    assert seen["audiences"]["production"] == {"vip": 1}
    assert [(each["position"], each["wire"]) for each in seen["left_out"]] == [(2, "events")]
    assert HELLO not in str(seen)
    full = inspect(box, "/events")
    assert full["conversions"][0]["person"] == HELLO
    assert full["segments"]["production"] == {"segment_vip": [HELLO]}
    assert full["audiences"]["production"] == {"vip": [HELLO]}


def test_the_page_tells_what_came_of_it(box: Sandbox) -> None:
    """The page shows a person what their conversions and segments turned into."""
    page = requests.get(box.url, timeout=10).text
    assert "No conversion has come over the Events API yet." in page
    for reference in ("order-1", "order-1", "<b>order</b>"):
        send(box, batch(conversion(reference), user_attributes={"segment_<i>": True}))
    send_bulk(box, batch(environment="canary"))
    page = requests.get(box.url, timeout=10).text
    for text in (
        "order-1",
        "2 times",
        "&lt;b&gt;order&lt;/b&gt;",
        "segment_&lt;i&gt;",
        "environment must be development or production",
        "3 batches accepted, 1 dropped, 0 repeated",
        contract.BULK_EVENTS_PATH,
    ):
        assert text in page
    assert "hello@example.com" not in page


def test_a_busy_page_shows_the_latest(box: Sandbox) -> None:
    """Only the latest conversions are shown, the newest first, and all are counted."""
    send_bulk(box, *(batch(conversion(f"order-{number:02d}")) for number in range(1, 31)))
    page = requests.get(box.url, timeout=10).text
    assert "30 in all, the last 20 shown; each counts once" in page
    assert page.index("order-30") < page.index("order-11")
    assert "order-10" not in page
    assert len(inspect(box, "/events")["conversions"]) == 30


def test_an_address_in_the_wrong_column_is_not_shown(box: Sandbox) -> None:
    """A reference or type that is an address stands neither on the page nor in the JSON."""
    attributes = {"conversiontype": "canary@example.com"}
    send(box, batch(conversion("canary@example.com", attributes=attributes)))
    page = requests.get(box.url, timeout=10).text
    assert "(an address)" in page
    assert "canary" not in page
    assert "canary" not in str(inspect(box)) + str(inspect(box, "/events"))
    assert "canary" not in repr(box.events.conversions())
