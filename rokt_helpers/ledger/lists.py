"""Lists as this ledger made them: who is on one, who was on a day, and who came by which run.

The law kept here: only what was sent counts. A batch that nobody confirmed is told from one that
somebody did, and what other people put on a list is not known here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from rokt_helpers import contract
from rokt_helpers.ledger.ledger import Ledger
from rokt_helpers.ledger.records import POSSIBLY_SENT, ListName, RunRecord
from rokt_helpers.plan import KnownList, PastRun, as_digests

__all__ = [
    "PeopleOnList",
    "events_of",
    "known_list",
    "lists_of_person",
    "people_on",
    "state_after",
    "state_of",
    "times_on",
]

_STATE = pl.Schema({"person": pl.Binary(), "action": pl.String(), "sure": pl.Boolean()})
_TIMES = pl.Schema({"person": pl.Binary(), "since": pl.Datetime("ms"), "until": pl.Datetime("ms")})


def known_list(
    ledger: Ledger, name: ListName, *, hosts: Collection[str] | None = None
) -> KnownList:
    """Return what a plan for a list has to know.

    ``hosts`` are those whose runs count, for a sandbox that is gone took its lists with it; None
    lets all count.
    """
    every = ledger.runs_on(name)
    runs = [run for run in every if hosts is None or run.host in hosts]
    past = tuple(
        PastRun(run.run_id, _action(run.action), run.mode, run.rows, run.sample)
        for run in runs
        if run.status == "delivered"
    )
    others = ledger.list_names(name.account)
    names = {other.list for other in others if other.purpose == name.purpose}
    return KnownList(
        runs=past,
        version=ledger.version_after(every[0] if every else None),
        names=tuple(sorted(names)),
        nameless=sum(run.rows > 0 and ledger.members.scan(run.run_id) is None for run in runs),
        members=state_after(ledger, runs),
    )


def state_of(ledger: Ledger, name: ListName, *, at: datetime | None = None) -> pl.LazyFrame:
    """Return what the last run to name each person did.

    Parameters
    ----------
    at
        Only what was sent until then; None is all.

    Returns
    -------
    ``person`` (Binary), ``action`` (``include`` or ``exclude``), ``sure`` (Boolean: the platform
    confirmed it).
    """
    return state_after(ledger, ledger.runs_on(name), at=at)


@dataclass(frozen=True)
class PeopleOnList:
    """Who is on a list at a moment (None is now): ``digests`` is text, named ``sha256``."""

    list: str
    at: datetime | None
    digests: pl.Series = field(repr=False)

    def __len__(self) -> int:
        """Return how many people."""
        return len(self.digests)

    def changes_to(self, later: PeopleOnList) -> tuple[int, int]:
        """Return how many people came and how many went until a later moment."""
        stayed = int(self.digests.is_in(later.digests.implode()).sum())
        return len(later) - stayed, len(self) - stayed


def people_on(ledger: Ledger, name: ListName, at: datetime | None = None) -> PeopleOnList:
    """Return who is on a list as far as this ledger made it."""
    there = state_of(ledger, name, at=at).filter(pl.col("action") == "include")
    people = there.select("person").collect(engine="streaming").to_series()
    return PeopleOnList(name.list, at, as_digests(people).sort())


def times_on(ledger: Ledger, name: ListName) -> pl.LazyFrame:
    """Return who was on a list from when until when, as far as the platform confirmed it.

    Returns
    -------
    ``person`` (Binary), ``since`` and ``until`` (UTC without a zone, milliseconds; null is until
    now): a row for each time that somebody came.
    """
    events = events_of(ledger, ledger.runs_on(name))
    if events is None:
        return pl.LazyFrame(schema=_TIMES)
    turns = (
        events.filter("sure")
        # Of one run that did both, such as a mirror, the last word is the removal.
        .sort("person", "seq", pl.col("action") == "exclude", "at")
        .filter(pl.col("action").ne_missing(pl.col("action").shift().over("person")))
        .with_columns(until=pl.col("at").shift(-1).over("person"))
    )
    moment = pl.col("at", "until").str.to_datetime(time_unit="ms", time_zone="UTC")
    return (
        turns.filter(pl.col("action") == "include")
        .with_columns(moment.dt.replace_time_zone(None))
        .select("person", pl.col("at").alias("since"), "until")
    )


def lists_of_person(ledger: Ledger, account: str, person: bytes) -> list[ListName]:
    """Return the lists a person is on, as far as this ledger made them."""
    return [
        name
        for name in ledger.list_names(account)
        if person
        in set(_named(ledger, name, person).filter(pl.col("action") == "include")["person"])
    ]


def _named(ledger: Ledger, name: ListName, person: bytes) -> pl.DataFrame:
    here = pl.col("person") == pl.lit(person, pl.Binary)
    return state_of(ledger, name).filter(here).collect()


def state_after(
    ledger: Ledger, runs: list[RunRecord], *, at: datetime | None = None, last: bool = True
) -> pl.LazyFrame:
    """Return what the last of these runs to name each person did, or the first one.

    Returns
    -------
    As :func:`state_of`.
    """
    events = events_of(ledger, runs, at=at)
    if events is None:
        return pl.LazyFrame(schema=_STATE)
    # One number for what happened, so that the last of many is a maximum, and the first a minimum.
    removes = (pl.col("action") == "exclude").cast(pl.Int64)
    code = pl.col("seq") * 4 + removes * 2 + pl.col("sure").cast(pl.Int64)
    one = events.group_by("person").agg((code.max() if last else code.min()).alias("code"))
    return one.select(
        "person",
        action=pl.when(pl.col("code") // 2 % 2 == 1)
        .then(pl.lit("exclude"))
        .otherwise(pl.lit("include")),
        sure=pl.col("code") % 2 == 1,
    )


def events_of(
    ledger: Ledger, runs: list[RunRecord], *, at: datetime | None = None
) -> pl.LazyFrame | None:
    """Return who was named by which batch that may have been sent; None where there was none."""
    until = at.isoformat(timespec="milliseconds") if at else None
    frames = []
    for run in runs:
        sent = [
            (batch.number, batch.action, batch.outcome == "confirmed", batch.at)
            for batch in ledger.batches(run.run_id)
            if batch.outcome in POSSIBLY_SENT and (until is None or (batch.at or "") <= until)
        ]
        people = ledger.members.scan(run.run_id)
        if sent and people is not None:
            schema = {
                "batch": pl.UInt32, "action": pl.String, "sure": pl.Boolean, "at": pl.String
            }  # fmt: skip
            outcomes = pl.LazyFrame(sent, schema=schema, orient="row")
            named = people.join(outcomes, on="batch")
            frames.append(named.with_columns(seq=pl.lit(run.seq, pl.Int64)))
    return pl.concat(frames) if frames else None


def _action(text: str) -> contract.Action:
    return "include" if text == "include" else "exclude"
