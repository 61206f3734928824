"""No more starts in any one second than the platform allows, and no more under way at once.

By construction: there are as many places as requests may be under way. A start takes a place,
which is a lock that all who share the ledger know, keeps it until the answer is there, and waits
until the last start from that place is long enough ago. So each place makes at most its share of
the starts in any second, whoever uses it. A start counts from the moment its first byte has left.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rokt_helpers.channels.channel import Turn
from rokt_helpers.clock import Clock
from rokt_helpers.errors import Cancelled
from rokt_helpers.ledger import Ledger, Release
from rokt_helpers.plan import Limits

__all__ = ["STOP_ASKED", "Pace"]

STOP_ASKED: Final = "A stop was asked for."

# Two starts a second apart here may arrive a little closer there. This much is kept spare.
_SPARE_SECONDS: Final = 0.03
_POLL_SECONDS: Final = 0.02
_PAUSE: Final = -1  # where the moment until which nobody may start is noted
_LONGEST_PAUSE_SECONDS: Final = 3600.0  # more is a clock that was set back


class Pace:
    """The starts of one delivery on one platform.

    Parameters
    ----------
    limits
        ``starts_per_second`` None allows any number; ``in_flight`` is how many places there are.
    platform
        Names the other side and the account: who has the same name shares the limit.
    """

    def __init__(self, limits: Limits, *, platform: str, ledger: Ledger, clock: Clock) -> None:
        self._places = limits.in_flight
        rate = limits.starts_per_second
        self._apart_seconds = self._places / rate + _SPARE_SECONDS if rate else 0.0
        self._platform = platform
        self._ledger = ledger
        self._clock = clock
        self._last: dict[int, float] = {}
        # Starts at even distances: four at once would be looked at one after the other over there,
        # and the last of them seem late, too near to the first of the next four.
        self._next = float("-inf")
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, stop: threading.Event) -> Iterator[Turn]:
        """Hold a place for one request, from before its start until its answer.

        Raises
        ------
        Cancelled
            When ``stop`` was set before a place was free.
        """
        if not self._apart_seconds:
            yield Turn()
            return
        place, release = self._take_place(stop)
        try:
            yield _Place(self, place, stop)
        finally:
            try:
                self._note(place, self._last.get(place))
            finally:
                release()

    def hold(self, seconds: float) -> None:
        """Let nothing start for so many seconds: the platform asked for a pause."""
        if self._apart_seconds:
            self._note(_PAUSE, self._clock.monotonic() + seconds)

    # --- for a place --------------------------

    def wait(self, place: int, stop: threading.Event) -> None:
        """Return when a place may start; note it ahead, so that a crash does not hide it."""
        with self._lock:
            earliest = max(self._earliest(place), self._next, self._clock.monotonic())
            self._next = earliest + self._apart_seconds / self._places
        self._note(place, earliest)
        # Asked again after each sleep: the platform may have named a pause meanwhile.
        while not stop.is_set():
            left = max(earliest, self._end_of_pause()) - self._clock.monotonic()
            if left <= 0:
                return
            self._clock.sleep(left, until=stop)
        raise Cancelled(STOP_ASKED)

    def began(self, place: int) -> None:
        """Note that the first byte has left from a place."""
        self._last[place] = self._clock.monotonic()

    def _earliest(self, place: int) -> float:
        """Return from when on a place may start, in seconds of the monotonic clock."""
        last = self._last.get(place, float("-inf"))
        noted = self._noted(place)
        if noted <= self._clock.monotonic() + self._apart_seconds:
            last = max(last, noted)
        return last + self._apart_seconds

    def _end_of_pause(self) -> float:
        end = self._noted(_PAUSE)
        return end if end < self._clock.monotonic() + _LONGEST_PAUSE_SECONDS else float("-inf")

    def _noted(self, place: int) -> float:
        """Return what is noted of a place, in seconds of the monotonic clock."""
        at = self._ledger.last_start(self._platform, place)
        if at is None:
            return float("-inf")
        return at + self._clock.monotonic() - self._ledger.seconds()

    def _take_place(self, stop: threading.Event) -> tuple[int, Release]:
        while not stop.is_set():
            # The place that has rested longest may start first.
            for place in sorted(range(self._places), key=lambda p: self._last.get(p, 0.0)):
                release = self._ledger.try_lock(f"start {place} at {self._platform}")
                if release is not None:
                    return place, release
            self._clock.sleep(_POLL_SECONDS, until=stop)
        raise Cancelled(STOP_ASKED)

    def _note(self, place: int, moment: float | None) -> None:
        if moment is not None:
            at = self._ledger.seconds() + moment - self._clock.monotonic()
            self._ledger.note_start(self._platform, place, at)


class _Place(Turn):
    """One held place, as a channel sees it."""

    def __init__(self, pace: Pace, place: int, stop: threading.Event) -> None:
        self._pace, self._place, self._stop = pace, place, stop

    def wait(self) -> None:
        self._pace.wait(self._place, self._stop)

    def began(self) -> None:
        self._pace.began(self._place)
