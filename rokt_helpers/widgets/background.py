"""Run a job beside the form, so that the form stays alive while it works.

The rule that holds on every kernel: a callback only starts one thread; the thread does plain
Python and changes the screen by assigning widget traits; nothing relies on print or on the thread
a callback runs in; every error ends as a message. A button that is shut is shut in the browser a
moment later only: whatever starts something asks the form once more whether it may.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from rokt_helpers.errors import RoktError, spoken
from rokt_helpers.progress import OnProgress, Progress

__all__ = ["BackgroundJob", "guarded", "throttled"]

_MIN_SECONDS_BETWEEN_READINGS: Final = 0.1


class BackgroundJob:
    """One piece of work after the other, each in a thread, with a stop sign."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Begin ``work`` once what is under way has ended; ``failed`` gets an error's sentence."""
        before = self._thread

        def in_turn() -> None:
            if before is not None:
                before.join()
            guarded(work, failed)

        self.cancel.clear()
        self._thread = threading.Thread(target=in_turn, daemon=True)
        self._thread.start()

    def join(self, timeout_seconds: float = 60.0) -> None:
        """Wait for the end of what is under way; for tests and for reading cells in order."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)


def throttled(show: OnProgress) -> OnProgress:
    """Return a listener that passes on at most ten readings a second, and always the last."""
    last = -_MIN_SECONDS_BETWEEN_READINGS

    def listen(progress: Progress) -> None:
        nonlocal last
        now = monotonic()
        if progress.done == progress.total or now - last >= _MIN_SECONDS_BETWEEN_READINGS:
            last = now
            show(progress)

    return listen


def guarded(work: Callable[[], None], failed: Callable[[str], None]) -> None:
    """Do ``work``; whatever goes wrong in it reaches ``failed`` as a sentence."""
    try:
        work()
    except RoktError as error:
        failed(str(error))
    except Exception as error:  # noqa: BLE001  a thread's error would vanish without a word
        failed(
            f"Something unforeseen happened: {spoken(error)}. Nothing more was done. "
            "This is a bug in the workbench; please report what you pressed."
        )
