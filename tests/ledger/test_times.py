"""Who was on a list from when until when, held against a walk over the runs by hand."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from rokt_helpers.ledger import BatchRecord, Ledger, ListName, times_on
from tests.deliver.lists import addresses, digests
from tests.ledger.test_ledger import run_of

FIRST = datetime.fromisoformat("2026-11-01T06:00")
Stretch = tuple[str, datetime, datetime | None]


def _by_hand(events: list[tuple[str, datetime, set[str]]]) -> list[Stretch]:
    """Walk over what was confirmed, person by person."""
    found: list[Stretch] = []
    for person in sorted(set().union(*(people for _, _, people in events))):
        since = None
        for action, at, people in events:
            if person not in people:
                continue
            if action == "include" and since is None:
                since = at
            elif action == "exclude" and since is not None:
                found.append((person, since, at))
                since = None
        if since is not None:
            found.append((person, since, None))
    return found


def _run(
    ledger: Ledger, name: str, action: str, at: datetime, people: set[str], outcome: Any
) -> None:
    run = run_of(name, action=action, rows=len(people))
    moment = f"{at.isoformat(timespec='milliseconds')}+00:00"
    batch = BatchRecord(run.run_id, 1, action, len(people), "f" * 64, outcome, at=moment)
    ledger.open_run(run, [batch], [(1, pl.Series("sha256", sorted(people)))])


@pytest.mark.parametrize("seed", range(4))
def test_times_are_those_of_a_walk_by_hand(ledger: Ledger, seed: int) -> None:
    """Coming twice counts once, going and coming again are two times, doubtful runs count not."""
    dice, name = random.Random(seed), f"Times {uuid.uuid4()}"
    everybody = sorted(digests(addresses(9)))
    sure = []
    for number in range(12):
        action = dice.choice(("include", "include", "exclude"))
        at = FIRST + timedelta(hours=number)
        people = set(dice.sample(everybody, dice.randint(1, 9)))
        outcome = dice.choice(("confirmed", "confirmed", "confirmed", "in_doubt", "failed"))
        _run(ledger, name, action, at, people, outcome)
        if outcome == "confirmed":
            sure.append((action, at, people))
    table = times_on(ledger, ListName("1", "audience", name)).collect()
    rows = table.with_columns(pl.col("person").bin.encode("hex")).rows()
    assert sorted(rows, key=str) == sorted(_by_hand(sure), key=str)


def test_nobody_was_on_a_list_that_nothing_went_to(ledger: Ledger) -> None:
    """The table is empty, and has its columns."""
    table = times_on(ledger, ListName("1", "audience", "Nothing")).collect()
    assert table.is_empty()
    assert table.columns == ["person", "since", "until"]
