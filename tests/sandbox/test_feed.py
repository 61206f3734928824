"""The newer SFTP of the sandbox, spoken to with paramiko and hand-written CSV alone."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko
import pysequoia
import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, ReceivedFile, Sandbox
from tests.sandbox.wires import HELLO, TODAY, put, wait_for

ZOE = hashlib.sha256(b"zoe@example.org").hexdigest()
PEOPLE = f"user_identities.other,user_attributes.audience_VIP\r\n{HELLO},true\r\n{ZOE},true\r\n"
ORDER = "events.data.custom_attributes."
ORDERS = (
    "environment,user_identities.email,user_identities.other2,events.data.event_name,"
    f"events.data.custom_event_type,events.data.timestamp_unixtime_ms,{ORDER}conversiontype,"
    f"{ORDER}confirmationref,{ORDER}amount,{ORDER}currency\r\n"
    "production,hello@example.com,click-1,conversion,transaction,1790640000000,purchase,"
    '"order ""1"", first",49.90,USD\r\n'
)


@contextmanager
def connect(box: Sandbox, **changes: Any) -> Iterator[paramiko.SFTPClient]:
    there = box.environment
    given = {"username": there["ROKT_FEED_USERNAME"], "password": there["ROKT_FEED_PASSWORD"]}
    transport = paramiko.Transport((there["ROKT_FEED_HOST"], int(there["ROKT_FEED_PORT"])))
    try:
        transport.connect(**{**given, **changes})
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()


@pytest.fixture
def client(box: Sandbox) -> Iterator[paramiko.SFTPClient]:
    with connect(box) as connected:
        yield connected


def folder(box: Sandbox) -> str:
    return box.environment["ROKT_FEED_FOLDER"]


def give(
    box: Sandbox, client: paramiko.SFTPClient, name: str, content: bytes | str
) -> ReceivedFile:
    """Put one file there and wait until it was taken."""
    before = len(box.files())
    body = content.encode() if isinstance(content, str) else content
    put(client, f"{folder(box)}/{name}", body)
    wait_for(lambda: len(box.files()) > before)
    wait_for(lambda: name not in client.listdir(folder(box)))
    return box.files()[-1]


def test_an_audience(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """People come and go by their attribute, without an environment to that of production."""
    file = give(box, client, "vip-eventless.csv", PEOPLE)
    assert (file.outcome, file.identifiers, file.failed) == ("picked_up", 2, 0)
    assert file.path == f"/{folder(box)}/vip-eventless.csv"
    assert box.events.segment("audience_VIP") == {HELLO, ZOE}
    give(box, client, "vip2-eventless.csv", PEOPLE.replace(f"{ZOE},true", f"{ZOE},false"))
    assert box.events.segment("audience_VIP") == {HELLO}
    assert box.events.segments("development") == {}


def test_a_conversion(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """A row becomes a conversion with all its values, and a second time it is the same one."""
    for name in ("a-custom_event.csv", "b_2-custom_event.csv"):
        give(box, client, name, ORDERS)
    (conversion,) = box.events.conversions()
    assert (conversion.wire, conversion.person, conversion.times) == ("feed", HELLO, 2)
    assert conversion.confirmationref == 'order "1", first'
    assert (conversion.amount, conversion.currency) == ("49.90", "USD")
    assert conversion.happened is not None
    assert conversion.happened.timestamp() == 1790640000


def test_bad_rows_fail_alone(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """Each bad row says why and where it stood, the good ones count, and no value is told."""
    rows = [
        HELLO + ",true,",
        ",true,",
        "not-a-digest,true,",
        HELLO + ",true",
        HELLO + ',"true",',
        HELLO + f',true,"{"x" * 80_000}"',
        HELLO + ",true,10.0.0.300",
        HELLO.upper() + ",true,2001:db8::1",
        f'{ZOE},tr"u"e,',
        "",
    ]
    text = "\r\n".join(["user_identities.other,user_attributes.audience_A,ip", *rows, ""])
    file = give(box, client, "people-eventless.csv", text)
    assert (file.outcome, file.identifiers, file.failed) == ("picked_up", 3, 7)
    seen = {each.position: each.reason for each in box.events.left_out()}
    assert {each.wire for each in box.events.left_out()} == {"feed"}
    assert {each.request_id for each in box.events.left_out()} == {file.path}
    for position, reason in {
        2: "neither an identity",
        3: "not a digest of 64",
        4: "another number of cells",
        6: "larger than 80,000 bytes",
        7: "ip is neither",
        9: "RFC 4180",
        10: "another number of cells",
    }.items():
        assert reason in seen.pop(position)
    assert seen == {}
    assert "300" not in str(box.events.left_out())
    assert box.events.segment("audience_A") == {HELLO}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("people.csv", PEOPLE, "the name of a CSV must end in"),
        ("people-eventless.txt", PEOPLE, "the file name must end in one of"),
        ("my-people-eventless.csv", PEOPLE, "without dash and dot"),
        ("my.people-eventless.csv", PEOPLE, "without dash and dot"),
        ("-eventless.csv", PEOPLE, "without dash and dot"),
        ("people-Eventless.csv", PEOPLE, "the name of a CSV must end in"),
        ("a-eventless.csv", "", "no header"),
        ("a-eventless.csv", f"{HELLO},true\r\n", "column 1 is not one that is known"),
        ("a-eventless.csv", "ip,Environment\r\n", "column 2 is not one that is known"),
        ("a-eventless.csv", "ip,user_identities.customer_id\r\n", "column 2 is not one that is"),
        ("a-eventless.csv", "ip,ip\r\n", "two columns have the same name"),
        ("a-eventless.csv", 'i"p",mpid\r\n', "the header is not in the form"),
        ("a-eventless.csv", 'ip,mpid\r\n1,"2\r\n', "the file ends inside quotes"),
        ("a-eventless.csv", b"ip\r\n\xff\r\n", "not UTF-8"),
        ("a-eventless.csv", ORDERS, "the file's name says eventless"),
        ("a-custom_event.csv", PEOPLE, "a file of events has the columns"),
        ("a-eventless.csv.gz", PEOPLE, "not in the form of gzip"),
        ("a.zip", PEOPLE, "not a ZIP archive"),
        ("a-eventless.zip.gpg", PEOPLE, "the file name must end in one of"),
        ("a-eventless.csv.gpg", PEOPLE, "not encrypted to the key"),
    ],
)
def test_files_that_are_refused(
    box: Sandbox, client: paramiko.SFTPClient, name: str, content: bytes | str, reason: str
) -> None:
    """A file that breaks a rule changes nothing, is deleted, and its reason is kept."""
    file = give(box, client, name, content)
    assert (file.outcome, file.identifiers) == ("rejected", 0)
    assert reason in file.reason
    assert box.events.counts() == {"accepted": 0, "dropped": 0, "repeated": 0}


def test_fifty_columns_are_too_many(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """49 columns are taken and 50 are not."""
    for count, outcome in ((49, "picked_up"), (50, "rejected")):
        names = ["user_identities.other", *(f"user_attributes.a {n}" for n in range(count - 1))]
        text = f"{','.join(names)}\r\n{HELLO}{',x' * (count - 1)}\r\n"
        assert give(box, client, f"a{count}-eventless.csv", text).outcome == outcome


def test_compressed_files(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """A gzip holds one CSV, an archive several of both kinds, and one bad name refuses it whole."""

    def archive(**files: str) -> bytes:
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, text in files.items():
                zipped.writestr(name, text)
        return memory.getvalue()

    good = {"a-eventless.csv": PEOPLE, "b-custom_event.csv": ORDERS}
    assert give(box, client, "x.zip", archive(**good)).identifiers == 3
    assert give(box, client, "c-eventless.csv.gz", gzip.compress(PEOPLE.encode())).identifiers == 2
    before = box.events.counts()
    for bad in ({"c.csv": PEOPLE}, {"below/c-eventless.csv": PEOPLE}, {"c-eventless.csv": ORDERS}):
        assert give(box, client, "y.zip", archive(**good, **bad)).outcome == "rejected"
    assert give(box, client, "y.zip", archive()).reason == "the archive is empty"
    assert box.events.counts() == before


def test_encrypted_files_do_not_mix_with_plain_ones(
    box: Sandbox, client: paramiko.SFTPClient
) -> None:
    """What was encrypted to the box's key is read, and then the feed takes nothing else."""
    assert box.feed_key_file is not None
    key = pysequoia.Cert.from_file(str(box.feed_key_file))
    for name, content in (("a", PEOPLE.encode()), ("b", gzip.compress(PEOPLE.encode()))):
        suffix = "-eventless.csv.gpg" if name == "a" else "-eventless.csv.gz.gpg"
        encrypted = pysequoia.encrypt(content, recipients=[key], armor=name == "a")
        assert give(box, client, name + suffix, encrypted).identifiers == 2
    plain = give(box, client, "c-eventless.csv", PEOPLE)
    assert (plain.outcome, plain.reason) == (
        "rejected",
        "encrypted files and plain ones do not mix in one feed",
    )


