"""A real PostgreSQL on this computer, so that queries are answered by the real thing.

Makes a cluster of its own in a new folder, listens on a free port of the loopback address, and
leaves nothing behind.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

__all__ = ["PostgresServer"]

HOST = "127.0.0.1"
START_SECONDS = 30
# Debian keeps the server's programs out of the PATH, in a folder for each version.
PLACES = ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/pgsql-*/bin")
QUIET = "-c fsync=off -c unix_socket_directories="


class PostgresServer:
    """A running PostgreSQL; stops at the end of the ``with`` block.

    Attributes
    ----------
    url
        What a client needs to log in, password included.
    password
        The password in it.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.password = "pass-canary-word"
        port = _free_port()
        self.url = f"postgresql://tester:{self.password}@{HOST}:{port}/postgres"
        self._user = _unprivileged()
        secret = self.folder / "password"
        secret.write_text(self.password, encoding="utf-8")
        if self._user:
            shutil.chown(self.folder, self._user)
            shutil.chown(secret, self._user)
        data = str(self.folder / "data")
        login = ("-U", "tester", "-A", "scram-sha-256", f"--pwfile={secret}")
        self._run("initdb", "-D", data, "-E", "UTF8", "--no-locale", "--no-sync", *login)
        options = f"-p {port} -c listen_addresses={HOST} {QUIET}"
        wait = ("-w", "-t", str(START_SECONDS), "-l", str(self.folder / "log"))
        self._run("pg_ctl", "-D", data, *wait, "-o", options, "start")

    def __enter__(self) -> Self:
        """Give the server, which is running already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop at once, and remove the folder."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [_program(name), *words],
            cwd=self.folder,
            user=self._user,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(f"PostgreSQL's {name} failed. It said: {done.stderr or 'nothing'}")


def _unprivileged() -> str | None:
    """Return whom to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _program(name: str) -> str:
    root = Path("/")
    places = [str(p) for pattern in PLACES for p in sorted(root.glob(pattern), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"]]))
    if found is None:
        pytest.fail("PostgreSQL's server is needed: apt-get install postgresql")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
