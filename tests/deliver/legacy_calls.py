"""Calls to the legacy Event API: invented purchases, one way to send them, answers to give."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from pydantic import SecretStr

from rokt_helpers.channels.channel import Confirmation, Turn
from rokt_helpers.channels.legacy_events import LegacyEventsChannel, Version
from rokt_helpers.clock import Clock
from rokt_helpers.conversions import prepare_conversions
from rokt_helpers.events import legacy_event_lines
from rokt_helpers.plan import Batch, Target
from tests.deliver.http_channels import answer
from tests.deliver.http_servers import Server, read_request
from tests.deliver.lists import addresses

__all__ = ["Held", "given_back", "lines", "replies", "send", "talking", "token"]


class Held(Clock):
    """A clock that stands still until it is set forward."""

    seconds = 1000.0

    def monotonic(self) -> float:
        """Return the moment that was set."""
        return self.seconds


def lines(count: int, *, first: int = 0, **columns: list[str]) -> pl.Series:
    """Return the events of so many invented purchases, one a person."""
    frame = {
        "email": addresses(count, first=first),
        "orderid": [f"order-{number}" for number in range(first, first + count)],
        "eventtime": ["2026-11-20T09:30:00Z"] * count,
        **columns,
    }
    return legacy_event_lines(prepare_conversions(pl.DataFrame(frame))).to_series()


def send(
    channel: LegacyEventsChannel,
    events: pl.Series,
    *,
    name: str = "include-1",
    number: int = 1,
    account: str = "123456789",
    turn: Turn | None = None,
) -> Confirmation:
    target = Target("sandbox", "events-legacy", account, channel.host, "", "include", "conversions")
    batch = Batch(number, "include", part=0, offset=0, rows=len(events), fingerprint="0" * 64)
    return channel.send(target, batch, events, name=name, turn=turn or Turn())


@contextmanager
def talking(
    url: str, version: Version = "v2", *, clock: Clock | None = None
) -> Iterator[LegacyEventsChannel]:
    channel = LegacyEventsChannel(
        url, account_id="123456789", version=version, public_key="rpub-1",
        secret_key=SecretStr("rsec-1"), app_id="app", app_secret=SecretStr("canary-secret"),
        clock=clock or Clock(),
    )  # fmt: skip
    try:
        yield channel
    finally:
        channel.close()


def replies(*answers: bytes) -> Callable[[socket.socket, Server], None]:
    """Answer the requests of a test in order, over however many connections."""
    left = list(answers)

    def talk(wire: socket.socket, seen: Server) -> None:
        while left and read_request(wire, seen):
            wire.sendall(left.pop(0))

    return talk


def token(**told: Any) -> bytes:
    given = {"access_token": "canary-token", "expires_in": 3600, "token_type": "Bearer", **told}
    return answer("200 OK", text=json.dumps(given))


def given_back(*records: Any) -> bytes:
    return answer("200 OK", text=json.dumps({"data": {"unprocessedRecords": records}}))
