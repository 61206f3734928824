"""The channel to the newer SFTP, against the sandbox's own, which shares no code with it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr

from rokt_helpers import contract
from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.events import EventsChannel
from rokt_helpers.channels.feed import FeedChannel
from rokt_helpers.channels.feed_packing import Compression, Packing
from rokt_helpers.conversions import prepare_conversions
from rokt_helpers.errors import NotTrusted, Refused, SettingsError, Unavailable
from rokt_helpers.events import Spelling, conversion_batches
from rokt_helpers.extras import how_to_install
from rokt_helpers.plan import Batch, Target
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.faults import FaultScript
from rokt_helpers.sandbox.feed_tree import DropTree
from rokt_helpers.sandbox.pickup import Pickup
from rokt_helpers.sandbox.sftp_server import PasswordGate, SftpListener
from tests.deliver.lists import addresses, digests

PASSWORD = "not the password at all"  # a canary
NAME = "include-0123456789ab-89abcdef"


def channel_to(box: Sandbox, **changes: Any) -> FeedChannel:
    there = box.environment
    given = {
        "port": int(there["ROKT_FEED_PORT"]),
        "username": there["ROKT_FEED_USERNAME"],
        "password": SecretStr(there["ROKT_FEED_PASSWORD"]),
        "host_key": there["ROKT_FEED_HOST_KEY"],
        "folder": there["ROKT_FEED_FOLDER"],
    }
    return FeedChannel(there["ROKT_FEED_HOST"], **{**given, **changes})


@pytest.fixture
def open_channel(sandbox: Sandbox) -> Iterator[Callable[..., FeedChannel]]:
    opened = []

    def make(**changes: Any) -> FeedChannel:
        opened.append(channel_to(sandbox, **changes))
        return opened[-1]

    yield make
    for channel in opened:
        channel.close()


def people(count: int) -> pl.Series:
    return pl.Series("sha256", sorted(digests(addresses(count))))


def purchases(count: int, **spelling: Any) -> pl.Series:
    frame = pl.DataFrame(
        {
            "email": addresses(count),
            "rclid": [f"click-{number}" for number in range(count)],
            "order_id": [f'order "{number}",\nsecond line' for number in range(count)],
            "conversiontype": ["purchase"] * count,
            "amount": ["49.90"] * count,
            "currency": ["USD"] * count,
            "eventtime": ["2026-11-20T10:00:00Z"] * count,
        }
    )
    recent, _ = conversion_batches(
        prepare_conversions(frame), spelling=Spelling(**spelling), now_unixtime_ms=0
    )
    return recent.to_series()


def deliver(
    channel: FeedChannel,
    identifiers: pl.Series,
    *,
    action: contract.Action = "include",
    purpose: Any = "audience",
    name: str = NAME,
) -> str:
    target = Target("sandbox", "events-sftp", "42", channel.host, "VIP", action, purpose)
    batch = Batch(3, action, part=0, offset=0, rows=len(identifiers), fingerprint="")
    return channel.send(target, batch, identifiers, name=name, turn=Turn()).name or ""


def wait_for_pickup(channel: FeedChannel, name: str) -> None:
    end = time.monotonic() + 10
    while not channel.picked_up(name):
        assert time.monotonic() < end, "the file was not picked up in time"
        time.sleep(0.02)


def in_the_drop_folder(box: Sandbox) -> list[str]:
    folder = box.folder / "feed" / box.environment["ROKT_FEED_FOLDER"]
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("compression", ["none", "gz", "zip"])
def test_people_come_and_go(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel], compression: Compression
) -> None:
    """People are put on an audience and taken off it, whatever the file is packed in."""
    channel = open_channel(compression=compression)
    name = deliver(channel, people(50))
    folder, suffix = sandbox.environment["ROKT_FEED_FOLDER"], {"none": "", "gz": ".gz"}
    packed = suffix.get(compression, ".zip")
    assert name == f"{folder}/include_0123456789ab_89abcdef_0003-eventless.csv{packed}"
    wait_for_pickup(channel, name)
    assert sandbox.events.segment("audience_VIP") == set(people(50))
    [file] = sandbox.files()
    assert (file.outcome, file.identifiers, file.failed) == ("picked_up", 50, 0)
    wait_for_pickup(channel, deliver(channel, people(50).head(20), action="exclude"))
    assert sandbox.events.segment("audience_VIP") == set(people(50)[20:])


def test_plain_addresses_go_as_they_are(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """A plan of addresses reaches the same people as one of digests."""
    channel = open_channel()
    wait_for_pickup(channel, deliver(channel, pl.Series("email", addresses(5))))
    assert sandbox.events.segment("audience_VIP") == digests(addresses(5))


def test_the_spelling_is_the_one_of_the_events_api(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """Environment and attribute can be set, and with a membership event the file is of events."""
    spelling = Spelling(environment="development", attribute="in {list}", event=True)
    channel = open_channel(spelling=spelling)
    name = deliver(channel, people(5))
    assert name.endswith(contract.FEED_CONVERSIONS_SUFFIX)
    wait_for_pickup(channel, name)
    assert sandbox.events.segments("development") == {"in VIP": 5}
    assert sandbox.events.audiences("development") == {"VIP": 5}
    assert sandbox.events.segments() == {}


def test_conversions_keep_every_value(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """What a purchase says arrives whole, quotes, commas and line ends and all."""
    channel = open_channel()
    name = deliver(channel, purchases(20), purpose="conversions")
    assert name.endswith("_0003-custom_event.csv")
    wait_for_pickup(channel, name)
    assert sandbox.events.left_out() == []
    seen = sandbox.events.conversions()
    assert {each.person for each in seen} == digests(addresses(20))
    assert {each.confirmationref for each in seen} == {
        f'order "{number}",\nsecond line' for number in range(20)
    }
    assert {float(each.amount or 0) for each in seen} == {49.9}


def test_a_file_has_one_spelling_of_identities(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """Lines with identities as mParticle's schema spells them become a file that is taken."""
    channel, lines = open_channel(), purchases(5, identities="mparticle")
    assert "other_id_2" in lines[0]
    wait_for_pickup(channel, deliver(channel, lines, purpose="conversions"))
    assert len(sandbox.events.conversions()) == 5


