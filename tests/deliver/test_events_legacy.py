"""The legacy Event API, versions 1 and 2, as the sandbox takes it and as networks break it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr

from rokt_helpers.channels.channel import Confirmation, Turn
from rokt_helpers.channels.legacy_events import LegacyEventsChannel, Version
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InDoubt, Refused, Unavailable
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.faults import Wire
from tests.deliver.http_channels import Noted
from tests.deliver.legacy_calls import Held, lines, send
from tests.deliver.lists import addresses, digests

WIRE: Wire = "legacy-events"
TOKEN_PATH = "/legacy/auth/oauth2/token"
both_versions = pytest.mark.parametrize("version", ["v1", "v2"])


def opened(sandbox: Sandbox, version: Version, **changes: Any) -> LegacyEventsChannel:
    there = sandbox.environment
    given = {
        "account_id": there["ROKT_ACCOUNT_ID"],
        "clock": Clock(),
        "public_key": there["ROKT_PUBLIC_KEY"],
        "secret_key": SecretStr(there["ROKT_SECRET_KEY"]),
        "app_id": there["ROKT_APP_ID"],
        "app_secret": SecretStr(there["ROKT_APP_SECRET"]),
        **changes,
    }
    return LegacyEventsChannel(there["ROKT_LEGACY_EVENTS_URL"], version=version, **given)


def paths(sandbox: Sandbox) -> list[str]:
    return [request.path for request in sandbox.requests()]


@pytest.fixture
def v1(sandbox: Sandbox) -> Iterator[LegacyEventsChannel]:
    channel = opened(sandbox, "v1")
    yield channel
    channel.close()


@pytest.fixture
def v2(sandbox: Sandbox) -> Iterator[LegacyEventsChannel]:
    channel = opened(sandbox, "v2")
    yield channel
    channel.close()


@pytest.fixture(params=["v1", "v2"])
def channel(request: pytest.FixtureRequest) -> LegacyEventsChannel:
    """Either version."""
    found: LegacyEventsChannel = request.getfixturevalue(request.param)
    return found


# --- what arrives ------------------------------


def test_a_full_call_arrives(channel: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """A hundred conversions go in one call, and the sandbox understood each of them."""
    turn = Noted()
    confirmation = send(channel, lines(100), turn=turn)
    request = sandbox.requests()[-1]
    assert request.identifiers == 100
    assert confirmation == Confirmation(status=200, request_id=request.request_id)
    stored = sandbox.events.conversions()
    assert {each.person for each in stored} == digests(addresses(100))
    assert {each.confirmationref for each in stored} == {f"order-{n}" for n in range(100)}
    assert {str(each.happened) for each in stored} == {"2026-11-20 09:30:00+00:00"}
    assert sandbox.events.left_out() == []
    assert turn.noted == ["wait", "began"]


def test_the_limits(v2: LegacyEventsChannel) -> None:
    """A call holds a hundred events, and the pace is that of the custom audience API."""
    limits = v2.limits
    assert (limits.batch_rows, limits.batch_bytes) == (100, None)
    assert (limits.starts_per_second, limits.in_flight) == (4, 4)


def test_what_was_left_out(channel: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Within a 200 the events that were not stored are told by their place, and why."""
    sandbox.script(Fault.leave_out(2, wire=WIRE))
    confirmation = send(channel, lines(5))
    assert [left.position for left in confirmation.left_out] == [0, 1]
    assert confirmation.left_out[0].reason == "ValidationError: left out by a scripted fault"
    assert len(sandbox.events.conversions()) == 3


