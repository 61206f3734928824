"""Conversions as the lines of the legacy Event API."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract
from rokt_helpers.conversions import PreparedConversions, prepare_conversions
from rokt_helpers.errors import InputError
from rokt_helpers.events import (
    Spelling,
    conversion_batches,
    legacy_event_lines,
    legacy_names_left_out,
)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def prepared(output: Any = "sha256", **columns: Any) -> PreparedConversions:
    frame: dict[str, Any] = {"email": ["anna@example.com"], "eventtime": ["2026-11-20T09:30:00Z"]}
    rows = max((len(cells) for cells in columns.values()), default=1)
    wide = {name: cells * rows for name, cells in frame.items() if name not in columns}
    return prepare_conversions(pl.DataFrame(wide | columns), output=output)


def events(source: PreparedConversions) -> list[Any]:
    return [json.loads(line) for line in legacy_event_lines(source).to_series()]


def values(event: Any) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in event["objectData"]}


def test_a_line_as_it_is_sent() -> None:
    """The whole line of a purchase, character by character."""
    source = prepared(
        email=["Anna@Example.com "],
        eventtime=["2026-11-20T10:30:00.5+01:00"],
        clienteventid=["e-1"],
        orderid=['order "7"'],
        amount=["49.90"],
        currency=["usd"],
        quantity=["2"],
        sku=["a,b"],
        majorcat=["shoes"],
        conversiontype=["purchase"],
    )
    lines = legacy_event_lines(source).to_series()
    line = (
        '{"clientEventId":"e-1","eventType":"conversion","eventTime":"2026-11-20T09:30:00.500Z",'
        '"objectData":[{"name":"emailsha256","value":'
        f'"{hashlib.sha256(b"anna@example.com").hexdigest()}"}},'
        '{"name":"amount","value":"49.9"},{"name":"currency","value":"USD"},'
        '{"name":"quantity","value":"2"},{"name":"conversiontype","value":"purchase"},'
        '{"name":"sku","value":"a,b"},{"name":"confirmationref","value":"order \\"7\\""}]}'
    )
    assert (lines.name, lines.to_list()) == ("event", [line])
    assert legacy_names_left_out(source.table.columns) == ("majorcat",)


def test_what_has_no_name_there() -> None:
    """Attributes that the interface does not list are left out, and can be named beforehand."""
    source = prepared(
        "plain", customerid=["c-1"], billingzip=["10014"], zip=["10014"], mobile=["2125550123"],
        country=["US"], idfa=["6d92078a-8246-4ba4-ae5b-76104861e7dc"],
    )  # fmt: skip
    assert legacy_names_left_out(source.table.columns) == (
        "ios_advertising_id", "customerid", "billingzipcode",
    )  # fmt: skip
    [event] = events(source)
    assert set(values(event)) == {"email", "mobile", "zipcode", "country"}
    assert set(event) == {"clientEventId", "eventType", "eventTime", "objectData"}


def test_every_attribute_is_sent_or_named() -> None:
    """Each attribute is on Rokt's list, has a place of its own, or is said to be left out."""
    names = contract.CONVERSION_ATTRIBUTES
    left = set(legacy_names_left_out(["row", "file", *names]))
    placed = {"timestamp_unixtime_ms", "clienteventid"}
    assert left | placed | {*contract.LEGACY_OBJECT_NAMES} >= {*names}
    assert not left & {*contract.LEGACY_OBJECT_NAMES, *placed, "row", "file"}


def test_no_name_is_rokt_s_own() -> None:
    """No name that may be sent begins as those that Rokt keeps for itself, whatever the case."""
    reserved = contract.LEGACY_RESERVED_PREFIX
    assert not [name for name in contract.LEGACY_OBJECT_NAMES if name.lower().startswith(reserved)]
    assert len({*contract.LEGACY_OBJECT_NAMES}) == len(contract.LEGACY_OBJECT_NAMES)


def test_one_id_over_both_interfaces() -> None:
    """A purchase without an id of its own gets the one that the newer interface gives it."""
    source = prepared(orderid=["1", "2"], conversiontype=["p", "p"])
    recent, _ = conversion_batches(source, spelling=Spelling(), now_unixtime_ms=0)
    newer = [json.loads(line)["events"][0]["data"] for line in recent.to_series()]
    ids = [event["clientEventId"] for event in events(source)]
    assert ids == [data["source_message_id"] for data in newer]
    assert len({*ids}) == 2
    assert all(UUID.fullmatch(name) for name in ids)


