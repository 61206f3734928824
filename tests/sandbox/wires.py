"""Speak to the sandbox with requests and paramiko alone, never with the client it judges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import paramiko

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox

TODAY = date(2026, 11, 22)
HELLO = "1753bdb368271a785887ddbfb926164f2f7c6a88f609c07ff0401c5572955206"  # hello@example.com
LIST_FOLDER = f"{contract.AUDIENCE_FOLDER}/include/{contract.DEFAULT_LIST}"


def key_pair(box: Sandbox) -> tuple[str, str]:
    return box.environment["ROKT_PUBLIC_KEY"], box.environment["ROKT_SECRET_KEY"]


def good_body(box: Sandbox, **changes: object) -> dict[str, object]:
    account = box.environment["ROKT_ACCOUNT_ID"]
    return {"accountId": account, "action": "include", "sha256s": [HELLO], **changes}


@contextmanager
def connect(box: Sandbox, **changes: Any) -> Iterator[paramiko.SFTPClient]:
    """Connect with paramiko alone, checking nothing but that the key opens the door."""
    there = box.environment
    key = paramiko.Ed25519Key(filename=there["ROKT_SFTP_KEY_FILE"])
    given = {"username": there["ROKT_SFTP_USERNAME"], "pkey": key, **changes}
    transport = paramiko.Transport((there["ROKT_SFTP_HOST"], int(there["ROKT_SFTP_PORT"])))
    try:
        transport.connect(**given)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()


def put(client: paramiko.SFTPClient, path: str, content: bytes) -> None:
    with client.open(path, "wb") as remote:
        remote.write(content)


def wait_for(condition: Callable[[], object], *, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