def test_the_same_event_twice_in_a_call(v2: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Of two events with one id the first is stored, and the second is the one that is named."""
    confirmation = send(v2, lines(3, clienteventid=["one", "two", "one"]))
    assert [left.position for left in confirmation.left_out] == [2]
    assert len(sandbox.events.conversions()) == 2
    confirmation = send(v2, pl.concat([lines(1, first=9)] * 3))
    assert sorted(left.position or 0 for left in confirmation.left_out) == [1, 2]


def test_the_same_call_twice(v2: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Sent again, version 2 knows the events by their ids, and nothing is there twice."""
    assert [send(v2, lines(5)).status for _ in range(2)] == [200, 200]
    assert [each.times for each in sandbox.events.conversions()] == [1] * 5


# --- the key of a call ------------------------------


def test_a_lost_answer_is_found_again(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """After a lost answer the same call has the same key: the 409 says that it had arrived."""
    sandbox.script(Fault.drop_before_answer(wire=WIRE))
    with pytest.raises(InDoubt):
        send(v1, lines(5))
    confirmation = send(v1, lines(5))
    assert (confirmation.status, confirmation.left_out) == (409, ())
    assert [each.times for each in sandbox.events.conversions()] == [1] * 5


def test_other_calls_have_other_keys(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Another batch of a run, and another run, are not taken for this call."""
    assert send(v1, lines(2)).status == 200
    assert send(v1, lines(2, first=2), number=2).status == 200
    assert send(v1, lines(2, first=4), name="include-2").status == 200
    assert len(sandbox.events.conversions()) == 6


def test_a_conflict_that_nobody_explains(v2: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Version 2 is sent no key, so a 409 from it proves nothing, and is a refusal."""
    sandbox.script(Fault.answer(409, wire=WIRE))
    with pytest.raises(Refused, match=r"\(409\): Conflict: a scripted answer"):
        send(v2, lines(1))


# --- tokens ------------------------------


def test_one_token_for_many_calls(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Four senders at once ask for one token between them."""
    with ThreadPoolExecutor(4) as pool:
        sends = [pool.submit(send, v1, lines(1, first=n), number=n) for n in range(8)]
        assert [each.result().status for each in sends] == [200] * 8
    assert paths(sandbox).count(TOKEN_PATH) == 1
    assert len(sandbox.events.conversions()) == 8


@pytest.mark.parametrize(("later", "tokens"), [(3_539.0, 1), (3_540.0, 2)])
def test_a_token_is_kept_for_its_hour(sandbox: Sandbox, later: float, tokens: int) -> None:
    """A token is kept until a minute before its hour is over, and then there is another one."""
    clock = Held()
    channel = opened(sandbox, "v1", clock=clock)
    send(channel, lines(1))
    clock.seconds += later
    send(channel, lines(1, first=1), number=2)
    channel.close()
    assert paths(sandbox).count(TOKEN_PATH) == tokens


def test_a_token_that_ended_early(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """After a 401 there is a new token, the call goes once more in its turn, and is stored once."""
    send(v1, lines(1))
    sandbox.script(Fault.answer(401, wire=WIRE))
    turn = Noted()
    assert send(v1, lines(3, first=1), number=2, turn=turn).status == 200
    events = "/legacy/v1/events"
    assert paths(sandbox)[2:] == [events, TOKEN_PATH, events]
    assert turn.noted == ["wait", "began"] * 2
    assert [each.times for each in sandbox.events.conversions()] == [1] * 4


class Together(Turn):
    """A turn that comes when all who share a barrier are there."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self._barrier = barrier

    def wait(self) -> None:
        """Wait for the others."""
        self._barrier.wait(timeout=10)


def test_many_find_that_a_token_ended(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Of four senders who are refused with one token one fetches another, and all use it."""
    send(v1, lines(1))
    sandbox.script(Fault.answer(401, times=4, wire=WIRE))
    turn = Together(threading.Barrier(4))
    with ThreadPoolExecutor(4) as pool:
        sends = [pool.submit(send, v1, lines(1, first=n), number=n, turn=turn) for n in range(2, 6)]
        assert [each.result().status for each in sends] == [200] * 4
    assert paths(sandbox).count(TOKEN_PATH) == 2
    assert len(sandbox.events.conversions()) == 5


def test_a_401_that_stays(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Refused with a new token too, the call is not made a third time."""
    sandbox.script(Fault.answer(401, times=9, wire=WIRE))
    with pytest.raises(Refused, match="ROKT_APP_ID, ROKT_APP_SECRET and ROKT_ACCOUNT_ID"):
        send(v1, lines(1))
    assert [request.status for request in sandbox.requests()] == [200, 401, 200, 401]


def test_version_2_knows_no_tokens(v2: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """A key pair that is refused is refused: there is nothing to fetch, and one call is made."""
    sandbox.script(Fault.answer(401, wire=WIRE))
    with pytest.raises(Refused, match="ROKT_PUBLIC_KEY, ROKT_SECRET_KEY"):
        send(v2, lines(1))
    assert paths(sandbox) == ["/legacy/v2/events"]


# --- what goes wrong ------------------------------


@both_versions
def test_wrong_credentials(sandbox: Sandbox, version: Version) -> None:
    """The settings to look at are named, the secrets are not, and no event arrives."""
    wrong = SecretStr("wrong-canary")
    channel = opened(sandbox, version, secret_key=wrong, app_secret=wrong)
    with pytest.raises(Refused, match=r"not accepted \(401\)") as caught:
        send(channel, lines(1))
    channel.close()
    assert "canary" not in repr(caught.value) + repr(channel)
    assert sandbox.events.conversions() == []


def test_another_account(channel: LegacyEventsChannel) -> None:
    """Where the credentials are not the account's, the account is named as what to look at."""
    with pytest.raises(Refused, match=r"\(403\), or .* not for this account.*ROKT_ACCOUNT_ID"):
        send(channel, lines(1), account="1")


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        (Fault.answer(400, wire=WIRE), Refused, r"\(400\): BadRequest: a scripted answer$"),
        (Fault.answer(404, wire=WIRE), Refused, r"\(404\)"),
        (Fault.answer(429, retry_after_seconds=3, wire=WIRE), Unavailable, r"now \(429\)"),
        (Fault.answer(500, wire=WIRE), Unavailable, r"now \(500\)"),
        (Fault.answer(503, retry_after_seconds=2, wire=WIRE), Unavailable, r"now \(503\)"),
        (Fault.drop_before_reading(wire=WIRE), InDoubt, "may have been carried out"),
        (Fault.drop_before_answer(wire=WIRE), InDoubt, "may have been carried out"),
    ],
)
def test_faults(
    channel: LegacyEventsChannel,
    sandbox: Sandbox,
    fault: Fault,
    error: type[Exception],
    said: str,
) -> None:
    """Each fault is one of our errors after one call, and sent again all is there once."""
    sandbox.script(fault)
    with pytest.raises(error, match=said) as caught:
        send(channel, lines(5))
    calls = [path for path in paths(sandbox) if path != TOKEN_PATH]
    assert len(calls) == 1
    assert getattr(caught.value, "retry_after_seconds", None) == fault.retry_after_seconds
    assert send(channel, lines(5)).status in (200, 409)
    assert [each.times for each in sandbox.events.conversions()] == [1] * 5


# --- checks ------------------------------


def test_the_check_of_version_1(v1: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """A token is fetched anew each time, which changes nothing, and that is what is said."""
    for _ in range(2):
        [finding] = v1.check()
        assert finding.well
        assert "gave a token" in finding.detail
        assert "no event was sent" in finding.detail
    assert paths(sandbox) == [TOKEN_PATH] * 2
    wrong = opened(sandbox, "v1", app_secret=SecretStr("wrong"))
    [finding] = wrong.check()
    wrong.close()
    assert not finding.well
    assert "ROKT_APP_SECRET" in finding.detail


def test_the_check_of_version_2(v2: LegacyEventsChannel, sandbox: Sandbox) -> None:
    """Nothing is sent, and that nothing was tried is what is said."""
    [finding] = v2.check()
    assert "not tried, and nothing was sent" in finding.detail
    assert sandbox.requests() == []
    assert v2.picked_up("one") is None  # type: ignore[func-returns-value]
