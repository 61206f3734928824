"""How far a long job is, how fast it goes, and how long it will still take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["OnProgress", "Progress", "Speedometer", "StopSign", "with_rate"]


@dataclass(frozen=True)
class Progress:
    """One reading. ``done`` and ``total`` count ``unit``; times are in seconds.

    ``total`` is 0 where nobody knows it beforehand.
    ``rate_per_second`` and ``seconds_left`` are None until there is something to measure.
    """

    stage: str
    done: int
    total: int
    unit: str
    rate_per_second: float | None = None
    seconds_left: float | None = None

    def __str__(self) -> str:
        """Say it in one line."""
        of_total = f" of {self.total:,}" if self.total else ""
        line = f"{self.stage}: {self.done:,}{of_total} {self.unit}"
        if self.rate_per_second:
            line += f", {self.rate_per_second:,.0f} a second"
        if self.seconds_left:
            line += f", {self.seconds_left:,.0f} s left"
        return line


OnProgress = Callable[[Progress], None]


class Speedometer:
    """Turns counts into readings, from the moment it is made.

    Parameters
    ----------
    monotonic
        The clock, in seconds.
    """

    def __init__(
        self, stage: str, total: int, unit: str, *, monotonic: Callable[[], float]
    ) -> None:
        self._stage = stage
        self._total = total
        self._unit = unit
        self._monotonic = monotonic
        self._began = monotonic()

    def read(self, done: int) -> Progress:
        """Return the reading for ``done`` units since the start."""
        passed = self._monotonic() - self._began
        rate = done / passed if done and passed > 0 else None
        left = (self._total - done) / rate if rate and self._total else None
        return Progress(self._stage, done, self._total, self._unit, rate, left)


def with_rate(listener: OnProgress, *, monotonic: Callable[[], float]) -> OnProgress:
    """Return a listener that adds rate and time left to the readings of a job without a clock.

    Parameters
    ----------
    monotonic
        The clock, in seconds. Each stage is timed from its first reading on.
    """
    meters: dict[str, Speedometer] = {}

    def listen(reading: Progress) -> None:
        stage = reading.stage
        if stage not in meters:
            meters[stage] = Speedometer(stage, reading.total, reading.unit, monotonic=monotonic)
        listener(meters[stage].read(reading.done))

    return listen


class StopSign(Protocol):
    """Says whether somebody asked to stop, as a ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Return True once it was asked for."""
