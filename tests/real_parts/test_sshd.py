from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from tests.real_parts.sshd import OpenSshServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path / "sshd") as running:
        yield running


def connect(server: OpenSshServer) -> paramiko.Transport:
    # Paramiko's own connecting leaves the socket open when nobody answers.
    transport = paramiko.Transport(socket.create_connection((server.host, server.port), timeout=5))
    key = paramiko.Ed25519Key.from_private_key_file(str(server.key_file))
    transport.connect(username=server.username, pkey=key)
    return transport


@contextmanager
def sftp(server: OpenSshServer) -> Iterator[paramiko.SFTPClient]:
    with connect(server) as transport:
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        with client:
            yield client


def fingerprint(transport: paramiko.Transport) -> str:
    digest = hashlib.sha256(transport.get_remote_server_key().asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def test_a_file_goes_up_and_lies_in_the_root(server: OpenSshServer) -> None:
    """A client arrives in the root folder and what it uploads lies there."""
    (server.root / "upload").mkdir()
    with sftp(server) as client:
        with client.open("upload/.list.csv", "w") as file:
            file.write("one\n")
        client.posix_rename("upload/.list.csv", "upload/list.csv")
    assert [path.name for path in (server.root / "upload").iterdir()] == ["list.csv"]
    assert (server.root / "upload" / "list.csv").read_text(encoding="utf-8") == "one\n"


def test_only_the_authorised_key_opens(server: OpenSshServer) -> None:
    """Another key is refused, and the log says that somebody knocked."""
    other = paramiko.ECDSAKey.generate()
    with (
        paramiko.Transport((server.host, server.port)) as transport,
        pytest.raises(paramiko.AuthenticationException),
    ):
        transport.connect(username=server.username, pkey=other)
    assert "Connection from 127.0.0.1" in server.log_file.read_text(encoding="utf-8")


def test_a_replaced_host_key_shows_on_the_same_port(server: OpenSshServer) -> None:
    """The fingerprint is the one a client sees; after replacing, the port stays and it differs."""
    before, port = server.host_key, server.port
    with connect(server) as transport:
        assert fingerprint(transport) == before
    server.replace_host_key()
    with connect(server) as transport:
        assert fingerprint(transport) == server.host_key != before
    assert server.port == port


def test_stopping_takes_the_connections_with_it(server: OpenSshServer) -> None:
    """An open session ends with the server, and the same keys open it again after a restart."""
    with sftp(server) as client:
        assert client.listdir(".") == []
        server.stop()
        with pytest.raises((EOFError, OSError, paramiko.SSHException)):
            client.listdir(".")
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    server.restart()
    with connect(server) as transport:
        assert fingerprint(transport) == server.host_key
