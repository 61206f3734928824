"""Forty runs of every kind, one after the other: the platform's list is what a plain model says."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import polars as pl

from rokt_helpers import prepare_audience
from rokt_helpers.plan import GUARDS
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import digests, send

PEOPLE = range(12)


@dataclass
class Model:
    """What was done, in plain Python: a run is what it included and what it excluded."""

    runs: list[tuple[str, set[int], set[int]]] = field(default_factory=list)

    def last(self, *, without: str = "") -> dict[int, str]:
        """Return what the last run to name each person did."""
        said: dict[int, str] = {}
        for run_id, included, excluded in self.runs:
            if run_id != without:
                said |= dict.fromkeys(included, "include") | dict.fromkeys(excluded, "exclude")
        return said

    def members(self) -> set[int]:
        """Return who is on the list."""
        return {person for person, action in self.last().items() if action == "include"}

    def inverse(self, run_id: str) -> tuple[set[int], set[int]]:
        """Return whom an undo includes and excludes."""
        [(_, included, excluded)] = [run for run in self.runs if run[0] == run_id]
        now, rest = self.last(), self.last(without=run_id)

        def owned(people: set[int], action: str) -> set[int]:
            return {p for p in people if now[p] == action and rest.get(p) != action}

        return owned(excluded, "exclude"), owned(included, "include")


def test_the_list_is_what_the_model_says(workbench: Workbench, sandbox: Sandbox) -> None:
    """After each of many full, delta, mirror, exclude and undo runs, the sets are the same."""
    dice, model = random.Random(2026), Model()
    for _ in range(40):
        kind = dice.choice(["full", "delta", "mirror", "exclude", "undo"])
        chosen = {person for person in PEOPLE if dice.random() < 0.4} or {0}
        before = model.last()
        if kind == "undo" and model.runs:
            run_id = dice.choice(model.runs)[0]
            included, excluded = model.inverse(run_id)
            receipt = workbench.undo(run_id)
        else:
            action = "exclude" if kind == "exclude" else "include"
            mode = kind if kind in {"delta", "mirror"} else "full"
            addresses = [f"person{number}@example.com" for number in sorted(chosen)]
            plan = workbench.plan(
                prepare_audience(pl.Series("email", addresses)),
                list="VIP", action=action, mode=mode, allow=list(GUARDS),  # type: ignore[arg-type]
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
        expected = digests(f"person{number}@example.com" for number in model.members())
        assert sandbox.members("VIP") == expected, kind
        assert frozenset(workbench.people_on("VIP").digests) == expected, kind
