"""What taking a run back would send, as if the run had never been.

The law kept here: when runs are taken back, in whatever order, a list is what the runs that still
stand made of it; and where none of them named a person, what it was before the first one did.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import InputError
from rokt_helpers.ledger.ledger import Ledger
from rokt_helpers.ledger.lists import events_of, state_after
from rokt_helpers.ledger.records import RunRecord

__all__ = ["ToTakeBack", "to_take_back"]


@dataclass(frozen=True)
class ToTakeBack:
    """What undoing a run would send: action → people (Binary); and how many stay as they are.

    Attributes
    ----------
    held
        People whom another run, which stands, named to the same effect.
    turned
        People whom a later run turned already, an undo of this one among them.
    """

    people: dict[contract.Action, pl.Series] = field(repr=False)
    held: int = 0
    turned: int = 0


def to_take_back(
    ledger: Ledger, run: RunRecord, *, hosts: Collection[str] | None = None
) -> ToTakeBack:
    """Return what undoing a run would send.

    ``hosts`` are those whose runs count, for a sandbox that is gone took its lists with it; None
    lets all count.

    Raises
    ------
    InputError
        When it is not kept here whom the run named.
    """
    if ledger.members.scan(run.run_id) is None:
        raise InputError(
            f"Whom run {run.run_id} named is not kept here: it was sent from another state folder, "
            "or by a workbench from before members were kept."
        )
    named = events_of(ledger, [run])
    if named is None:
        return ToTakeBack({})
    every = ledger.runs_on(run.list_name)
    runs = [other for other in every if hosts is None or other.host in hosts]
    now = state_after(ledger, runs).select("person", now="action")
    rest = state_after(ledger, _standing(runs, without=run)).select("person", rest="action")
    before = _before_any(ledger, runs)
    found = (
        named.select("person", "action")
        .unique()
        .join(now, on="person")
        .join(before, on="person")
        .join(rest, on="person", how="left")
        .with_columns(rest=pl.coalesce("rest", "before"))
        .collect(engine="streaming")
    )
    is_as_it_left = pl.col("now") == pl.col("action")
    owned = found.filter(is_as_it_left & (pl.col("rest") != pl.col("action")))
    turned = found.filter(~is_as_it_left).height
    return ToTakeBack(
        {
            "exclude": owned.filter(pl.col("action") == "include")["person"].sort(),
            "include": owned.filter(pl.col("action") == "exclude")["person"].sort(),
        },
        held=found.height - owned.height - turned,
        turned=turned,
    )


def _before_any(ledger: Ledger, runs: list[RunRecord]) -> pl.LazyFrame:
    """Return ``before``: how each person was when nobody had named them, which the first turned."""
    first = state_after(ledger, runs, last=False)
    was = (
        pl.when(pl.col("action") == "include").then(pl.lit("exclude")).otherwise(pl.lit("include"))
    )
    return first.select("person", before=was)


def _standing(runs: list[RunRecord], *, without: RunRecord) -> list[RunRecord]:
    """Return the runs that hold people where they are, as if one of them had never been.

    A run that was taken back holds nobody, and neither does what took it back: the two cancel each
    other. An undo that ended half-way counts like any other run until another one finishes it.

    Parameters
    ----------
    runs
        The newest first.
    """
    known = {run.run_id for run in runs}
    idle = _idle(runs)
    undone: set[str | None] = {without.run_id}
    for run in runs:
        if run.run_id not in idle | undone and run.status == "delivered":
            undone.add(run.undoes)
    undos = {run.run_id for run in runs if run.undoes in known and run.status == "delivered"}
    return [
        run
        for run in runs
        if run.run_id not in undos | undone and (run.undoes is None or run.undoes not in undone)
    ]


def _idle(runs: list[RunRecord]) -> set[str]:
    """Return the undos of what had been undone already: they did nothing."""
    idle = set()
    undone_by: dict[str, str] = {}
    undoes = {run.run_id: run.undoes for run in runs}
    for run in reversed(runs):
        if run.undoes is None or run.status != "delivered":
            continue
        if run.undoes in undone_by:
            idle.add(run.run_id)
            continue
        undone_by[run.undoes] = run.run_id
        again = undoes.get(run.undoes)  # what an undo that is undone had taken back stands again
        if again is not None and undone_by.get(again) == run.undoes:
            del undone_by[again]
    return idle
