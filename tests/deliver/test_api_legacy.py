from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.legacy_audience import LegacyAudienceChannel
from rokt_helpers.errors import InDoubt, Refused, SettingsError, Unavailable
from rokt_helpers.plan import Batch, Target
from rokt_helpers.sandbox import Fault, Sandbox
from tests.deliver.http_servers import answering, listening, send
from tests.deliver.lists import addresses, digests


@pytest.fixture
def channel(sandbox: Sandbox) -> Iterator[LegacyAudienceChannel]:
    key = SecretStr(sandbox.environment["ROKT_API_KEY"])
    opened = LegacyAudienceChannel(sandbox.url, api_key=key)
    yield opened
    opened.close()


def test_a_batch_arrives(channel: LegacyAudienceChannel, sandbox: Sandbox) -> None:
    """A batch goes to the legacy address, is confirmed with a proof, and these are the people."""
    confirmation = send(channel, rows=100_000)
    [request] = sandbox.requests()
    assert (request.path, request.identifiers) == (contract.LEGACY_IMPORT_PATH, 100_000)
    assert (confirmation.status, confirmation.request_id) == (201, request.request_id)
    assert sandbox.members("VIP") == digests(addresses(100_000))


def test_plain_addresses_and_exclusion(channel: LegacyAudienceChannel, sandbox: Sandbox) -> None:
    """Plain addresses are the same people as their digests, and exclude takes them off."""
    send(channel, rows=9)
    target = Target("sandbox", "api-legacy", "123456789", channel.host, "VIP", "exclude")
    batch = Batch(number=1, action="exclude", part=0, offset=0, rows=5, fingerprint="0" * 64)
    people = pl.Series("email", addresses(5))
    channel.send(target, batch, people, name="one", turn=Turn())
    assert sandbox.members("VIP") == digests(addresses(4, first=5))


def test_the_same_batch_twice(channel: LegacyAudienceChannel, sandbox: Sandbox) -> None:
    """Sending a batch again changes nothing, which is why a batch in doubt may be repeated."""
    assert [send(channel).status for _ in range(2)] == [201, 201]
    assert sandbox.members("VIP") == digests(addresses(5))


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_key_that_is_not_accepted(status: str) -> None:
    """After 401 and 403 the error names the setting to look at, and not the key."""
    refusal = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    with listening(answering(refusal)) as server:
        channel = LegacyAudienceChannel(server.url, api_key=SecretStr("another-key"))
        with pytest.raises(Refused, match="Check ROKT_API_KEY") as caught:
            send(channel)
        channel.close()
        assert caught.value.status == int(status[:3])
        assert "another-key" not in repr(caught.value)


def test_a_wrong_key(sandbox: Sandbox) -> None:
    """The sandbox refuses a key that is not its own, and no list changes."""
    channel = LegacyAudienceChannel(sandbox.url, api_key=SecretStr("another-key"))
    with pytest.raises(Refused, match="401"):
        send(channel)
    channel.close()
    assert sandbox.members("VIP") == frozenset()


@pytest.mark.parametrize("key", ["", " ", "key\n", "two words", "k\u2019ey", "k\u00e9y", "k\x00ey"])
def test_a_key_that_no_header_may_hold(key: str) -> None:
    """A key with a line end or the like is refused before anything is sent, and is not shown."""
    with pytest.raises(SettingsError, match="ROKT_API_KEY") as caught:
        LegacyAudienceChannel("http://127.0.0.1:1", api_key=SecretStr(key))
    assert not key.strip() or key not in repr(caught.value)


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (Fault.answer(400), Refused, r"refused the request \(400\)"),
        (Fault.answer(403), Refused, "API key was not accepted"),
        (Fault.answer(404), Refused, r"refused the request \(404\)"),
        (Fault.answer(413), Refused, r"refused the request \(413\)"),
        (Fault.answer(429, retry_after_seconds=3), Unavailable, r"not take the request now \(429"),
        (Fault.answer(500), Unavailable, r"not take the request now \(500"),
        (Fault.answer(503, retry_after_seconds=900), Unavailable, "asks for a longer pause"),
        (Fault.drop_before_reading(), InDoubt, "may have been carried out"),
        (Fault.drop_before_answer(), InDoubt, "may have been carried out"),
    ],
)
def test_faults(
    channel: LegacyAudienceChannel,
    sandbox: Sandbox,
    fault: Fault,
    error: type[Exception],
    said: str,
) -> None:
    """Each fault is one of our errors after one request, and the next send is confirmed."""
    sandbox.script(fault)
    with pytest.raises(error, match=said) as caught:
        send(channel, rows=1000)
    assert len(sandbox.requests()) == 1
    asked = {None: None, 3: 3, 900: 600}[fault.retry_after_seconds]
    assert getattr(caught.value, "retry_after_seconds", None) == asked
    assert send(channel, rows=1000).status == 201
    assert sandbox.members("VIP") == digests(addresses(1000))


def test_the_request_id_leads(channel: LegacyAudienceChannel, sandbox: Sandbox) -> None:
    """The platform's request id comes first in the message."""
    sandbox.script(Fault.answer(400))
    with pytest.raises(Refused) as caught:
        send(channel)
    assert str(caught.value).startswith(f"[{sandbox.requests()[0].request_id}] ")


def test_the_check_is_honest(channel: LegacyAudienceChannel, sandbox: Sandbox) -> None:
    """The check sends nothing and says that nothing was tried."""
    [finding] = channel.check()
    assert "nothing was sent" in finding.detail
    assert sandbox.requests() == []
    assert channel.picked_up("one") is None  # type: ignore[func-returns-value]


def test_the_limits_are_those_of_version_three(channel: LegacyAudienceChannel) -> None:
    """Requests hold 100,000 identifiers and keep the pace of the newer API."""
    limits = channel.limits
    assert (limits.batch_rows, limits.starts_per_second, limits.in_flight) == (100_000, 4, 4)
