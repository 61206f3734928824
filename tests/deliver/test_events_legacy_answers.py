"""The legacy Event API: what goes over the wire, and answers that the sandbox never gives."""

from __future__ import annotations

import json
import re
import socket
import uuid
from typing import Any

import polars as pl
import pytest

from rokt_helpers import contract
from rokt_helpers.channels.channel import LeftOut
from rokt_helpers.channels.legacy_events import Version
from rokt_helpers.errors import InDoubt, Refused, Unavailable
from tests.deliver.http_channels import Noted, answer
from tests.deliver.http_servers import listening
from tests.deliver.legacy_calls import Held, given_back, lines, replies, send, talking, token
from tests.deliver.lists import addresses, digests


def test_a_request_as_it_is_sent() -> None:
    """The headers and credentials of both versions are those that the pages name."""
    with listening(replies(token(), given_back())) as server, talking(server.url, "v1") as channel:
        send(channel, lines(1))
    asked, called = server.heads
    assert asked.startswith("POST /auth/oauth2/token HTTP/1.1\r\n")
    assert "\r\nAuthorization: Basic YXBwOmNhbmFyeS1zZWNyZXQ=\r\n" in asked
    assert "\r\nContent-Type: application/x-www-form-urlencoded\r\n" in asked
    assert called.startswith("POST /v1/events HTTP/1.1\r\n")
    for line in (
        "Authorization: Bearer canary-token",
        "Content-Type: application/json",
        "Charset: utf-8",
        f"Rokt-Version: {contract.LEGACY_ROKT_VERSION}",
    ):
        assert f"\r\n{line}\r\n" in called
    [key] = re.findall(r"\r\nIdempotency-Key: (.*)\r\n", called)
    assert (str(uuid.UUID(key)), uuid.UUID(key).version) == (key, 4)
    with listening(replies(given_back())) as server, talking(server.url) as channel:
        send(channel, lines(1))
    [called] = server.heads
    assert called.startswith("POST /v2/events HTTP/1.1\r\n")
    assert "\r\nAuthorization: Basic cnB1Yi0xOnJzZWMtMQ==\r\n" in called
    assert "Idempotency-Key" not in called


def test_reasons_hold_no_values() -> None:
    """Words of the platform that repeat the event's values, or the key, go on without them."""
    [line] = lines(1, clienteventid=["canary-event"], productname=["Canary Cruise"])
    record = json.loads(line)
    [person] = digests(addresses(1))
    words = (
        f"event CANARY-EVENT: productname 'Canary Cruise' of {person}, order order-0, "
        "canary@example.com, cnB1Yi0xOnJzZWMtMQ== is odd"
    )
    odd = {"error": {"code": "ValidationError", "message": words}, "record": record}
    with listening(replies(given_back(odd))) as server, talking(server.url) as channel:
        [left] = send(channel, pl.Series("event", [line])).left_out
    assert left == LeftOut(
        0,
        "ValidationError: event •••: productname '•••' of •••, order •••, •••@•••, ••• is odd",
    )


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"error": {}, "record": {}}, LeftOut(None, "no reason was given")),
        ({"error": None, "record": None}, LeftOut(None, "no reason was given")),
        (
            {"error": {"code": 7}, "record": {"clientEventId": 7}},
            LeftOut(None, "no reason was given"),
        ),
        (
            {"error": {"code": "Gone"}, "record": {"clientEventId": "two", "objectData": 7}},
            LeftOut(1, "Gone"),
        ),
    ],
)
def test_records_of_another_shape(odd: Any, told: LeftOut) -> None:
    """An event that comes back in pieces still counts as left out."""
    with listening(replies(given_back(odd))) as server, talking(server.url) as channel:
        sent = lines(2, clienteventid=["one", "two"])
        assert send(channel, sent).left_out == (told,)


def test_all_of_a_call_comes_back() -> None:
    """A long answer is read whole: a hundred events of two thousand characters come back."""
    sent = lines(100, productname=["x" * 2000] * 100)
    records = [{"error": {"code": "No"}, "record": json.loads(line)} for line in sent]
    with listening(replies(given_back(*records))) as server, talking(server.url) as channel:
        left_out = send(channel, sent).left_out
    assert [left.position for left in left_out] == [*range(100)]


