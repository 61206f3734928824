"""Run what is due, one after the other; one that fails keeps none from its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Final

from rokt_helpers.clock import Clock
from rokt_helpers.errors import Cancelled, GuardError, RoktError, spoken
from rokt_helpers.runner import NotebookRun, Stop, read_parameters, run_notebook
from rokt_helpers.schedule.due import Due
from rokt_helpers.schedule.state import LastRun, ScheduleState

__all__ = ["Execute", "Outcome", "run_each", "worst"]

Execute = Callable[[Due], NotebookRun]

# What asks most for a person comes last: stopped, by a guard, called wrongly, failed.
_ORDER: Final = (0, 130, 3, 2, 1)
_BUSY: Final = "busy"


@dataclass(frozen=True)
class Outcome:
    """How one entry ended; ``str`` is its line for the mail."""

    name: str
    exit_code: int
    sentence: str
    seconds: float
    folder: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        how = "done" if self.exit_code == 0 else f"NOT DONE (exit code {self.exit_code})"
        line = f"{self.name}: {how} in {self.seconds:,.0f} s. {self.sentence}"
        return " ".join(f"{line} {self.folder}".split())


def worst(codes: Iterable[int]) -> int:
    """Return the exit code that asks most for a person: 1, then 2, 3, 130, and 0."""
    return max(codes, key=_ORDER.index, default=0)


def run_each(
    dues: Iterable[Due],
    *,
    state: ScheduleState,
    folder: Path,
    stop: Stop,
    on_outcome: Callable[[Outcome], None],
    clock: Clock | None = None,
    execute: Execute | None = None,
    account: str = "",
) -> list[Outcome]:
    """Run each entry and tell of it as it ends.

    Parameters
    ----------
    folder
        The profile's folder: the runs, the locks.
    stop
        Ends the run under way; those after it stay due.
    execute
        Runs one entry; left out, its notebook is run in a kernel.
    account
        The name of the account that the settings name; a parameter of an entry goes over it.

    Raises
    ------
    Cancelled
        After the wish to stop.
    """
    clock = clock or Clock()
    execute = execute or partial(_notebook, folder=folder, stop=stop, clock=clock, account=account)
    outcomes = []
    for one in dues:
        if stop.is_set():
            raise Cancelled(f"{stop.reason} What did not begin is still due.")
        outcome = _run(one, state=state, execute=execute, clock=clock)
        on_outcome(outcome)
        outcomes.append(outcome)
    if stop.is_set():
        raise Cancelled(stop.reason)
    return outcomes


def _run(one: Due, *, state: ScheduleState, execute: Execute, clock: Clock) -> Outcome:
    """Run one entry, written down before and after. Who is running already stays due."""
    name, before, began = one.entry.name, state[one.entry.name], clock.monotonic()
    moment = one.moment.astimezone(UTC).isoformat()
    begun = LastRun(moment, moment, clock.now().isoformat(timespec="seconds"))
    state.keep(name, begun)
    where = ""
    try:
        run = execute(one)
        code, sentence, where = 0, run.sentence, str(run.folder)
    except GuardError as error:
        if error.guard == _BUSY:
            state.keep(name, before)
            return Outcome(name, error.exit_code, str(error), clock.monotonic() - began)
        code, sentence = error.exit_code, str(error)
    except RoktError as error:
        code, sentence = error.exit_code, str(error)
    except Exception as error:  # noqa: BLE001  the others have their turn; foreign words may hold a value
        code, sentence = 1, f"Something unforeseen happened: {spoken(error)}."
    outcome = Outcome(name, code, sentence, round(clock.monotonic() - began, 1), where)
    state.keep(
        name,
        LastRun(
            moment, moment, begun.started, outcome.seconds, code, sentence=sentence, folder=where
        ),
    )
    return outcome


def _notebook(one: Due, *, folder: Path, stop: Stop, clock: Clock, account: str) -> NotebookRun:
    entry = one.entry
    minutes = entry.time_limit_minutes
    return run_notebook(
        entry.notebook,
        parameters=read_parameters(entry.params) if entry.params else {},
        runs=folder / "runs",
        locks=folder / "locks",
        clock=clock,
        stop=Stop(stop),
        time_limit_seconds=None if minutes is None else minutes * 60,
        account=account,
    )
