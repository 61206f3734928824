"""What all jobs share: somebody may want to know when the result has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rokt_helpers.notebook_result import hand_over

__all__ = ["Job"]


class Job:
    """Choices, and later a result. The views of a subclass show it, or say what to do first."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def when_done(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` each time the result has changed."""
        self._listeners.append(listener)

    def _tell_it_is_done(self) -> None:
        for listener in self._listeners:
            listener()

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        raise NotImplementedError

    def hand_over(self) -> None:
        """Give the outcome to the program that runs the notebook."""
        hand_over(self.result())
