"""Take uploaded files out of their folders: have them judged, and delete them.

The change and its record come before the deletion, so that a client which sees its file gone
finds both. A file whose name begins with a dot is left alone until it is renamed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rokt_helpers.sandbox.faults import FaultScript
from rokt_helpers.sandbox.sftp_tree import Places, is_staging

__all__ = ["Pickup"]

SWEEP_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Sighting:
    size_bytes: int
    modified_ns: int
    file_number: int
    since: float


class Pickup:
    """A background thread that sweeps the upload folders.

    ``judge`` is handed the path of a file: it reads it, lets it have its effect and keeps a record.
    ``ripe_seconds`` is how long a file must have lain there unchanged.
    """

    def __init__(
        self,
        tree: Places,
        judge: Callable[[str], None],
        *,
        faults: FaultScript,
        ripe_seconds: float,
    ) -> None:
        self._tree = tree
        self._judge = judge
        self._faults = faults
        self._ripe_seconds = ripe_seconds
        self._seen: dict[str, _Sighting] = {}
        self._left: set[str] = set()
        self._taking = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to sweep."""
        self._thread.start()

    def stop(self) -> None:
        """Sweep no more; returns when the last sweep is over."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def renamed(self, path: str) -> None:
        """Hear of a file that just got its name; take it at once where a fault says so."""
        if not is_staging(path) and self._faults.take("sftp_instant_pickup"):
            self.take(path)

    def take(self, path: str) -> None:
        """Have one file judged now, and delete it."""
        with self._taking:
            try:
                self._judge(path)
                self._tree.local(path).unlink()
            except FileNotFoundError:
                pass  # the client, or an instant pick-up, was faster

    def _run(self) -> None:
        while not self._stopping.wait(SWEEP_SECONDS):
            for path in self._ripe():
                if self._faults.take("sftp_no_pickup"):
                    self._left.add(path)
                else:
                    self.take(path)

    def _ripe(self) -> list[str]:
        """Look at every file once; return those that have lain unchanged for long enough."""
        now, seen = time.monotonic(), {}
        for path, facts in self._tree.uploads():
            sighting = _Sighting(facts.st_size, facts.st_mtime_ns, facts.st_ino, now)
            before = self._seen.get(path)
            same = before is not None and _same(before, sighting)
            seen[path] = before if same and before is not None else sighting
        self._seen = seen
        self._left &= seen.keys()
        return [path for path, sighting in seen.items() if self._is_ripe(path, sighting, now)]

    def _is_ripe(self, path: str, sighting: _Sighting, now: float) -> bool:
        waits = is_staging(path) or path in self._left
        return not waits and now - sighting.since >= self._ripe_seconds


def _same(one: _Sighting, other: _Sighting) -> bool:
    return (one.size_bytes, one.modified_ns, one.file_number) == (
        other.size_bytes,
        other.modified_ns,
        other.file_number,
    )
