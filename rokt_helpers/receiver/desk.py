"""One thread that decides and writes: all requests that wait go through together, one flush each.

While the disk is flushed for some requests the next ones gather, so a burst costs few flushes.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Self

from rokt_helpers.clock import Clock
from rokt_helpers.receiver.journal import Journal
from rokt_helpers.receiver.judging import Arrived, Judge, Judged
from rokt_helpers.receiver.rules import Answer
from rokt_helpers.receiver.segments import record

__all__ = ["Counts", "Desk"]

_MOST_AT_ONCE: Final = 500
_TICK_SECONDS: Final = 0.2
_SAY_SECONDS: Final = 60.0
_MOST_KEYS: Final = 500_000  # about 80 MB


class Counts:
    """How many requests had which outcome. Names and figures only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, outcome: str, number: int = 1) -> None:
        """Count an outcome."""
        with self._lock:
            self._counts[outcome] += number

    def as_dict(self) -> dict[str, int]:
        """Return outcome → number, the most frequent first."""
        with self._lock:
            return dict(self._counts.most_common())

    def __str__(self) -> str:
        counts = self.as_dict()
        return "; ".join(f"{name}: {n:,}" for name, n in counts.items()) or "nothing came"


class Desk:
    """Takes requests from the server's loop, and answers each through its future.

    Parameters
    ----------
    tell
        Gets a line about once a minute when something has come.
    """

    def __init__(
        self,
        judge: Judge,
        journal: Journal,
        counts: Counts,
        *,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._judge, self._journal, self._counts = judge, journal, counts
        self._clock, self._tell = clock, tell
        self._waiting: queue.SimpleQueue[tuple[Arrived, Future[Answer | None]] | None]
        self._waiting = queue.SimpleQueue()
        self._seen = _Seen(journal.keys())
        self._said = ("", clock.monotonic())
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)

    def submit(self, arrived: Arrived) -> Future[Answer | None]:
        """Hand a request in; the answer is None when it could not be written."""
        future: Future[Answer | None] = Future()
        future.set_running_or_notify_cancel()  # who asked may go away; it is written all the same
        self._waiting.put((arrived, future))
        return future

    @property
    def at_work(self) -> bool:
        """Whether the thread is there that writes."""
        return self._thread.is_alive()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Answer what waits, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            self._go_on()
        finally:  # should it end by a mistake of ours, nobody is left without an answer
            while not self._waiting.empty():
                if item := self._waiting.get():
                    item[1].set_result(None)

    def _go_on(self) -> None:
        going_on = True
        while going_on:
            group, going_on = self._next_group()
            if group:
                self._settle(group)
            try:
                self._journal.tick()
            except OSError:
                self._counts.add("journal not closed")
            self._say_now_and_then()

    def _next_group(self) -> tuple[list[tuple[Arrived, Future[Answer | None]]], bool]:
        """Return what waits, after a while nothing, and whether to go on."""
        group: list[tuple[Arrived, Future[Answer | None]]] = []
        try:
            item = self._waiting.get(timeout=_TICK_SECONDS)
            while item is not None:
                group.append(item)
                if len(group) == _MOST_AT_ONCE:
                    return group, True
                item = self._waiting.get_nowait()
        except queue.Empty:
            return group, True
        return group, False

    def _settle(self, group: Sequence[tuple[Arrived, Future[Answer | None]]]) -> None:
        answers: Sequence[Answer | None]
        try:
            judged = self._judge.judge([arrived for arrived, _ in group], self._seen)
            self._write(group, judged)
            answers = [one.answer for one in judged]
        except Exception:  # noqa: BLE001  whatever it was, nobody is told of success
            # A duplicate may lean on one of the group that is not written: all come again.
            self._counts.add("not written", len(group))
            answers = [None] * len(group)
        for (_, future), answer in zip(group, answers, strict=True):
            future.set_result(answer)

    def _write(
        self, group: Sequence[tuple[Arrived, Future[Answer | None]]], judged: Sequence[Judged]
    ) -> None:
        self._journal.append(
            [
                record(one.row, one.keys, arrived.at)
                for (arrived, _), one in zip(group, judged, strict=True)
                if one.row is not None
            ]
        )
        for one in judged:
            self._counts.add(one.outcome)
            self._seen.update(one.keys)

    def _say_now_and_then(self) -> None:
        said, at = self._said
        now = str(self._counts)
        if now != said and self._clock.monotonic() - at > _SAY_SECONDS:
            self._tell(now)
            self._said = (now, self._clock.monotonic())


class _Seen(set[str]):
    """The keys of the last referrals; the oldest are forgotten."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self._order: deque[str] = deque()
        self.update(keys)

    def update(self, keys: Sequence[str]) -> None:  # type: ignore[override]
        for key in keys:
            if key not in self:
                self.add(key)
                self._order.append(key)
        while len(self._order) > _MOST_KEYS:
            self.discard(self._order.popleft())
