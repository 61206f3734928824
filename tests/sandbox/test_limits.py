from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.sandbox.throttle import Throttle
from tests.sandbox.wires import good_body, key_pair, wait_for

Post = Callable[..., requests.Response]


def test_the_window_slides() -> None:
    """The fifth start waits until one second after the first, not until the next full second."""
    throttle = Throttle()
    assert [throttle.arrive(moment) for moment in (0.7, 0.8, 0.9, 1.1)] == [True] * 4
    for _ in range(4):
        throttle.leave(admitted=True)
    assert not throttle.arrive(1.69)
    throttle.leave(admitted=False)
    assert throttle.arrive(1.7)


def test_a_refused_request_does_not_count() -> None:
    """Hammering at the gate does not keep it shut."""
    throttle = Throttle()
    for moment in (0.0, 0.1, 0.2, 0.3):
        throttle.leave(admitted=throttle.arrive(moment))
    for _ in range(10):
        assert not throttle.arrive(0.9)
        throttle.leave(admitted=False)
    assert throttle.arrive(1.0)


def test_four_in_flight() -> None:
    """A fifth request beside four under way is refused, however far apart they started."""
    throttle = Throttle()
    assert [throttle.arrive(float(moment)) for moment in range(4)] == [True] * 4
    assert not throttle.arrive(9.0)
    assert throttle.most_in_flight() == 5


def test_too_many_starts(box: Sandbox, post: Post) -> None:
    """The fifth request within a second is a 429 with a pause to keep; after it all is well."""
    statuses = [post(json=good_body(box)).status_code for _ in range(4)]
    refused = post(json=good_body(box, list="Late"))
    assert statuses == [201] * 4
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert "Late" not in box.lists()
    time.sleep(float(refused.headers["Retry-After"]))
    assert post(json=good_body(box)).status_code == 201
    assert box.most_in_flight() == 1


def test_too_many_at_once(box: Sandbox, post: Post) -> None:
    """A request beside four slow ones is a 429, even when those began more than a second ago."""
    box.script(Fault.slow(1.8, times=4))

    def call(_: int) -> int:
        url = box.url + contract.IMPORT_PATH
        return requests.post(url, json=good_body(box), auth=key_pair(box), timeout=10).status_code

    with ThreadPoolExecutor(4) as pool:
        slow = pool.map(call, range(4))
        wait_for(lambda: box.most_in_flight() == 4)
        time.sleep(1.05)
        assert post(json=good_body(box)).status_code == 429
        assert list(slow) == [201] * 4
    assert box.most_in_flight() == 5


def test_starts_are_recorded(box: Sandbox, post: Post) -> None:
    """Each request has its number, its list and how many identifiers, and a start in order."""
    post(json=good_body(box, list="One"))
    post(json=good_body(box, list="Two", action="exclude"))
    first, second = box.requests()
    assert (first.number, first.list_name, first.action, first.identifiers) == (
        1,
        "One",
        "include",
        1,
    )
    assert (second.number, second.list_name, second.action) == (2, "Two", "exclude")
    assert 0 < second.started - first.started < 5
    assert first.at.tzinfo is not None


@pytest.mark.parametrize(
    ("header", "status"),
    [(b"Transfer-Encoding: chunked", b"411"), (b"Content-Length: 999999999999", b"413")],
)
def test_bodies_of_unknown_or_absurd_length(box: Sandbox, header: bytes, status: bytes) -> None:
    """A body that cannot be read whole is refused unread."""
    with socket.create_connection(("127.0.0.1", int(box.url.rpartition(":")[2]))) as wire:
        line = f"POST {contract.IMPORT_PATH} HTTP/1.1\r\nHost: here\r\n".encode()
        wire.sendall(line + header + b"\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 " + status)


def test_a_client_that_leaves_early(box: Sandbox, post: Post) -> None:
    """A client that hangs up in the middle of its body changes nothing and blocks nobody."""
    with socket.create_connection(("127.0.0.1", int(box.url.rpartition(":")[2]))) as wire:
        wire.sendall(
            f"POST {contract.IMPORT_PATH} HTTP/1.1\r\nContent-Length: 9\r\n\r\n{{".encode()
        )
    assert post(json=good_body(box)).status_code == 201
    assert len(box.requests()) == 1
