"""Batches as the CSV of the newer SFTP: the golden file, quoting, limits, and a round trip."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract
from rokt_helpers.conversions import prepare_conversions
from rokt_helpers.errors import InputError
from rokt_helpers.events import Spelling, conversion_batches, membership_batches
from rokt_helpers.events.feed_table import FeedFile, feed_csv

HELLO = "1753bdb368271a785887ddbfb926164f2f7c6a88f609c07ff0401c5572955206"  # hello@example.com
ZOE = "5a6b1e1b0fb3d0e0ab4f6c3b6a8e5b1cbb2a1f5e9b8f6a3d7c2e4f1a0b9c8d7e"


def feed(*batches: dict[str, Any]) -> FeedFile:
    return feed_csv(pl.Series("batch", [json.dumps(each, ensure_ascii=False) for each in batches]))


def rows(file: FeedFile) -> list[dict[str, str]]:
    """Read a file back with Python's own reader, which refuses what RFC 4180 does."""
    text = file.content.decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def batch(**attributes: Any) -> dict[str, Any]:
    return {
        "environment": "production",
        "user_identities": {"other": HELLO},
        "user_attributes": attributes,
    }


def event(**data: Any) -> dict[str, Any]:
    return batch() | {"events": [{"event_type": "custom_event", "data": data}]}


def purchases(frame: dict[str, list[Any]]) -> pl.Series:
    recent, _ = conversion_batches(
        prepare_conversions(pl.DataFrame(frame)), spelling=Spelling(), now_unixtime_ms=0
    )
    return recent.to_series()


def test_the_golden_file_of_an_audience() -> None:
    """People on an audience are two columns and their membership, each line ending in CR LF."""
    people = membership_batches(
        pl.Series("sha256", [HELLO, ZOE]),
        spelling=Spelling(),
        list_name="VIP, gold",
        action="include",
        run="run-1",
    )
    file = feed_csv(people)
    assert file.content.decode() == (
        'environment,user_identities.other,"user_attributes.audience_VIP, gold"\r\n'
        f"production,{HELLO},true\r\n"
        f"production,{ZOE},true\r\n"
    )
    assert not file.has_events
    assert file.left_out == ("source_request_id",)


def test_the_golden_file_of_conversions() -> None:
    """A conversion is a row; what it does not have is an empty cell, and all digits stay."""
    file = feed_csv(
        purchases(
            {
                "email": ["hello@example.com", None],
                "rclid": [None, "click-2"],
                "useragent": ["Mozilla/5.0", None],
                "city": ["Zürich", None],
                "order_id": ['o "1"', "o,2"],
                "conversiontype": ["purchase", "purchase"],
                "amount": ["49.90", "12345678901.10"],
                "currency": ["USD", "USD"],
                "clienteventid": ["id-1", "id-2"],
                "eventtime": ["2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"],
            }
        )
    )
    event_path, custom = "events.data", "events.data.custom_attributes"
    header = [
        "environment", "user_identities.other", "user_identities.other2",
        "device_info.http_header_user_agent", "user_attributes.city", f"{event_path}.event_name",
        f"{event_path}.custom_event_type", f"{event_path}.timestamp_unixtime_ms",
        f"{event_path}.source_message_id", f"{custom}.amount", f"{custom}.confirmationref",
        f"{custom}.conversiontype", f"{custom}.currency",
    ]  # fmt: skip
    lines = file.content.decode().split("\r\n")
    assert lines[0].split(",") == header
    first, second = rows(file)
    assert [first[name] for name in header] == [
        "production", HELLO, "", "Mozilla/5.0", "Zürich", "conversion", "transaction",
        "1795168800000", "id-1", first[f"{custom}.amount"], 'o "1"', "purchase", "USD",
    ]  # fmt: skip
    assert [float(row[f"{custom}.amount"]) for row in (first, second)] == [49.90, 12345678901.10]
    assert (second["user_identities.other2"], second["user_attributes.city"]) == ("click-2", "")
    assert '"o ""1"""' in lines[1]
    assert '"o,2"' in lines[2]
    assert lines[3:] == [""]
    assert file.has_events
    assert file.left_out == (
        "source_request_id", "integration_attributes.1277.passbackconversiontrackingid",
    )  # fmt: skip


@pytest.mark.parametrize("odd", ['x":5, "y":true \\"', ":5,", ': "x', "{:true}", "\\\\", 'a\\":1'])
def test_numbers_and_truths_stay_as_they_are_written(odd: str) -> None:
    """No number is rounded on its way into text, and a text that looks like JSON stays a text."""
    line = (
        '{"user_attributes":{"long":12345678901234567890.120,"small":-0.50,"exp":1e5,"yes":true,'
        f'"no": false,"text":{json.dumps(odd)},{json.dumps(odd)}:7.10,"empty":"","none":null}}}}'
    )
    [row] = rows(feed_csv(pl.Series("batch", [line])))
    assert {name.removeprefix("user_attributes."): value for name, value in row.items()} == {
        "long": "12345678901234567890.120", "small": "-0.50", "exp": "1e5", "yes": "true",
        "no": "false", "text": odd, odd: "7.10", "empty": "",
    }  # fmt: skip


