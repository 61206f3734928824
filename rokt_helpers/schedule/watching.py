"""Remember how a notebook ended that another scheduler runs, as the schedule does for its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import filelock

from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError, RoktError, spoken
from rokt_helpers.files import private_folder
from rokt_helpers.runner import alone
from rokt_helpers.schedule.state import LastRun, ScheduleState

__all__ = ["watch_key", "watched"]


def watch_key(name: str) -> str:
    """Return the lock that is held for as long as a notebook of this name runs."""
    return f"watched {name}"


@contextmanager
def watched(notebook: Path, *, folder: Path, clock: Clock) -> Iterator[None]:
    """Write down in ``watched.json`` that a run begins, and how it ends; errors pass through.

    Parameters
    ----------
    folder
        The account's folder.
    """
    name, began = notebook.stem, clock.monotonic()
    now = clock.now().isoformat(timespec="seconds")
    begun = LastRun(now, now, now)
    with ExitStack() as held:
        with suppress(GuardError):  # one of the same name in another folder is under way
            locks = folder / "locks"
            held.enter_context(alone(name, key=watch_key(name), locks=locks, clock=clock))
        yield from _recorded(name, begun, began, folder=folder, clock=clock)


def _recorded(
    name: str, begun: LastRun, began: float, *, folder: Path, clock: Clock
) -> Iterator[None]:
    before = _keep(folder, name, begun)

    def ended(code: int, sentence: str) -> None:
        seconds = round(clock.monotonic() - began, 1)
        _keep(folder, name, replace(begun, exit_code=code, sentence=sentence, seconds=seconds))

    try:
        yield
    except GuardError as error:
        if error.guard == "busy":
            _keep(folder, name, before)
        else:
            ended(error.exit_code, str(error))
        raise
    except RoktError as error:
        ended(error.exit_code, str(error))
        raise
    except Exception as error:
        ended(1, f"Something unforeseen happened: {spoken(error)}.")
        raise
    ended(0, "")


def _keep(folder: Path, name: str, run: LastRun | None) -> LastRun | None:
    """Write down a run, and return what stood there; others begin and end at the same moment."""
    lock = private_folder(folder / "locks") / "watched.lock"
    with filelock.FileLock(lock, mode=0o600):
        state = ScheduleState(folder / "watched.json")
        before = state[name]
        state.keep(name, run)
    return before
