"""The wish to stop: by a signal, from the keyboard, or because the time is over."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

__all__ = ["Stop"]

_REASONS: Final = {
    signal.SIGTERM: "Stopped by the system.",
    signal.SIGINT: "Stopped from the keyboard.",
}


class Stop:
    """Set once, by whoever asks first.

    Parameters
    ----------
    parent
        A wish that holds for this one as well, and not the other way round: when the time of one
        run is over, the next one may still begin.
    """

    def __init__(self, parent: Stop | None = None) -> None:
        self._parent = parent
        self._reason = ""
        self._asked = threading.Event()

    @property
    def reason(self) -> str:
        """Why, as a sentence."""
        return self._reason or (self._parent.reason if self._parent else "")

    def ask(self, reason: str) -> None:
        """Ask for the end. The first reason stays."""
        self._reason = self._reason or reason
        self._asked.set()

    def is_set(self) -> bool:
        """Return True once it was asked for."""
        return self._asked.is_set() or (self._parent is not None and self._parent.is_set())

    @contextmanager
    def on_signals(self) -> Iterator[Stop]:
        """Let SIGTERM and Ctrl-C ask while the block runs; each a second time ends at once.

        Only the main thread of a process may call this.
        """
        before = {number: signal.getsignal(number) for number in _REASONS}

        def heard(number: int, _frame: FrameType | None) -> None:
            signal.signal(number, before[signal.Signals(number)] or signal.SIG_DFL)
            self.ask(_REASONS[signal.Signals(number)])

        for number in _REASONS:
            signal.signal(number, heard)
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler or signal.SIG_DFL)
