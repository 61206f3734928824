"""What is known of a list before anything is planned for it: a value, handed in by the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from rokt_helpers import contract

__all__ = ["KnownList", "PastRun"]


@dataclass(frozen=True)
class PastRun:
    """One delivered run on the list: what it did, and with how many rows."""

    run_id: str
    action: contract.Action
    mode: str
    rows: int
    is_sample: bool = False


@dataclass(frozen=True)
class KnownList:
    """What this ledger knows of a list.

    Attributes
    ----------
    runs
        The delivered runs, newest first.
    version
        Changes with each step of the last run on the list; 0 where there was none.
    names
        Every list this ledger ever delivered to, on the same account.
    nameless
        How many runs were sent of which is not kept here whom they named.
    members
        ``person`` (Binary) and ``action`` (String): what the last confirmed run to name a person
        did. Read only by those who compare.
    """

    runs: tuple[PastRun, ...] = ()
    version: int = 0
    names: tuple[str, ...] = ()
    nameless: int = 0
    members: pl.LazyFrame = field(
        default_factory=lambda: pl.LazyFrame(
            schema={"person": pl.Binary, "action": pl.String, "sure": pl.Boolean}
        ),
        repr=False,
    )

    def last_named(self, action: contract.Action, *, sure: bool) -> pl.Series:
        """Return whom the last run to name them included, or excluded.

        With ``sure`` only what the platform confirmed counts; without it also what was sent and
        the answer lost.
        """
        rows = self.members.filter(pl.col("action") == action)
        if sure:
            rows = rows.filter("sure")
        return rows.select("person").collect(engine="streaming").to_series()
