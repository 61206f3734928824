"""pyftpdlib on this computer: an FTPS server that lists by MLSD, which vsftpd does not know.

It runs as a program of its own, and needs no rights.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.real_parts.certificates import make_certificate
from tests.real_parts.programs import HOST, Program, free_port

__all__ = ["FactsServer"]


class FactsServer:
    """A running pyftpdlib; stops at the end of the ``with`` block.

    Attributes
    ----------
    host, port, username, password, authority
        What a client needs to log in and to trust.
    root
        The folder in which a client arrives.
    """

    username = "reader"
    password = "pass-canary-word"

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self.host, self.port = HOST, free_port()
        self.authority, certificate = make_certificate(folder)
        where = ("-i", HOST, "-p", str(self.port), "-d", str(self.root))
        who = ("-u", self.username, "-P", self.password)
        both = ("--tls", "--tls-control-required", "--tls-data-required")
        keys = (f"--keyfile={certificate}", f"--certfile={certificate}")
        words = [sys.executable, "-m", "pyftpdlib", *where, *who, *both, *keys]
        self._program = Program(words, port=self.port, log_file=folder / "pyftpdlib.log")

    def __enter__(self) -> Self:
        """Give the server, which is running already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop at once."""
        self._program.stop()
