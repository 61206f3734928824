from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.channels import blocks
from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.retry_after import LONGEST_PAUSE_SECONDS, read_retry_after
from rokt_helpers.errors import InDoubt, Refused, Unavailable
from tests.deliver.http_channels import CHANNELS, KEY, Noted, answer, both, talking
from tests.deliver.http_servers import (
    CREATED,
    Server,
    answering,
    listening,
    read_head,
    read_request,
    send,
)

# --- to whom ------------------------------


@both
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirection_is_refused(kind: Callable[..., Any], status: str) -> None:
    """A redirection is a refusal that says so, and the other host hears nothing at all."""
    with listening(answering(CREATED)) as other:
        elsewhere = answer(status, f"Location: {other.url}/v3/import/suppression")
        with listening(answering(elsewhere)) as server, talking(server.url, kind) as channel:
            with pytest.raises(Refused, match=r"which is not followed: keys and identifiers go"):
                send(channel)
            assert len(server.heads) == 1
        assert other.heads == []


@both
def test_a_server_that_repeats_the_key(kind: Callable[..., Any]) -> None:
    """Where a server repeats the header it was sent, the message does not."""

    def repeat(wire: socket.socket, seen: Server) -> None:
        read_request(wire, seen)
        [line] = [text for text in seen.heads[0].splitlines() if text.startswith("Authorization")]
        wire.sendall(answer("400 Bad Request", text=f"cannot read {line}"))

    with listening(repeat) as server, talking(server.url, kind) as channel:
        with pytest.raises(Refused, match=r"cannot read Authorization: .*•••$") as caught:
            send(channel)
        secret = server.heads[0].partition("Authorization: ")[2].split("\r\n")[0].split()[-1]
        assert len(secret) > 10
        assert secret not in repr(caught.value)


def test_a_long_answer_is_cut_at_a_word() -> None:
    """Of a long answer the beginning is shown, and no half of an address at its end."""
    text = " " * 4080 + "canary.person@example.com and more"
    refusal = answer("400 Bad Request", text=f"No:{text}")
    with listening(answering(refusal)) as server, talking(server.url) as channel:
        with pytest.raises(Refused, match=r"\(400\): No:$") as caught:
            send(channel)
        assert "canary" not in str(caught.value)


