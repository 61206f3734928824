"""The clock, handed in wherever time matters so that a test can hold it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

__all__ = ["Clock"]


class Clock:
    """The system's clock. ``now`` is an aware moment in UTC, ``monotonic`` counts seconds."""

    def now(self) -> datetime:
        """Return this moment in UTC."""
        return datetime.now(tz=UTC)

    def monotonic(self) -> float:
        """Return seconds from a fixed, unknown start; never steps back."""
        return time.monotonic()

    def sleep(self, seconds: float, *, until: threading.Event | None = None) -> None:
        """Wait, but no longer than until the event is set."""
        if until is None:
            time.sleep(seconds)
        else:
            until.wait(seconds)
