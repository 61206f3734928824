from __future__ import annotations

import base64
import hashlib
import json
import random
import socket
import time
from contextlib import ExitStack

import pytest

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.sandbox.audience_api import judge
from rokt_helpers.sandbox.digests import (
    are_addresses,
    are_digests,
    is_address,
    is_digest,
    read_digests,
)
from rokt_helpers.sandbox.keys import Account
from rokt_helpers.sandbox.members import Members
from tests.sandbox.wires import HELLO, good_body, key_pair, wait_for

ODD = ("", " ", "@", "a@b", HELLO, HELLO.upper(), HELLO[:-1], HELLO[:-1] + "g", HELLO[:-2] + " 0",
       " " + HELLO[1:], HELLO + "\n", "\u0660" * 64, "\u00e9" * 64, "a" * 63 + "@")  # fmt: skip


def digests(count: int) -> list[str]:
    return [hashlib.sha256(b"%d" % number).hexdigest() for number in range(count)]


@pytest.mark.parametrize("seed", range(50))
def test_many_are_judged_as_one_by_one(seed: int) -> None:
    """Judging values together gives the same verdict as judging each of them."""
    dice = random.Random(seed)
    values = dice.choices(ODD, k=dice.randint(1, 4))
    assert are_digests(values) == all(map(is_digest, values))
    assert are_addresses(values) == all(map(is_address, values))


@pytest.mark.parametrize(
    "addresses",
    [
        ["A@B.example"],
        [" a @ b . example ", "c@d.example"],
        ["a@b.example", "\u00a0c@d\u2003.example\n"],
        ["ΟΔΥΣΣΕΥΣ@example.gr", "Σ@Σ", "İ@example.com"],
    ],
)
def test_addresses_together_and_alone(addresses: list[str]) -> None:
    """An address has one digest, whatever stands beside it in a request."""
    alone = [read_digests([address], hashed=False) for address in addresses]
    assert read_digests(addresses, hashed=False) == frozenset().union(*alone)
    expected = {
        hashlib.sha256("".join(text.split()).lower().encode()).digest() for text in addresses
    }
    assert frozenset().union(*alone) == expected


def test_members_come_and_go() -> None:
    """Members are who was added less who was taken off, each once."""
    raw = [bytes.fromhex(text) for text in digests(3000)]
    members = Members()
    members.add(raw)
    members.add(raw[:10])
    members.remove(raw[2000:])
    members.remove(raw[2000:])
    assert (len(members), members.as_hex()) == (2000, frozenset(digests(2000)))


@pytest.mark.parametrize("key", ["sha256s", "emails"])
def test_a_large_request_is_judged_quickly(key: str) -> None:
    """Four of the largest requests take less than a second of one processor's time."""
    values = digests(100_000)
    if key == "emails":
        values = [f"{value[:20]}@example.com" for value in values]
    body = {"accountId": "123456789", "action": "include", key: values}
    account = Account("123456789", "rpub-1", "rsec-1", "key-1")
    headers = {"Authorization": "Basic cnB1Yi0xOnJzZWMtMQ==", "Content-Type": "application/json"}
    raw = json.dumps(body).encode()
    members, took = Members(), []
    for _ in range(4):
        began = time.process_time()
        verdict = judge("POST", contract.IMPORT_PATH, headers=headers, body=raw, account=account)
        assert verdict.change is not None
        members.add(verdict.change.digests)
        took.append(time.process_time() - began)
    assert len(members) == 100_000
    assert 4 * min(took) < 1


def test_a_request_arrives_when_its_headers_do(box: Sandbox) -> None:
    """The recorded start is when the headers came, however long the body takes after them."""
    body = json.dumps(good_body(box)).encode()
    began = time.monotonic()
    with _begun(box, len(body)) as wire:
        time.sleep(0.4)
        assert box.most_in_flight() == 1
        wire.sendall(body)
        wait_for(box.requests)
    [request] = box.requests()
    assert request.status == 201
    assert 0 <= request.started - began < 0.2


def test_the_window_counts_arrivals(box: Sandbox) -> None:
    """Headers make a start: a second after four of them a fifth may come, however late the bodies.

    Beside four whose bodies have not come a fifth is refused.
    """
    body = json.dumps(good_body(box)).encode()
    with ExitStack() as wires:
        slow = [wires.enter_context(_begun(box, len(body))) for _ in range(4)]
        wait_for(lambda: box.most_in_flight() == 4)
        time.sleep(1.05)
        refused = wires.enter_context(_begun(box, len(body)))
        assert _answer(refused, body) == b"429"
        assert [_answer(wire, body) for wire in slow] == [b"201"] * 4
        late = wires.enter_context(_begun(box, len(body)))
        assert _answer(late, body) == b"201"


def _begun(box: Sandbox, length: int) -> socket.socket:
    """Open a connection and send the headers of a good request."""
    wire = socket.create_connection(("127.0.0.1", int(box.url.rpartition(":")[2])), timeout=10)
    wire.sendall(_head(box, length))
    return wire


def _answer(wire: socket.socket, body: bytes) -> bytes:
    """Send the body; return the status."""
    wire.sendall(body)
    return wire.recv(100).split(b" ")[1]


def _head(box: Sandbox, length: int) -> bytes:
    pair = base64.b64encode(":".join(key_pair(box)).encode()).decode()
    return (
        f"POST {contract.IMPORT_PATH} HTTP/1.1\r\nHost: here\r\nAuthorization: Basic {pair}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()
