"""Which run a plan continues or begins, and that nobody else is on the list meanwhile.

The laws kept here: write ahead, so a run stands in the ledger with all it will send before anything
is sent; and one run at a time goes to a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import polars as pl

from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError
from rokt_helpers.ledger import BatchRecord, Ledger, ListName, RunRecord
from rokt_helpers.plan import DeliveryPlan, Target

__all__ = ["ENDED", "alone_on", "find_or_open_run", "is_under_way", "lock_of", "run_before"]

_POLL_SECONDS: Final = 0.2
# The platform took every batch: there is nothing left to send.
ENDED: Final = frozenset({"delivered", "incomplete"})
# Modes that send a difference: it is wrong when the list has changed since.
_COMPARED: Final = frozenset({"delta", "mirror", "undo"})


def lock_of(target: Target) -> str:
    """Return the name of the lock that one run at a time holds."""
    return _lock(_list_of(target))


@contextmanager
def alone_on(target: Target, *, ledger: Ledger, clock: Clock, seconds: float) -> Iterator[None]:
    """Hold the list for one run; wait so many seconds for another one to end.

    Raises
    ------
    GuardError
        When the other one has not ended by then.
    """
    give_up = clock.monotonic() + seconds
    lock = lock_of(target)
    while (release := ledger.try_lock(lock)) is None:
        if clock.monotonic() >= give_up:
            raise GuardError(
                f"Another run is under way on {target}. Wait for its end (rokt history shows it), "
                "then deliver again. Nothing was sent.",
                guard="busy",
            )
        clock.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        release()


def is_under_way(name: ListName, *, ledger: Ledger) -> bool:
    """Tell whether a run is on the list at this moment; changes nothing."""
    release = ledger.try_lock(_lock(name))
    if release is not None:
        release()
    return release is None


def find_or_open_run(plan: DeliveryPlan, ledger: Ledger, clock: Clock) -> tuple[str, bool]:
    """Return the run this plan continues or begins, and whether there is nothing left to do."""
    runs = ledger.runs_on(_list_of(plan.target))
    last = runs[0] if runs else None
    own = run_before(plan, ledger)
    if own is None:
        _refuse_outdated(plan, ledger.version_after(last))
        _close_interrupted(runs, ledger, clock)
        _open_run(plan, ledger, clock)
        return plan.plan_id, False
    if own.status in ENDED:
        return own.run_id, True
    _refuse_overtaken(own, last)
    ledger.end_run(own.run_id, "started", now=None)
    return own.run_id, False


def run_before(plan: DeliveryPlan, ledger: Ledger) -> RunRecord | None:
    """Return the run that sending this plan would go on with, or repeat; None begins a new one."""
    if (own := ledger.run(plan.plan_id)) is not None:
        return own
    last = next(iter(ledger.runs_on(_list_of(plan.target))), None)
    if last is None or last.fingerprint != plan.fingerprint:
        return None
    return None if last.status in ENDED and "repeat" in plan.allowed else last


def _lock(name: ListName) -> str:
    return f"list {name.purpose} {name.list} of {name.account}"


def _list_of(target: Target) -> ListName:
    return ListName(target.account, target.purpose, target.list)


def _refuse_outdated(plan: DeliveryPlan, version: int) -> None:
    """Stop a difference from being sent to another list than it was compared with."""
    if plan.mode in _COMPARED and version != plan.based_on:
        raise _overtaken("made")


def _refuse_overtaken(own: RunRecord, last: RunRecord | None) -> None:
    """Stop a half-done run from going on over what was delivered to its list since."""
    if last is not None and last.run_id != own.run_id:
        raise _overtaken("begun")


def _overtaken(since: str) -> GuardError:
    return GuardError(
        f"Something else was delivered to the list after this plan was {since}, so it would not "
        "make the list what the plan shows. Make a new plan. Nothing was sent.",
        guard="overtaken",
    )


def _close_interrupted(runs: list[RunRecord], ledger: Ledger, clock: Clock) -> None:
    """Write down that runs were cut off: nobody but us is on the list, and a new run begins."""
    for run in runs:
        if run.status == "started":
            ledger.end_run(run.run_id, "interrupted", now=clock.now())


def _open_run(plan: DeliveryPlan, ledger: Ledger, clock: Clock) -> None:
    target = plan.target
    run = RunRecord(
        run_id=plan.plan_id,
        fingerprint=plan.fingerprint,
        profile=target.profile,
        account=target.account,
        host=target.host,
        purpose=target.purpose,
        list=target.list,
        action=target.action,
        via=target.via,
        mode=plan.mode,
        identifier=plan.identifier,
        rows=plan.rows,
        status="started",
        started_at=clock.now().isoformat(timespec="milliseconds"),
        sample=plan.sample,
        allowed=",".join(sorted(plan.allowed)),
        undoes=plan.undoes,
        summary=json.dumps(plan.summary),
    )
    batches = [
        BatchRecord(
            run_id=plan.plan_id,
            number=batch.number,
            action=batch.action,
            rows=batch.rows,
            fingerprint=batch.fingerprint,
            outcome="planned",
        )
        for batch in plan.batches
    ]
    people: Iterator[tuple[int, pl.Series]] = iter(())
    if plan.identifier not in {"batch", "event"}:  # conversions put nobody on a list
        people = ((batch.number, plan.identifiers(batch)) for batch in plan.batches)
    ledger.open_run(run, batches, people)
