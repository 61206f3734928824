"""A wire between a client and a database that a test can cut, at a word that goes over it."""

from __future__ import annotations

import select
import socket
import threading
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

__all__ = ["Wire"]

HOST = "127.0.0.1"
Harm = Literal["cut", "lose the answer", "stall"]


class Wire:
    """A port of the loopback address that leads to the database, until the word goes over it.

    Parameters
    ----------
    url
        The database's own address.
    word
        What the client says when the harm is done, such as ``INSERT INTO batches``.
    harm
        ``cut`` before the word arrives; ``lose the answer``: it arrives, and then the wire is cut;
        ``stall``: it does not arrive, and nobody hears why.
    """

    def __init__(self, url: str, word: bytes, harm: Harm) -> None:
        self._there = urlsplit(url)
        self._word, self._harm = word, harm
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = url.replace(f":{self._there.port}/", f":{self.port}/")
        self.harmed = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._listener.close()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection((HOST, int(self._there.port or 0))) as far:
            while not self._ended.is_set():
                for side in select.select([near, far], [], [], 0.2)[0]:
                    data = self._heard(side)
                    if not data:
                        return
                    if side is near and self._word in data:
                        self._do_harm(far, data)
                        return
                    (far if side is near else near).sendall(data)

    def _do_harm(self, far: socket.socket, data: bytes) -> None:
        if self._harm == "lose the answer":
            far.sendall(data)
            far.recv(1)
        self.harmed.set()
        if self._harm == "stall":
            self._ended.wait()

    def _heard(self, side: socket.socket) -> bytes:
        try:
            return side.recv(65_536)
        except OSError:
            return b""
