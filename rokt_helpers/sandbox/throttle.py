"""Count starts and requests in flight, and say when there are more than Rokt allows.

The window slides: any one second, not the seconds of the clock. A request that is refused did
not start, so it does not stand in the way of the next one.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from rokt_helpers import contract

__all__ = ["Flow", "Throttle"]

WINDOW_SECONDS: Final = 1.0


class Throttle:
    """The gate in front of the import address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=contract.MAX_STARTS_PER_SECOND)
        self._admitted = 0
        self._present = 0
        self._most_present = 0

    def arrive(self, moment: float) -> bool:
        """Note a request at a moment of the monotonic clock; say whether it may go on."""
        with self._lock:
            self._present += 1
            self._most_present = max(self._most_present, self._present)
            if self._too_many_starts(moment) or self._admitted >= contract.MAX_IN_FLIGHT:
                return False
            self._starts.append(moment)
            self._admitted += 1
            return True

    def leave(self, *, admitted: bool) -> None:
        """Note that a request has been decided."""
        with self._lock:
            self._present -= 1
            self._admitted -= admitted

    def most_in_flight(self) -> int:
        """Return how many requests were under way at one time at most, refused ones included."""
        with self._lock:
            return self._most_present

    def _too_many_starts(self, moment: float) -> bool:
        full = len(self._starts) == contract.MAX_STARTS_PER_SECOND
        return full and moment - self._starts[0] < WINDOW_SECONDS


class Flow:
    """The gate of the Events API, which counts batches and not requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[tuple[float, int]] = deque()

    def arrive(self, moment: float, batches: int) -> int | None:
        """Note batches at a moment of the monotonic clock.

        Returns
        -------
        int | None
            Per cent of the limit that are used by now; None where they are too many.
        """
        with self._lock:
            while self._recent and moment - self._recent[0][0] >= WINDOW_SECONDS:
                self._recent.popleft()
            total = sum(count for _, count in self._recent) + batches
            if total > contract.MAX_BATCHES_PER_SECOND:
                return None
            self._recent.append((moment, batches))
            return total * 100 // contract.MAX_BATCHES_PER_SECOND