@pytest.mark.parametrize("length", [1, 36, 37, 400])
def test_own_ids(length: int) -> None:
    """An own id of 36 characters stays; a longer one is told by its digest, each by its own."""
    own = ["é" * (length - 1) + last for last in "ab"]
    ids = [event["clientEventId"] for event in events(prepared(clienteventid=own))]
    if length <= 36:
        assert ids == own
    else:
        digests = [hashlib.sha256(name.encode()).hexdigest()[:32] for name in own]
        assert [name.replace("-", "") for name in ids] == digests
        assert all(UUID.fullmatch(name) for name in ids)


def test_conversions_without_a_moment() -> None:
    """They are counted, and the message says how to name the column; it shows nobody."""
    source = prepare_conversions(pl.DataFrame({"email": ["canary@example.com"] * 2}))
    with pytest.raises(InputError, match="2 conversions have no moment") as caught:
        legacy_event_lines(source)
    assert "timestamp_unixtime_ms" in str(caught.value)
    assert "canary" not in str(caught.value)
    with pytest.raises(InputError, match="1 conversions have no moment"):
        legacy_event_lines(prepared(eventtime=["2026-11-20T09:30:00Z", None]))


def test_conversions_of_nobody_it_knows() -> None:
    """A mobile number alone is not enough here; the message counts, and names the other way."""
    source = prepared(
        email=[None, "anna@example.com"], mobile=["2125550123"] * 2, country=["US"] * 2,
        orderid=["1", "2"],
    )  # fmt: skip
    with pytest.raises(InputError, match="1 conversions have none of email, emailsha256") as caught:
        legacy_event_lines(source)
    assert "via='events'" in str(caught.value)
    only = prepare_conversions(
        pl.DataFrame(
            {"mobile": ["2125550123"], "country": ["US"], "eventtime": ["2026-11-20T09:30:00Z"]}
        )
    )
    with pytest.raises(InputError, match="1 conversions have none of"):
        legacy_event_lines(only)


def test_no_conversion_is_no_line() -> None:
    """Of an empty table come no lines."""
    whole = prepared(orderid=["1"])
    none = PreparedConversions(
        {**whole.summary, "rows_in": 0, "accepted": 0}, whole.mapping, whole.table.clear(),
        whole._rejected,
    )  # fmt: skip
    assert len(legacy_event_lines(none)) == 0


FREE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ROW = st.fixed_dictionaries(
    {"timestamp_unixtime_ms": st.integers(631_152_000_000, 4_102_444_799_999)},
    optional=dict.fromkeys(("clienteventid", "confirmationref", "productname", "majorcat"), FREE)
    | {"amount": st.decimals(0, 10**6, places=2).map(str), "sku": st.lists(FREE, min_size=1)},
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_whatever_a_purchase_says(rows: list[dict[str, Any]]) -> None:
    """Each line is JSON that says what its row does, in the interface's form and limits."""
    names = {name for row in rows for name in row} | {"passbackconversiontrackingid"}
    schema: dict[str, Any] = {
        "row": pl.UInt32,
        **{name: pl.String for name in contract.CONVERSION_ATTRIBUTES if name in names},
        "timestamp_unixtime_ms": pl.Int64,
        **({"sku": pl.List(pl.String)} if "sku" in names else {}),
    }
    full = [{"row": n, "passbackconversiontrackingid": "c", **row} for n, row in enumerate(rows)]
    table = pl.DataFrame(full, schema=schema)
    model = prepared()
    found = events(
        PreparedConversions(
            {**model.summary, "rows_in": len(rows), "accepted": len(rows)}, model.mapping, table,
            model._rejected,
        )
    )  # fmt: skip
    for row, event in zip(rows, found, strict=True):
        expected = {
            name: ",".join(value) if name == "sku" else value
            for name, value in row.items()
            if name in contract.LEGACY_OBJECT_NAMES
        }
        assert values(event) == {**expected, "passbackconversiontrackingid": "c"}
        moment = datetime.fromisoformat(event["eventTime"]) - EPOCH
        assert moment == timedelta(milliseconds=row["timestamp_unixtime_ms"])
        assert len(event["eventTime"]) == 24
        assert 1 <= len(event["clientEventId"]) <= contract.MAX_LEGACY_EVENT_ID_CHARACTERS
        own = row.get("clienteventid")
        assert event["clientEventId"] == own or own is None or len(own) > 36
