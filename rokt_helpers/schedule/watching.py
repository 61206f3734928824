"""Remember how a notebook ended that another scheduler runs, as the schedule does for its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError, RoktError
from rokt_helpers.schedule.state import LastRun, ScheduleState

__all__ = ["watched"]


@contextmanager
def watched(notebook: Path, *, folder: Path, clock: Clock) -> Iterator[None]:
    """Write down in ``watched.json`` that a run begins, and how it ends; errors pass through.

    Parameters
    ----------
    folder
        The profile's folder.
    """
    path, name = folder / "watched.json", notebook.stem
    state, began = ScheduleState(path), clock.monotonic()
    before = state[name]
    now = clock.now().isoformat(timespec="seconds")
    begun = LastRun(now, now, now)
    state.keep(name, begun)

    def ended(code: int, sentence: str) -> None:
        seconds = round(clock.monotonic() - began, 1)
        # Another notebook may have ended meanwhile.
        ScheduleState(path).keep(
            name, replace(begun, exit_code=code, sentence=sentence, seconds=seconds)
        )

    try:
        yield
    except GuardError as error:
        if error.guard == "busy":
            ScheduleState(path).keep(name, before)
        else:
            ended(error.exit_code, str(error))
        raise
    except RoktError as error:
        ended(error.exit_code, str(error))
        raise
    except Exception as error:
        ended(1, f"Something unforeseen happened: {type(error).__name__}.")
        raise
    ended(0, "")
