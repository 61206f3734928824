"""The pace: at most so many starts in any second, by one process or several."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers.clock import Clock
from rokt_helpers.deliver.pace import Pace
from rokt_helpers.errors import Cancelled
from rokt_helpers.ledger import Ledger
from rokt_helpers.plan import Limits

LIMITS = Limits(1, starts_per_second=4, in_flight=4)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


class Counting(Clock):
    """A clock that adds up how long it was asked to sleep."""

    def __init__(self) -> None:
        self.slept_seconds = 0.0

    def sleep(self, seconds: float, *, until: threading.Event | None = None) -> None:
        """Sleep, and add it up."""
        self.slept_seconds += seconds
        super().sleep(seconds, until=until)


def paced(ledger: Ledger, platform: str = "here", *, clock: Clock | None = None) -> Pace:
    return Pace(LIMITS, platform=platform, ledger=ledger, clock=clock or Clock())


def starts(pace: Pace, count: int, *, threads: int = 4, seconds: float = 0.0) -> list[float]:
    """Start so many requests that take so long each; return the moments of their starts."""
    moments: list[float] = []

    def one(_: int) -> None:
        with pace.turn(threading.Event()) as turn:
            turn.wait()
            moments.append(time.time())
            turn.began()
            time.sleep(seconds)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(count)))
    return sorted(moments)


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(start <= other < start + 1 for other in moments) for start in moments)


def test_no_second_holds_more_starts_than_allowed(ledger: Ledger) -> None:
    """However many threads want to start, no window of a second holds more than four starts."""
    moments = starts(paced(ledger), 14, threads=8)
    assert most_in_a_second(moments) == 4


def test_a_slow_answer_keeps_its_place(ledger: Ledger) -> None:
    """No more are under way at once than there are places."""
    moments = starts(paced(ledger), 6, threads=8, seconds=1.5)
    assert moments[4] - moments[0] >= 1.5


def test_fewer_places_keep_the_limit(ledger: Ledger) -> None:
    """One request at a time keeps the limit, too."""
    pace = Pace(Limits(1, starts_per_second=4), platform="x", ledger=ledger, clock=Clock())
    assert most_in_a_second(starts(pace, 9)) <= 4


def _start_elsewhere(folder: Path, count: int, moments: Any) -> None:
    ledger = Ledger(folder / "ledger.sqlite")
    for moment in starts(paced(ledger), count):
        moments.put(moment)
    ledger.close()


def test_processes_that_share_a_ledger_share_the_pace(ledger: Ledger, tmp_path: Path) -> None:
    """Three processes at once keep the limit of one."""
    spawn = multiprocessing.get_context("spawn")
    moments: Any = spawn.Queue()
    others = [spawn.Process(target=_start_elsewhere, args=(tmp_path, 5, moments)) for _ in range(3)]
    for other in others:
        other.start()
    found = [moments.get(timeout=60) for _ in range(15)]
    for other in others:
        other.join()
    assert most_in_a_second(sorted(found)) <= 4
    assert ledger.last_start("here", 0) is not None


def test_a_new_delivery_remembers_the_last_one(ledger: Ledger) -> None:
    """Two deliveries one after the other keep the limit together."""
    moments = starts(paced(ledger), 4) + starts(paced(ledger), 4)
    assert most_in_a_second(moments) == 4


def test_another_platform_has_a_pace_of_its_own(ledger: Ledger) -> None:
    """What goes to one account does not slow down another."""
    clock = Counting()
    for platform in ("one", "two"):
        starts(paced(ledger, platform, clock=clock), 1)
    assert clock.slept_seconds == 0


def test_a_pause_holds_everybody(ledger: Ledger) -> None:
    """A pause that the platform asked for is kept by others on the same ledger, too."""
    paced(ledger).hold(1.2)
    before = time.time()
    assert starts(paced(ledger), 1)[0] - before >= 1.1


def test_a_clock_that_was_set_back_stops_nobody(ledger: Ledger) -> None:
    """Moments far in the future are no reason to wait for them."""
    for place in (-1, 0, 1, 2, 3):
        ledger.note_start("here", place, time.time() + 86_400)
    clock = Counting()
    starts(paced(ledger, clock=clock), 1)
    assert clock.slept_seconds == 0


def test_who_waits_can_be_stopped(ledger: Ledger) -> None:
    """Whoever waits for a place or for the moment to start ends soon after being told to."""
    pace, stop = paced(ledger), threading.Event()
    starts(pace, 4)
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Cancelled), pace.turn(stop) as turn:
        turn.wait()
    with pytest.raises(Cancelled), pace.turn(stop):
        pass