def test_a_dot_file_waits(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """A file under a dot-name is left alone until it is renamed."""
    put(client, f"{folder(box)}/.vip-eventless.csv", PEOPLE.encode())
    time.sleep(0.3)
    assert box.files() == []
    client.posix_rename(f"{folder(box)}/.vip-eventless.csv", f"{folder(box)}/vip-eventless.csv")
    wait_for(box.files)
    assert box.files()[0].identifiers == 2


def test_only_the_password_opens(box: Sandbox) -> None:
    """Another password, another name and the older server's key stay outside."""
    key = paramiko.Ed25519Key(filename=box.environment["ROKT_SFTP_KEY_FILE"])
    wrong: tuple[dict[str, Any], ...] = (
        {"password": "x"},
        {"username": "practice"},
        {"password": None, "pkey": key},
    )
    for changes in wrong:
        with pytest.raises(paramiko.AuthenticationException), connect(box, **changes):
            pass


def test_nothing_but_the_drop_folder(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """The folder is named as the documents say, and no other can be written or made."""
    assert re.fullmatch(r"drop/us2-\d{19}", folder(box))
    assert client.listdir("/") == ["drop"]
    for path in ("/x-eventless.csv", "/drop/x-eventless.csv", "/drop/us2-1/x-eventless.csv"):
        with pytest.raises(PermissionError):
            put(client, path, PEOPLE.encode())
    for path in (f"{folder(box)}/below", "/drop/other"):
        with pytest.raises(PermissionError):
            client.mkdir(path)


def test_the_two_servers_are_two(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """Each has a port, a host key and folders of its own."""
    there = box.environment
    assert there["ROKT_FEED_PORT"] != there["ROKT_SFTP_PORT"]
    assert there["ROKT_FEED_HOST_KEY"] != there["ROKT_SFTP_HOST_KEY"]
    transport = client.get_channel().get_transport()  # type: ignore[union-attr]
    assert transport.get_remote_server_key().fingerprint == there["ROKT_FEED_HOST_KEY"]


def test_scripted_faults_reach_it(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """A fault of SFTP strikes whichever server is used first, and is then used up."""
    box.script(Fault.sftp_no_pickup(), Fault.sftp_refuse_rename())
    put(client, f"{folder(box)}/.a-eventless.csv", PEOPLE.encode())
    with pytest.raises(OSError, match="Failure"):
        client.posix_rename(f"{folder(box)}/.a-eventless.csv", f"{folder(box)}/a-eventless.csv")
    client.posix_rename(f"{folder(box)}/.a-eventless.csv", f"{folder(box)}/a-eventless.csv")
    time.sleep(0.4)
    assert client.listdir(folder(box)) == ["a-eventless.csv"]
    assert box.files() == []


def test_the_page_and_the_inspection_show_it(box: Sandbox, client: paramiko.SFTPClient) -> None:
    """A person sees the file, its failed rows and why, and the conversions; never an address."""
    give(box, client, "a-custom_event.csv", ORDERS + ORDERS.split("\r\n")[1].replace("USD", "usd"))
    give(box, client, "a.csv", PEOPLE)
    page = requests.get(box.url, timeout=10).text
    assert "1 rows failed" in page
    assert "currency is not a code of three capitals" in page
    assert "the name of a CSV must end in" in page
    assert "newer SFTP" in page
    seen = json.loads(requests.get(f"{box.url}/_inspect", timeout=10).text)
    assert [file["failed"] for file in seen["files"]] == [1, 0]
    assert "hello@example.com" not in page + str(seen)


def test_a_given_port_and_day() -> None:
    """The port can be chosen, and old events are taken, as no document speaks of their age."""
    with Sandbox(today=TODAY, pickup_seconds=0.05, referral_days=0) as first:
        port = int(first.environment["ROKT_FEED_PORT"])
    with (
        Sandbox(today=TODAY, pickup_seconds=0.05, referral_days=0, feed_port=port) as box,
        connect(box) as client,
    ):
        assert box.environment["ROKT_FEED_PORT"] == str(port)
        give(box, client, "a-custom_event.csv", ORDERS.replace("1790640000000", "1590640000000"))
        assert len(box.events.conversions()) == 1
    assert contract.FEED_DROP_FOLDER == "drop"