@both
def test_the_key_is_ours(
    kind: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password that ~/.netrc keeps for the host is not sent in place of the key."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    expected = "Basic cnB1Yi0xOnJzZWMtMQ==" if kind is CHANNELS[0] else KEY
    with listening(answering(CREATED)) as server, talking(server.url, kind) as channel:
        send(channel)
        assert f"\r\nAuthorization: {expected}\r\n" in server.heads[0]


# --- answers that do not come whole ------------------------------


@both
@pytest.mark.parametrize(
    "piece",
    [
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 201 Created\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Le",
        b"HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\nCre",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nCre",
        b"nonsense\r\n\r\n",
    ],
)
def test_half_an_answer_is_doubt(kind: Callable[..., Any], piece: bytes) -> None:
    """A request that has left, and whose answer is lost or torn, may have been carried out."""
    with listening(answering(piece)) as server, talking(server.url, kind) as channel:
        with pytest.raises(InDoubt, match="may have been carried out"):
            send(channel)
        assert server.body_bytes > 0


@pytest.mark.parametrize(
    "whole",
    [
        b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\nCreated",
        b"HTTP/1.0 201 Created\r\n\r\nCreated",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nCreated\r\n0\r\n\r\n",
    ],
)
def test_every_way_to_end_an_answer(whole: bytes) -> None:
    """An answer may end with the connection where it says so, or be sent in chunks."""
    with listening(answering(whole)) as server, talking(server.url) as channel:
        assert send(channel).status == 201


def test_an_answer_that_trickles() -> None:
    """An answer that gives a sign of life now and then does not hold a sender for ever."""
    long = answer("201 Created", text="x" * 1000)
    began = time.monotonic()
    with (
        listening(answering(long, byte_seconds=0.01)) as server,
        talking(server.url, answer_seconds=0.3) as channel,
        pytest.raises(InDoubt),
    ):
        send(channel)
    assert time.monotonic() - began < 5


def test_a_server_that_says_nothing() -> None:
    """A request that nobody answers in time may have been carried out."""
    with (
        listening(answering(CREATED, byte_seconds=0.5)) as server,
        talking(server.url, silence_seconds=0.2) as channel,
        pytest.raises(InDoubt),
    ):
        send(channel)


# --- how the body leaves ------------------------------


def test_a_slow_line_is_slow_and_not_broken() -> None:
    """A large request may take longer than the time-out, as long as each of its blocks does not."""

    def sip(wire: socket.socket, _: Server) -> None:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        left = int(read_head(wire).lower().partition(b"content-length: ")[2].split()[0])
        while left and (block := wire.recv(65536)):
            left -= len(block)
            time.sleep(0.01)
        wire.sendall(CREATED)

    began = time.monotonic()
    with listening(sip) as server, talking(server.url, line_seconds=0.6) as channel:
        assert send(channel, rows=100_000).status == 201
    assert time.monotonic() - began > 0.8


def test_a_line_that_stands_still() -> None:
    """Where the other side stops reading the request is given up, in doubt."""

    def stop(wire: socket.socket, _: Server) -> None:
        read_head(wire)
        time.sleep(1)

    with (
        listening(stop) as server,
        talking(server.url, line_seconds=0.3) as channel,
        pytest.raises(InDoubt),
    ):
        send(channel, rows=100_000)


def test_a_body_leaves_in_large_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest request, 6.7 MB, leaves in 26 blocks, and its turn is told once."""
    sizes: list[int] = []
    read = blocks.Body.read

    def counting(self: blocks.Body, size: int) -> memoryview:
        block = read(self, size)
        sizes.append(len(block))
        return block

    monkeypatch.setattr(blocks.Body, "read", counting)
    turn = Noted()
    with listening(answering(CREATED)) as server, talking(server.url) as channel:
        send(channel, rows=100_000, turn=turn)
    assert turn.noted == ["wait", "began"]
    assert (sum(sizes), len([size for size in sizes if size])) == (server.body_bytes, 26)
    assert server.body_bytes > 6_700_000


def test_the_turn_is_told_after_the_headers_left() -> None:
    """When the first byte of the body is asked for the server has the headers already."""
    heads: list[str] = []

    class Watching(Turn):
        def began(self) -> None:
            deadline = time.monotonic() + 5
            while not server.heads and time.monotonic() < deadline:
                time.sleep(0.01)
            heads.extend(server.heads)

    def talk(wire: socket.socket, seen: Server) -> None:
        seen.heads.append(read_head(wire).decode())
        wire.sendall(CREATED)
        wire.recv(65536)

    with listening(talk) as server, talking(server.url) as channel:
        send(channel, turn=Watching())
    assert heads[0].startswith("POST /v3/import/suppression")


@both
def test_nobody_there(kind: Callable[..., Any]) -> None:
    """Where nobody listens no request began, and nothing can have been carried out."""
    turn = Noted()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with talking(url, kind) as channel, pytest.raises(Unavailable, match="be reached"):
            send(channel, turn=turn)
    assert turn.noted == ["wait"]


# --- pauses that are asked for ------------------------------

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(**later: float) -> str:
    return format_datetime(NOW + timedelta(**later), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": at(seconds=90), "Date": at()}, 90),
        ({"Retry-After": at(seconds=-90), "Date": at()}, 0),
        ({"Retry-After": at(seconds=90), "Date": at(seconds=60)}, 30),
        ({"Retry-After": "600"}, 600),
        ({"Retry-After": "601"}, 600),
        ({"Retry-After": "9" * 400}, 600),
        ({"Retry-After": at(days=1), "Date": at()}, 600),
    ],
)
def test_how_long_a_pause_is(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds and moments are understood, by the platform's own clock; ten minutes is the most."""
    found, remark = read_retry_after(headers)
    assert found == seconds
    assert (headers.get("Retry-After") != "600" and found == LONGEST_PAUSE_SECONDS) == bool(remark)


def test_a_moment_without_the_server_s_clock() -> None:
    """Where the answer has no date of its own the moment is measured by this computer's clock."""
    seconds, _ = read_retry_after(
        {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)}
    )
    assert seconds is not None
    assert 50 < seconds <= 60


@both
def test_a_long_pause_is_cut_and_said(kind: Callable[..., Any]) -> None:
    """A platform that asks for an hour is asked again after ten minutes, and the error says so."""
    busy = answer("429 Too Many Requests", f"Date: {at()}", f"Retry-After: {at(hours=1)}")
    with listening(answering(busy)) as server, talking(server.url, kind) as channel:
        with pytest.raises(Unavailable, match=r"after 10 minutes it is tried again") as caught:
            send(channel)
        assert caught.value.retry_after_seconds == 600


# --- company networks ------------------------------
