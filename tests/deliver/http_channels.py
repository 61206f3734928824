"""Both HTTP channels, opened on whatever address a test has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.custom_audience import CustomAudienceChannel
from rokt_helpers.channels.http import TimeOuts
from rokt_helpers.channels.legacy_audience import LegacyAudienceChannel

__all__ = ["CHANNELS", "KEY", "Noted", "answer", "both", "talking"]

KEY = "an-api-key-of-ours"
CHANNELS: list[Callable[..., Any]] = [
    lambda url, **more: CustomAudienceChannel(
        url, account_id="123456789", public_key="rpub-1", secret_key=SecretStr("rsec-1"), **more
    ),
    lambda url, **more: LegacyAudienceChannel(url, api_key=SecretStr(KEY), **more),
]
both = pytest.mark.parametrize("kind", CHANNELS, ids=["api", "api-legacy"])


@contextmanager
def talking(url: str, kind: Callable[..., Any] = CHANNELS[0], **times: float) -> Iterator[Any]:
    channel = kind(url, time_outs=TimeOuts(**times))
    try:
        yield channel
    finally:
        channel.close()


def answer(status: str, *headers: str, text: str = "") -> bytes:
    length = f"Content-Length: {len(text.encode())}"
    return "\r\n".join([f"HTTP/1.1 {status}", length, *headers, "", text]).encode()


class Noted(Turn):
    """A turn that keeps what it was asked and told, in order."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def wait(self) -> None:
        """Note the question."""
        self.noted.append("wait")

    def began(self) -> None:
        """Note the news."""
        self.noted.append("began")