def test_more_comes_back_than_was_sent() -> None:
    """An answer about more events than the call held is about another call, so this is in doubt."""
    odd = {"error": {"code": "No"}, "record": {}}
    with (
        listening(replies(given_back(odd, odd))) as server,
        talking(server.url) as channel,
        pytest.raises(InDoubt, match="does not say which"),
    ):
        send(channel, lines(1))


@pytest.mark.parametrize(
    "text", ["", "OK", "[]", "{}", '{"data":null}', '{"data":{}}', "[" * 3000,
             '{"data":{"unprocessedRecords":null}}', '{"data":{"unprocessedRecords":[7]}}',
             '{"data":{"unprocessedRecords":["canary"]}}', '{"data":{"unprocessedRecords":[{}]}}'],
)  # fmt: skip
def test_a_yes_that_says_nothing(text: str) -> None:
    """A 200 that does not say which events were stored is no receipt, but doubt."""
    with (
        listening(replies(answer("200 OK", text=text))) as server,
        talking(server.url) as channel,
        pytest.raises(InDoubt, match="does not say which events were stored") as caught,
    ):
        send(channel, lines(1))
    assert caught.value.status == 200


def test_an_answer_that_is_too_long() -> None:
    """Of an answer of more than a megabyte the end is not read, and what was stored is in doubt."""
    endless = answer("200 OK", text='{"data":{"unprocessedRecords":[' + " " * 1_000_000 + "]}}")
    with (
        listening(replies(endless)) as server,
        talking(server.url) as channel,
        pytest.raises(InDoubt),
    ):
        send(channel, lines(1))


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (answer("500 Oops"), Unavailable, r"now \(500\)"),
        (answer("401 No", text="canary-secret"), Refused, "ROKT_APP_SECRET"),
        (
            answer("400 Bad", text='{"data":{"code":"BadRequest","message":"a word"}}'),
            Refused,
            r"\(400\): BadRequest: a word",
        ),
        (answer("200 OK", text="canary"), Refused, "without a token that can be used"),
        (answer("200 OK", text='["canary"]'), Refused, "without a token"),
        (token(access_token="canary\r\nHeader: 1"), Refused, "without a token"),
        (token(access_token="canary\0"), Refused, "without a token"),
        (token(access_token=7), Refused, "without a token"),
        (token().replace(b"200 OK", b"201 Created"), Refused, "without a token"),
        (b"", Unavailable, "asked for a token. No event was sent"),
    ],
)
def test_no_token(reply: bytes, error: type[Exception], said: str) -> None:
    """Where no token can be had no event is sent, and the message says so and shows nothing."""
    turn = Noted()
    with listening(replies(reply)) as server, talking(server.url, "v1") as channel:
        with pytest.raises(error, match=said) as caught:
            send(channel, lines(1), turn=turn)
        [finding] = channel.check()
    assert "canary" not in repr(caught.value)
    assert (turn.noted, finding.well) == ([], False)


@pytest.mark.parametrize(
    ("told", "later", "tokens"),
    [(600, 539, 1), (600, 540, 2), (10**9, 3_540, 2), ("soon", 3_539, 1), (True, 3_539, 1)],
)
def test_how_long_a_token_is_good(told: Any, later: float, tokens: int) -> None:
    """A shorter life that the platform names is kept to; never is a token used beyond its hour."""
    clock = Held()
    answers = [token(expires_in=told), given_back(), *[token()] * (tokens - 1), given_back()]
    with listening(replies(*answers)) as server, talking(server.url, "v1", clock=clock) as channel:
        send(channel, lines(1))
        clock.seconds += later
        send(channel, lines(1))
    assert len([head for head in server.heads if "oauth2" in head]) == tokens


def test_a_server_that_repeats_the_token() -> None:
    """Where a server repeats the header of version 1, neither message nor reprs show the token."""
    refusal = answer("400 Bad Request", text="cannot read Bearer canary-token")
    with listening(replies(token(), refusal)) as server, talking(server.url, "v1") as channel:
        with pytest.raises(Refused, match=r"cannot read Bearer •••$") as caught:
            send(channel, lines(1))
        shown = repr(caught.value) + repr(channel) + repr(channel._tokens) + repr(vars(channel))
    assert "canary" not in shown


def test_nobody_there() -> None:
    """Where nobody listens the setting is named, and the call may be made again."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        version: Version
        for version in ("v1", "v2"):
            with (
                talking(url, version) as channel,
                pytest.raises(Unavailable, match="ROKT_LEGACY_EVENTS_URL"),
            ):
                send(channel, lines(1))