@pytest.mark.parametrize("compression", ["none", "gz"])
def test_encrypted_to_the_platform(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel], compression: Compression
) -> None:
    """With a public key the file is encrypted, and only the platform reads it."""
    channel = open_channel(compression=compression, pgp_key_file=sandbox.feed_key_file)
    assert all(finding.well for finding in channel.check())
    name = deliver(channel, people(50))
    assert name.endswith(".csv.gpg" if compression == "none" else ".csv.gz.gpg")
    wait_for_pickup(channel, name)
    assert sandbox.events.segment("audience_VIP") == set(people(50))


def test_both_wires_carry_the_same(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """The same lines, sent over the Events API and as a file, tell the platform the same."""
    there, lines, channel = sandbox.environment, purchases(20), open_channel()
    api = EventsChannel(
        there["ROKT_EVENTS_URL"],
        key=there["ROKT_EVENTS_KEY"],
        secret=SecretStr(there["ROKT_EVENTS_SECRET"]),
    )
    target = Target("sandbox", "events", "42", api.host, "", "include", "conversions")
    batch = Batch(1, "include", part=0, offset=0, rows=len(lines), fingerprint="")
    api.send(target, batch, lines, name=NAME, turn=Turn())
    api.close()
    wait_for_pickup(channel, deliver(channel, lines, purpose="conversions"))
    told: dict[str, set[object]] = {"events": set(), "feed": set()}
    for each in sandbox.events.conversions():
        told[each.wire].add(
            (each.person, each.known_by, each.environment, each.conversiontype, each.currency,
             each.confirmationref, float(each.amount or 0), each.happened)
        )  # fmt: skip
    assert told["events"] == told["feed"]
    assert len(told["feed"]) == 20


# --- faults ------------------------------


@pytest.mark.parametrize("compression", ["none", "gz"])
def test_a_dropped_connection_is_gone_on_with(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel], compression: Compression
) -> None:
    """A line cut in the middle may be tried again, and then each person is there once."""
    channel = open_channel(compression=compression)
    sandbox.script(Fault.sftp_drop_after(1000))
    with pytest.raises(Unavailable):
        deliver(channel, people(200))
    begun = [name for name in in_the_drop_folder(sandbox) if name.startswith(".include")]
    assert len(begun) == 1
    wait_for_pickup(channel, deliver(channel, people(200)))
    assert sandbox.events.segment("audience_VIP") == set(people(200))
    assert len(sandbox.files()) == 1


