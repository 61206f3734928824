"""The desk of the newer SFTP: judge a file, let its good rows have their effect, keep the rest.

Each row is judged as a batch of the Events API is, by the same code, and has the same effect.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.event_batches import read_batch
from rokt_helpers.sandbox.event_store import EventStore, LeftOut
from rokt_helpers.sandbox.feed_files import is_encrypted, open_file
from rokt_helpers.sandbox.feed_key import FeedKey
from rokt_helpers.sandbox.feed_rows import read_rows
from rokt_helpers.sandbox.feed_tree import DropTree
from rokt_helpers.sandbox.file_rules import RejectedUpload
from rokt_helpers.sandbox.schemas import check_shape
from rokt_helpers.sandbox.state import State

__all__ = ["FeedDesk"]


class FeedDesk:
    """What a file in the drop folder does. ``now`` gives the moment."""

    def __init__(
        self,
        tree: DropTree,
        state: State,
        store: EventStore,
        key: FeedKey,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._tree = tree
        self._state = state
        self._store = store
        self._key = key
        self._now = now
        self._takes_encrypted: bool | None = None

    def judge(self, path: str) -> None:
        """Read one file, let its good rows have their effect, and keep a record."""
        try:
            rows = self._open(path)
        except RejectedUpload as reason:
            self._state.record_file(path, "rejected", reason=str(reason), count=0)
            return
        failed = position = 0
        for position, row in enumerate(rows, start=1):
            why = self._take(row)
            if why:
                failed += 1
                self._store.leave_out(LeftOut(self._now(), "feed", path, position, "dropped", why))
        self._state.record_file(
            path, "picked_up", reason="", count=position - failed, failed=failed
        )

    def _open(self, path: str) -> Iterator[dict[str, Any] | str]:
        """Open all that a file holds before any row of it counts."""
        name = posixpath.basename(path)
        body = self._tree.local(path).read_bytes()
        files = open_file(name, body, decrypt=self._key.decrypt)
        readers = [read_rows(file) for file in files]
        if self._takes_encrypted not in (None, is_encrypted(name)):
            raise RejectedUpload("encrypted files and plain ones do not mix in one feed")
        self._takes_encrypted = is_encrypted(name)
        return (row for reader in readers for row in reader)

    def _take(self, row: dict[str, Any] | str) -> str:
        """Let a row have its effect; return why it has none, empty where it has."""
        if isinstance(row, str):
            return row
        try:
            # No document says what becomes of old events in a file.
            batch = read_batch(row, now_ms=int(self._now().timestamp() * 1000), historical=None)
            check_shape(row)
        except BadRequest as reason:
            return str(reason)
        self._store.take(batch, "feed")
        return ""
