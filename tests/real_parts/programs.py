"""Start a server program on this computer, wait until it answers, and end it with its children."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

__all__ = ["HOST", "Program", "free_port", "program"]

HOST = "127.0.0.1"
START_SECONDS = 15.0


class Program:
    """A running server program.

    Parameters
    ----------
    words
        The command.
    port
        Where it answers once it is there.
    log_file
        What it has to say, to be shown when it does not start.
    """

    def __init__(self, words: list[str], *, port: int, log_file: Path) -> None:
        # Its own session: a Ctrl-C meant for the tests does not stop it under them.
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                words, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection((HOST, port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        said = log_file.read_text(encoding="utf-8", errors="replace")
        pytest.fail(f"{words[0]} did not start. It said: {said or 'nothing'}")

    def children(self) -> list[psutil.Process]:
        """Give the processes that serve connections now."""
        found: list[psutil.Process] = psutil.Process(self._process.pid).children(recursive=True)
        return found

    def stop(self) -> None:
        """End it and its children at once."""
        if self._process.poll() is None:
            # Held still first, so that it makes no children while they are counted; a child that
            # stays would go on listening on the port.
            psutil.Process(self._process.pid).suspend()
            children = self.children()
            self._process.kill()
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            psutil.wait_procs(children, timeout=START_SECONDS)
        self._process.wait()


def program(name: str, package: str) -> str:
    """Find a program, or say what to install."""
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.fail(f"{name} is needed: apt-get install {package}")
    return found


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