def test_an_encrypted_file_that_broke_is_begun_anew(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """What was encrypted anew differs from what lies there, so it is written from the start."""
    channel = open_channel(pgp_key_file=sandbox.feed_key_file)
    sandbox.script(Fault.sftp_drop_after(5000))
    with pytest.raises(Unavailable):
        deliver(channel, people(200))
    wait_for_pickup(channel, deliver(channel, people(200)))
    assert sandbox.events.segment("audience_VIP") == set(people(200))


def test_a_refused_rename_leaves_nothing_half(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """A server that will not rename, either way, is a no; the next delivery goes through."""
    channel = open_channel()
    sandbox.script(Fault.sftp_refuse_rename(times=2))
    with pytest.raises(Refused, match="would not rename"):
        deliver(channel, people(5))
    assert sandbox.files() == []
    wait_for_pickup(channel, deliver(channel, people(5)))
    assert sandbox.events.segments() == {"audience_VIP": 5}


@pytest.mark.parametrize("key", ["plain", "encrypted"])
def test_a_file_that_lies_there_is_not_sent_again(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel], key: str
) -> None:
    """The same batch of the same plan has the same name, and a second delivery finds it there."""
    file = sandbox.feed_key_file if key == "encrypted" else None
    sandbox.script(Fault.sftp_no_pickup())
    first, second = (open_channel(pgp_key_file=file) for _ in range(2))
    name = deliver(first, people(5))
    lies = sandbox.folder / "feed" / name
    written = lies.stat().st_mtime_ns
    assert deliver(second, people(5)) == name
    assert lies.stat().st_mtime_ns == written


def test_a_file_taken_at_once_is_delivered(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """A file that is taken the moment it is renamed has not failed."""
    channel = open_channel()
    sandbox.script(Fault.sftp_instant_pickup())
    name = deliver(channel, people(5))
    assert channel.picked_up(name)
    assert sandbox.events.segments() == {"audience_VIP": 5}


def test_a_wrong_password_is_refused(open_channel: Callable[..., FeedChannel]) -> None:
    """The error names both settings to look at, and never the password."""
    channel = open_channel(password=SecretStr(PASSWORD))
    with pytest.raises(Refused, match="ROKT_FEED_USERNAME and ROKT_FEED_PASSWORD") as raised:
        deliver(channel, people(5))
    [finding] = channel.check()
    assert not finding.well
    assert PASSWORD not in f"{raised.value!r} {finding} {vars(channel)} {channel.__dict__}"


class _Curious(PasswordGate):
    """A server in between that keeps each password it hears."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.heard: list[str] = []

    def check_auth_password(self, username: str, password: str) -> int:
        self.heard.append(password)
        return super().check_auth_password(username, password)


def test_a_wrong_host_key_hears_no_password(
    open_channel: Callable[..., FeedChannel], tmp_path: Path
) -> None:
    """A server with another host key than the pinned one, or with none pinned, hears nothing."""
    tree, gate, faults = DropTree(tmp_path, "drop/us2-1"), _Curious(), FaultScript()
    tree.make()
    pickup = Pickup(tree, print, faults=faults, ripe_seconds=60)
    listener = SftpListener(0, gate=gate, tree=tree, faults=faults, pickup=pickup)
    listener.start()
    try:
        for changes in ({}, {"host_key": ""}):
            with pytest.raises(NotTrusted, match="ROKT_FEED_HOST_KEY"):
                deliver(open_channel(port=listener.port, **changes), people(5))
        assert gate.heard == []
        with pytest.raises(Refused):
            deliver(open_channel(port=listener.port, host_key=listener.fingerprint), people(5))
        assert len(gate.heard) == 1
    finally:
        listener.stop()


def test_nobody_listens(open_channel: Callable[..., FeedChannel]) -> None:
    """A server that is not there may be asked again."""
    with pytest.raises(Unavailable, match="could not be reached"):
        deliver(open_channel(port=1), people(5))


def test_a_missing_folder_is_refused(open_channel: Callable[..., FeedChannel]) -> None:
    """A drop folder is Rokt's: it is not made, and the check says what to set."""
    channel = open_channel(folder="drop/us2-1111111111111111111/")
    with pytest.raises(Refused):
        deliver(channel, people(5))
    connected, folder = channel.check()
    assert (connected.well, folder.well) == (True, False)
    assert "ROKT_FEED_FOLDER" in folder.detail


def test_the_check_writes_nothing(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """A check logs in and looks, and the drop folder stays empty."""
    assert [finding.well for finding in open_channel().check()] == [True, True]
    assert in_the_drop_folder(sandbox) == []
    assert sandbox.files() == []


def test_what_a_file_cannot_hold_is_refused(
    sandbox: Sandbox, open_channel: Callable[..., FeedChannel]
) -> None:
    """Too many columns are found before anything is written, and the batch counts as refused."""
    wide = ",".join(f'"a{number}":"x"' for number in range(60))
    lines = pl.Series("batch", [f'{{"user_attributes":{{{wide}}}}}'])
    with pytest.raises(Refused, match=r"60 columns.*Nothing of this batch was sent\."):
        deliver(open_channel(), lines, purpose="conversions")
    with pytest.raises(Refused, match="name of the file"):
        deliver(open_channel(), people(1), name="with.dot")
    assert in_the_drop_folder(sandbox) == []


def test_without_the_library_for_pgp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who encrypts without the extra is told to install it; the sandbox opens, and has no key."""
    monkeypatch.setitem(sys.modules, "pysequoia", None)
    with pytest.raises(SettingsError, match=re.escape(how_to_install("pgp"))):
        Packing("none", tmp_path / "key.asc").prove_key()
    with Sandbox(pickup_seconds=0.05, referral_days=0) as box:
        assert box.feed_key_file is None
        channel = channel_to(box)
        wait_for_pickup(channel, deliver(channel, people(5)))
        channel.close()
        assert box.events.segments() == {"audience_VIP": 5}
        drop = box.folder / "feed" / box.environment["ROKT_FEED_FOLDER"]
        (drop / "a-eventless.csv.gpg").write_bytes(b"x")
        end = time.monotonic() + 10
        while len(box.files()) < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert "this sandbox has no key" in box.files()[1].reason
