"""A request's body that leaves in large blocks, and that tells when it begins to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from requests.adapters import HTTPAdapter

__all__ = ["BLOCK_BYTES", "BlockAdapter", "Body"]

# urllib3's own blocks of 16 KiB would make 410 of the largest request; these make 26. Each has the
# connection's time-out to itself: a line that carries 256 KiB in ten seconds is fast enough.
BLOCK_BYTES: Final = 256 * 1024


class BlockAdapter(HTTPAdapter):
    """Hands bodies on in large blocks, directly and through a proxy."""

    def init_poolmanager(self, *sizes: Any, **settings: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*sizes, **settings, blocksize=BLOCK_BYTES)

    def proxy_manager_for(self, proxy: str, **settings: Any) -> Any:
        """Make the pools of connections that go through a proxy."""
        return super().proxy_manager_for(proxy, **settings, blocksize=BLOCK_BYTES)


class Body:
    """Bytes that tell when the first of them is asked for, which is once the headers have left."""

    def __init__(self, content: bytes, began: Callable[[], None]) -> None:
        self._view = memoryview(content)
        self._began = began
        self._at = 0
        self.begun = False

    def __len__(self) -> int:
        return len(self._view)

    def __iter__(self) -> Iterator[bytes]:
        """Give it block by block; requests asks for this method before it reads."""
        while block := self.read(BLOCK_BYTES):
            yield bytes(block)

    def read(self, size: int) -> memoryview:
        """Return the next bytes, ``size`` at most, without copying them; none at the end."""
        if not self.begun:
            self.begun = True
            self._began()
        block = self._view[self._at : self._at + size]
        self._at += len(block)
        return block
