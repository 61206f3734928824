"""Forty runs of every kind, one after the other: the platform's list is what a plain model says."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import polars as pl

from rokt_helpers import prepare_audience
from rokt_helpers.audience import PreparedAudience
from rokt_helpers.plan import GUARDS
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import digests, send

PEOPLE = range(12)


@dataclass
class Model:
    """What was done, in plain Python: a run is what it included and what it excluded.

    ``undos`` has what each undo takes back, ``undone`` by which undo a run is taken back now.
    """

    runs: list[tuple[str, set[int], set[int]]] = field(default_factory=list)
    undos: dict[str, str] = field(default_factory=dict)
    undone: dict[str, str] = field(default_factory=dict)

    def now(self) -> dict[int, str]:
        """Return what the last run to name each person did."""
        said: dict[int, str] = {}
        for _, included, excluded in self.runs:
            said |= dict.fromkeys(included, "include") | dict.fromkeys(excluded, "exclude")
        return said

    def members(self) -> set[int]:
        """Return who is on the list."""
        return {person for person, action in self.now().items() if action == "include"}

    def standing(self, undone: Collection[str]) -> dict[int, str]:
        """Return how the runs that are neither undos nor undone left each person, or found them."""
        said: dict[int, str] = {}
        for _, included, excluded in reversed(self.runs):
            said |= dict.fromkeys(included, "exclude") | dict.fromkeys(excluded, "include")
        for run_id, included, excluded in self.runs:
            if run_id not in self.undos and run_id not in undone:
                said |= dict.fromkeys(included, "include") | dict.fromkeys(excluded, "exclude")
        return said

    def undone_after(self, run_id: str, by: str) -> dict[str, str]:
        """Return what is undone once a run is taken back; an undo taken back lets its run stand."""
        if run_id in self.undone:
            return self.undone
        after = self.undone | {run_id: by}
        if self.undone.get(self.undos.get(run_id, "")) == run_id:
            del after[self.undos[run_id]]
        return after

    def inverse(self, run_id: str) -> tuple[set[int], set[int]]:
        """Return whom an undo includes and excludes."""
        [(_, included, excluded)] = [run for run in self.runs if run[0] == run_id]
        now, rest = self.now(), self.standing(self.undone_after(run_id, by=""))

        def owned(people: set[int], action: str) -> set[int]:
            return {p for p in people if now[p] == action and rest[p] != action}

        return owned(excluded, "exclude"), owned(included, "include")

    def take_back(self, run_id: str, by: str, *, included: set[int], excluded: set[int]) -> None:
        """Note an undo."""
        self.undone = self.undone_after(run_id, by)
        self.undos[by] = run_id
        self.runs.append((by, included, excluded))


def prepared(people: Iterable[int]) -> PreparedAudience:
    return prepare_audience(
        pl.Series("email", [f"person{number}@example.com" for number in sorted(people)])
    )


def check(workbench: Workbench, sandbox: Sandbox, members: set[int], what: str) -> None:
    """The platform's list and the ledger's are these people."""
    expected = digests(f"person{number}@example.com" for number in members)
    assert sandbox.members("VIP") == expected, what
    assert frozenset(workbench.people_on("VIP").digests) == expected, what


def undo(workbench: Workbench, model: Model, run_id: str) -> None:
    """Take a run back, in the workbench and in the model."""
    included, excluded = model.inverse(run_id)
    receipt = workbench.undo(run_id)
    assert receipt.run.rows == len(included) + len(excluded)
    if receipt.run_id not in {known for known, _, _ in model.runs}:
        # Else the same was undone twice in a row, which is one run.
        model.take_back(run_id, receipt.run_id, included=included, excluded=excluded)


def one_more(workbench: Workbench, model: Model, dice: random.Random, kind: str) -> None:
    """Deliver somebody, in the workbench and in the model."""
    chosen = {person for person in PEOPLE if dice.random() < 0.4} or {0}
    before = model.now()
    action = "exclude" if kind == "exclude" else "include"
    mode = kind if kind in {"delta", "mirror"} else "full"
    plan = workbench.plan(
        prepared(chosen), list="VIP", action=action, mode=mode, allow=list(GUARDS),  # type: ignore[arg-type]
    )  # fmt: skip
    receipt = send(workbench, plan)
    included = chosen if action == "include" else set()
    excluded = chosen if action == "exclude" else set()
    if mode != "full":
        included = {p for p in chosen if before.get(p) != "include"}
    if mode == "mirror":
        excluded = model.members() - chosen
    assert receipt.run.rows == len(included) + len(excluded), kind
    if receipt.run_id not in {run_id for run_id, _, _ in model.runs}:
        # Else there was nothing to do twice, which is one run.
        model.runs.append((receipt.run_id, included, excluded))


def test_the_list_is_what_the_model_says(workbench: Workbench, sandbox: Sandbox) -> None:
    """After each of many full, delta, mirror, exclude and undo runs, the sets are the same."""
    dice, model = random.Random(2026), Model()
    for _ in range(40):
        kind = dice.choice(["full", "delta", "mirror", "exclude", "undo"])
        if kind == "undo" and model.runs:
            undo(workbench, model, dice.choice(model.runs)[0])
        else:
            one_more(workbench, model, dice, kind)
        check(workbench, sandbox, model.members(), kind)


def test_all_runs_taken_back_in_any_order_leave_nobody(
    workbench: Workbench, sandbox: Sandbox
) -> None:
    """Whoever undoes everything has the list that was there before the first run."""
    dice, model = random.Random(7), Model()
    send(workbench, workbench.plan(prepared(PEOPLE), list="VIP", allow=list(GUARDS)))
    model.runs.append((workbench.history(1)[0].run_id, {*PEOPLE}, set()))
    for _ in range(8):
        one_more(workbench, model, dice, dice.choice(["full", "delta", "mirror", "exclude"]))
    order = [run_id for run_id, _, _ in model.runs]
    dice.shuffle(order)
    for run_id in order:
        undo(workbench, model, run_id)
    check(workbench, sandbox, set(), "all undone")
