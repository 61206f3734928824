"""Listen for SFTP on loopback: one gate, one host key, a thread for each connection.

The older server lets in one user with one key, the newer one a user with a password; neither asks
for what the other wants. A client that vanishes takes nothing down with it.
"""

# ruff: noqa: ARG002 - the library decides what a method is handed

from __future__ import annotations

import hmac
import io
import logging
import os
import socket
import threading
from pathlib import Path
from typing import Final

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from rokt_helpers.sandbox.faults import FaultScript
from rokt_helpers.sandbox.pickup import Pickup
from rokt_helpers.sandbox.sftp_folders import Folders
from rokt_helpers.sandbox.sftp_tree import Places

__all__ = ["KeyGate", "PasswordGate", "SftpListener", "new_key", "write_key"]

LOOPBACK: Final = "127.0.0.1"
_WINDOW_BYTES: Final = 64 * 1024 * 1024  # no waiting for the window on files of everyday size
_LOG: Final = "rokt_helpers.sandbox.sftp"

# Without one of its own, a client that hangs up would be reported on the person's screen.
logging.getLogger(_LOG).addHandler(logging.NullHandler())


def new_key() -> str:
    """Return a new Ed25519 private key as OpenSSH text."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        .decode()
    )


def write_key(path: Path, text: str) -> None:
    """Write a private key for its owner's eyes only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)


class SftpListener:
    """The SFTP server: ``port`` is where it listens, ``fingerprint`` its host key's."""

    def __init__(
        self,
        port: int,
        *,
        gate: paramiko.ServerInterface,
        tree: Places,
        faults: FaultScript,
        pickup: Pickup,
    ) -> None:
        self._host_key = _read(new_key())
        self._gate = gate
        self._services = {"tree": tree, "faults": faults, "pickup": pickup}
        self._connections: set[paramiko.Transport] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._socket = socket.create_server((LOOPBACK, port), backlog=64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.fingerprint: str = self._host_key.fingerprint

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._stopping.set()
        if self._thread.is_alive():
            # The one sure way, on every system, to wake a thread that waits for a connection.
            socket.create_connection((LOOPBACK, self.port)).close()
            self._thread.join()
        self._socket.close()
        with self._lock:
            open_connections = list(self._connections)
        for connection in open_connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            client, _ = self._socket.accept()
            if self._stopping.is_set():
                client.close()
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        connection = paramiko.Transport(client, default_window_size=_WINDOW_BYTES)
        connection.set_log_channel(_LOG)
        connection.add_server_key(self._host_key)
        connection.set_subsystem_handler(
            "sftp", paramiko.SFTPServer, Folders, hang_up=connection.close, **self._services
        )
        with self._lock:
            self._connections.add(connection)
        try:
            connection.start_server(server=self._gate)
            if not self._stopping.is_set():
                connection.join()
        except (paramiko.SSHException, EOFError, OSError):
            pass  # the client left before it had said who it is
        finally:
            connection.close()
            with self._lock:
                self._connections.discard(connection)


class _Sessions(paramiko.ServerInterface):
    """Lead to nothing but SFTP."""

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """Open sessions only."""
        if kind == "session":
            return OPEN_SUCCEEDED
        return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class PasswordGate(_Sessions):
    """Let in one user with one password."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self.take(password)

    def take(self, password: str) -> None:
        """Let in with this password from now on, and with no other."""
        self._pair = f"{self._username}\0{password}".encode()

    def get_allowed_auths(self, username: str) -> str:
        """Name the one way in."""
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        """Compare name and password."""
        same = hmac.compare_digest(f"{username}\0{password}".encode(), self._pair)
        return AUTH_SUCCESSFUL if same else AUTH_FAILED


class KeyGate(_Sessions):
    """Let in one user with one key."""

    def __init__(self, username: str, client_key: str) -> None:
        self._username = username
        self.take(client_key)

    def take(self, client_key: str) -> None:
        """Let in with this key from now on, and with no other."""
        self._key = _read(client_key)

    def get_allowed_auths(self, username: str) -> str:
        """Name the one way in."""
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """Compare name and key."""
        known = username == self._username and key.asbytes() == self._key.asbytes()
        return AUTH_SUCCESSFUL if known else AUTH_FAILED


def _read(text: str) -> paramiko.Ed25519Key:
    return paramiko.Ed25519Key(file_obj=io.StringIO(text))
