"""A real S3 server on this computer: moto's, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from types import TracebackType
from typing import Final, Self

import pytest

__all__ = ["S3Server"]

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60
BUCKET: Final = "team"


class S3Server:
    """A running S3 with one empty bucket; stops at the end of the ``with`` block.

    Attributes
    ----------
    environment
        The variables by which every client of AWS finds it, keys included.
    """

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        self.environment = {
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "s3-canary-word",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.port = port
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def stop(self) -> None:
        """Stop at once; clients find nobody from now on."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        """Give the server, which is running already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it; what it held was in its memory only."""
        self.stop()

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection((HOST, self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        pytest.fail("The S3 server did not start: pip install 'moto[server]'")
