from __future__ import annotations

import ast
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import requests

import rokt_helpers.sandbox
from rokt_helpers import contract
from rokt_helpers.sandbox import NOT_IMITATED, Sandbox
from tests.sandbox.wires import TODAY, connect, key_pair

SOURCES = sorted(Path(rokt_helpers.sandbox.__file__).parent.glob("*.py"))


def test_environment(box: Sandbox) -> None:
    """The environment holds what a workbench needs, in the shapes that Rokt's have."""
    there = box.environment
    assert set(there) == {
        "ROKT_PROFILE",
        "ROKT_ACCOUNT_ID",
        "ROKT_PUBLIC_KEY",
        "ROKT_SECRET_KEY",
        "ROKT_API_KEY",
        "ROKT_API_URL",
        "ROKT_EVENTS_URL",
        "ROKT_EVENTS_KEY",
        "ROKT_EVENTS_SECRET",
        "ROKT_LEGACY_EVENTS_URL",
        "ROKT_APP_ID",
        "ROKT_APP_SECRET",
        "ROKT_SFTP_HOST",
        "ROKT_SFTP_PORT",
        "ROKT_SFTP_USERNAME",
        "ROKT_SFTP_KEY_FILE",
        "ROKT_SFTP_HOST_KEY",
        "ROKT_FEED_HOST",
        "ROKT_FEED_PORT",
        "ROKT_FEED_USERNAME",
        "ROKT_FEED_PASSWORD",
        "ROKT_FEED_HOST_KEY",
        "ROKT_FEED_FOLDER",
    }
    assert there["ROKT_PROFILE"] == "sandbox"
    assert there["ROKT_PUBLIC_KEY"].startswith(contract.PUBLIC_KEY_PREFIX)
    assert there["ROKT_SECRET_KEY"].startswith(contract.SECRET_KEY_PREFIX)
    assert there["ROKT_API_URL"].startswith("http://127.0.0.1:")


def test_two_boxes_do_not_share(box: Sandbox) -> None:
    """One box's keys open no other box."""
    with Sandbox(today=TODAY) as other:
        url = other.url + contract.AUTH_CHECK_PATH
        body = {"accountId": box.environment["ROKT_ACCOUNT_ID"]}
        assert requests.post(url, json=body, auth=key_pair(box), timeout=10).status_code == 401


def test_private_folder(box: Sandbox) -> None:
    """The folder and what is in it belong to their owner alone."""
    for path in (box.folder, *box.folder.rglob("*")):
        if path.is_dir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    key = Path(box.environment["ROKT_SFTP_KEY_FILE"])
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_given_folder(tmp_path: Path) -> None:
    """A folder that is given is filled, used again by the next box, and never removed."""
    folder = tmp_path / "box"
    for _ in range(2):
        with Sandbox(folder=folder, today=TODAY) as box, connect(box) as client:
            assert box.folder == folder
            assert len(client.listdir("/downloads")) == 10
    assert (folder / "sftp" / "downloads").is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_stop_leaves_nothing() -> None:
    """After the end the ports are free, the folder is gone and no thread is left."""
    before = set(threading.enumerate())
    with Sandbox(today=TODAY) as box, requests.Session() as session, connect(box):
        session.get(box.url, timeout=10)
        ports = [int(box.url.rpartition(":")[2]), int(box.environment["ROKT_SFTP_PORT"])]
        box.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(box.url, timeout=10)
        assert not box.folder.exists()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


def test_chosen_ports() -> None:
    """A box can be put at the ports of the one before it, at once."""
    for _ in range(5):  # between the two any other process may take one of them
        with Sandbox(today=TODAY) as first:
            ports = int(first.url.rpartition(":")[2]), int(first.environment["ROKT_SFTP_PORT"])
            requests.get(first.url, timeout=10)
        with suppress(OSError), Sandbox(today=TODAY, port=ports[0], sftp_port=ports[1]) as second:
            assert second.url == first.url
            assert requests.get(second.url, timeout=10).ok
            return
    pytest.fail("the ports of a box that was ended are never free at once")


def test_taken_port(box: Sandbox, tmp_path: Path) -> None:
    """When a port is taken the start fails and leaves nothing listening."""
    before = threading.active_count()
    port = int(box.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Sandbox(folder=tmp_path, port=port).start()
    assert threading.active_count() <= before


def test_started_once() -> None:
    """A box that has run is not started again."""
    box = Sandbox(today=TODAY)
    with box, pytest.raises(RuntimeError, match="started once"):
        box.start()
    box.stop()


def test_loopback_only(box: Sandbox) -> None:
    """Both servers listen on this computer only."""
    ports = [int(box.url.rpartition(":")[2]), int(box.environment["ROKT_SFTP_PORT"])]
    for port in ports:
        # Had a server bound every address, this second loopback address would be taken as well.
        with socket.socket() as free:
            free.bind(("127.0.0.2", port))


def test_not_imitated() -> None:
    """What is not imitated is said in whole sentences, each once."""
    assert len(set(NOT_IMITATED)) == len(NOT_IMITATED) > 10
    assert all(text[0].isupper() and text.endswith(".") for text in NOT_IMITATED)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_shares_no_code_with_the_client(source: Path) -> None:
    """The sandbox imports nothing of the package but the contract and itself."""
    allowed = ("rokt_helpers.sandbox", "rokt_helpers.contract")
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        ours = [name for name in names if name.startswith("rokt_helpers")]
        assert all(name.startswith(allowed) for name in ours)
