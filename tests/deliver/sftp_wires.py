"""What the SFTP channel meets in the tests: a line that counts and cuts, a server with habits."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import paramiko
import polars as pl
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_OK, SFTP_OP_UNSUPPORTED
from pydantic import SecretStr

from rokt_helpers.channels.channel import Turn
from rokt_helpers.channels.sftp import SftpChannel
from rokt_helpers.plan import Batch, Target
from rokt_helpers.sandbox.sftp_server import new_key, write_key
from tests.real_parts.sshd import OpenSshServer

__all__ = ["Traffic", "channel_to", "deliver_file", "line_to", "one_way_server"]

HOST = "127.0.0.1"


def channel_to(server: OpenSshServer, **other: Any) -> SftpChannel:
    """Return our channel, aimed at the test's folders on a server; ``other`` goes over that."""
    settings = {
        "port": server.port,
        "username": server.username,
        "key_file": server.key_file,
        "passphrase": SecretStr(""),
        "host_key": server.host_key,
        "root": str(server.root),
    }
    return SftpChannel(server.host, **{**settings, **other})


def deliver_file(channel: SftpChannel, identifiers: pl.Series, *, name: str = "file") -> str:
    """Send one file to the list VIP; give its name on the server."""
    target = Target("live", "sftp", "42", channel.host, "VIP", "include")
    batch = Batch(
        number=1, action="include", part=0, offset=0, rows=len(identifiers), fingerprint=""
    )
    return channel.send(target, batch, identifiers, name=name, turn=Turn()).name or ""


class Traffic:
    """How many bytes went up and down a line until now."""

    def __init__(self) -> None:
        self.up = self.down = 0


@contextmanager
def line_to(
    server: OpenSshServer, *, cut_when: Callable[[Traffic], bool] = lambda _: False
) -> Iterator[tuple[int, Traffic]]:
    """Stand before a server on a port of its own; count, and cut one connection when it is time."""
    traffic, is_cut = Traffic(), threading.Event()
    listener = socket.create_server((HOST, 0))

    def pass_on(source: socket.socket, sink: socket.socket, way: str) -> None:
        with suppress(OSError):
            while block := source.recv(1 << 16):
                setattr(traffic, way, getattr(traffic, way) + len(block))
                if not is_cut.is_set() and cut_when(traffic):
                    is_cut.set()
                    break
                sink.sendall(block)
        for side in (source, sink):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near = opened.enter_context(listener.accept()[0])
                far = opened.enter_context(socket.create_connection((server.host, server.port)))
                for pair, way in (((near, far), "up"), ((far, near), "down")):
                    threading.Thread(target=partial(pass_on, *pair, way), daemon=True).start()

    with ExitStack() as opened, listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1], traffic
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


# --- a server with other habits ------------------------------


class _Anyone(paramiko.ServerInterface):
    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        return AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED


class _OneWay(paramiko.SFTPServerInterface):
    """Opens a file for reading or for writing, as servers on object stores do."""

    root: Path
    opened: list[int]

    def __init__(self, server: paramiko.ServerInterface, *, root: Path, opened: list[int]) -> None:
        super().__init__(server)
        self.root, self.opened = root, opened

    def open(self, path: str, flags: int, attr: Any) -> paramiko.SFTPHandle | int:  # noqa: ARG002
        self.opened.append(flags)
        if flags & os.O_RDWR:
            return SFTP_OP_UNSUPPORTED
        handle = paramiko.SFTPHandle(flags)
        stream = os.fdopen(os.open(path, flags, 0o600), "wb" if flags & os.O_WRONLY else "rb")
        handle.readfile = handle.writefile = stream  # type: ignore[attr-defined]
        return handle

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(Path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def rename(self, oldpath: str, newpath: str) -> int:
        Path(oldpath).rename(newpath)
        return SFTP_OK


@contextmanager
def one_way_server(folder: Path) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Serve a folder; give the settings to reach it with, and the flags of every file opened."""
    opened: list[int] = []
    key_text = new_key()
    write_key(folder / "key", key_text)
    host_key = paramiko.Ed25519Key.from_private_key_file(str(folder / "key"))
    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                transport = paramiko.Transport(listener.accept()[0])
                transport.add_server_key(host_key)
                transport.set_subsystem_handler(
                    "sftp", paramiko.SFTPServer, _OneWay, root=folder, opened=opened
                )
                transport.start_server(server=_Anyone())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        settings = {
            "port": listener.getsockname()[1],
            "username": "anyone",
            "key_file": folder / "key",
            "passphrase": SecretStr(""),
            "host_key": host_key.fingerprint,
            "root": str(folder),
        }
        yield settings, opened
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