# Letters as they come, and many of those that mean something to JSON, CSV or polars.
LETTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(list('":,\\{}[]*^$ \r\n5.'))
TEXT = st.text(LETTERS, max_size=20)
NAME = st.text(LETTERS, min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.dictionaries(NAME, TEXT, min_size=1, max_size=5), min_size=1, max_size=8))
def test_whatever_is_written_is_read_back(people: list[dict[str, str]]) -> None:
    """Python's csv module reads each value back as it was, commas, quotes and line ends and all."""
    file = feed(*(batch(**each) for each in people))
    expected = [
        {f"user_attributes.{name}": value for name, value in each.items() if value}
        for each in people
    ]
    seen = [
        {name: value for name, value in row.items() if value and name.startswith("user_attributes")}
        for row in rows(file)
    ]
    assert seen == expected


def test_identities_in_the_other_spelling() -> None:
    """Identities as mParticle's schema spells them have the names that the feed knows."""
    names = {"customer_id": "7", "other_id_2": "click-1", "other": HELLO}
    assert feed({"user_identities": names}).columns == (
        "user_identities.customerid", "user_identities.other", "user_identities.other2",
    )  # fmt: skip


def test_the_same_batches_make_the_same_file() -> None:
    """Batches of different shapes give one header, the same each time."""
    batches = [batch(b="1"), batch(a="2"), batch() | {"ip": "203.0.113.7"}]
    files = [feed(*batches) for _ in range(5)]
    assert len({file.content for file in files}) == 1
    assert files[0].columns[:3] == ("environment", "ip", "user_identities.other")


def test_one_column_too_many_is_refused() -> None:
    """49 columns go, and the error for 50 names both counts."""
    most = contract.MAX_FEED_COLUMNS
    assert len(feed(batch(**{f"a{n}": "x" for n in range(most - 2)})).columns) == most
    with pytest.raises(InputError, match=f"^50 columns.*at most {most}.*Leave 1 out"):
        feed(batch(**{f"a{n}": "x" for n in range(most - 1)}))


@pytest.mark.parametrize("filling", ["x", '"', "é", "\n"])
def test_a_row_may_have_just_so_many_bytes(filling: str) -> None:
    """A row counts as it is written, line end and all; its error says how many are too long."""

    def written(count: int) -> int:
        return len(feed(batch(a=filling * count)).content.split(b"\r\n", 1)[1])

    each = written(2) - written(1)
    most = contract.MAX_FEED_ROW_BYTES
    count = (most - written(1)) // each + 1
    assert most - each < written(count) <= most
    with pytest.raises(InputError, match=f"^2 rows have more than {most:,} bytes"):
        feed(*[batch(a=filling * (count + 1))] * 2, batch(a="short"))


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        ([event(event_name="x") | {"events": [{}, {}]}], "1 batches hold several events"),
        ([event(event_name="x"), batch()], "1 batches hold no event of type custom_event"),
        ([batch(a=["x", "y"])], "user_attributes.a holds lists"),
        ([batch() | {"application_info": {"os": "x"}}], "application_info.os has no column"),
        ([batch() | {"user_identities": {"mobile_number": "7"}}], "mobile_number has no column"),
        ([], "There is no batch"),
    ],
)
def test_what_a_feed_cannot_say_is_refused(batches: list[dict[str, Any]], said: str) -> None:
    """What has no place in a file is an error, and never left out in silence."""
    with pytest.raises(InputError, match=said):
        feed(*batches)


def test_many_batches_take_seconds() -> None:
    """Two hundred thousand conversions become a file in a few seconds."""
    count = 200_000
    numbers = pl.int_range(count, eager=True).cast(pl.String).alias("number")
    head = '{"environment":"production","user_identities":{"other":"' + HELLO
    tail = '","timestamp_unixtime_ms":1790640000000,"custom_attributes":{"amount":49.90}}}]}'
    middle = '"},"events":[{"event_type":"custom_event","data":{"event_name":"c'
    lines = numbers.to_frame().select(
        pl.concat_str(pl.lit(head + middle), "number", pl.lit(tail)).alias("batch")
    )
    began = time.monotonic()
    file = feed_csv(lines.to_series())
    assert time.monotonic() - began < 30
    assert file.content.count(b"\r\n") == count + 1
    assert file.content.endswith(
        b"production," + HELLO.encode() + b",c199999,1790640000000,49.90\r\n"
    )
