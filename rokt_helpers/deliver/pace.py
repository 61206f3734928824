"""No more starts in any one second than the platform allows.

Held for one process, by its own clock; the spare time covers what happens on the way to the wire.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from rokt_helpers.clock import Clock

__all__ = ["RateLimit"]

# Two starts a second apart here may arrive a little closer there. This much is kept spare.
_SPARE_SECONDS: Final = 0.05


class RateLimit:
    """Lets a start through only when the one ``starts`` places before it is a second old.

    Parameters
    ----------
    starts
        Starts allowed in any window of one second; None allows any number.
    """

    def __init__(self, starts: int | None, *, clock: Clock) -> None:
        self._clock = clock
        self._starts: deque[float] | None = deque(maxlen=starts) if starts else None
        self._not_before = 0.0
        self._lock = threading.Lock()

    def wait_for_turn(self, stop: threading.Event) -> None:
        """Return when a start is allowed, or soon after ``stop`` was set."""
        with self._lock:
            # Asked again after each sleep: the platform may have named a pause meanwhile.
            while not stop.is_set() and (wait_seconds := self._seconds_to_wait()) > 0:
                self._clock.sleep(wait_seconds, until=stop)
            if self._starts is not None and not stop.is_set():
                self._starts.append(self._clock.monotonic())

    def hold(self, seconds: float) -> None:
        """Let nothing start for so many seconds: the platform asked for a pause."""
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def _seconds_to_wait(self) -> float:
        now = self._clock.monotonic()
        earliest = self._not_before
        if self._starts and len(self._starts) == self._starts.maxlen:
            earliest = max(earliest, self._starts[0] + 1 + _SPARE_SECONDS)
        return earliest - now
