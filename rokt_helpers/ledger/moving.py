"""Bring a ledger whole from SQLite into PostgreSQL: all of it or nothing, checked row by row.

The laws kept here: two ledgers never take runs of the same account; what is in the other ledger is
what was in this one before anybody may rely on it. Nobody writes here from the first look to the
mark, and nobody there while the rows go in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.ledger.approvals import waiting_id
from rokt_helpers.ledger.database import open_database
from rokt_helpers.ledger.moved import mark_moved
from rokt_helpers.ledger.records import ListName
from rokt_helpers.ledger.schema import APPROVALS, BATCHES, RUNS, STARTS

__all__ = ["Content", "bring_content", "read_content"]

_ROWS_AT_ONCE: Final = 1_000
_LOCK: Final = (
    "LOCK TABLE runs, batches, approvals, starts IN SHARE ROW EXCLUSIVE MODE"  # reading goes on
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """Every row of a ledger, by table, in their order; no identifiers."""

    runs: list[Row]
    batches: list[Row]
    approvals: list[Row]
    starts: list[Row]

    @property
    def accounts(self) -> list[str]:
        """The ids of the accounts it knows."""
        return sorted({row["account"] for row in (*self.runs, *self.approvals)})

    @property
    def lists(self) -> list[ListName]:
        """The lists that anything went to."""
        names = {(row["account"], row["purpose"], row["list"]) for row in self.runs}
        return [ListName(*name) for name in sorted(names)]

    @property
    def member_files(self) -> list[str]:
        """What the files of people are called that may belong to it."""
        waiting = (waiting_id(row["approval_id"]) for row in self.approvals)
        return [*(row["run_id"] for row in self.runs), *waiting]


def read_content(file: Path, *, folder: Path) -> Content:
    """Return what a ledger of this computer holds; an older one is brought up to date first.

    Raises
    ------
    SettingsError
        When it cannot be opened.
    """
    engine, _ = open_database(file, folder=folder / "locks")
    try:
        with engine.connect() as connection:
            return _content(connection)
    finally:
        engine.dispose()


def bring_content(
    file: Path,
    url: str,
    *,
    folder: Path,
    prove_quiet: Callable[[Content], None],
    carry: Callable[[Content, bool], None],
) -> tuple[Content, bool]:
    """Bring a ledger of this computer into a PostgreSQL one, and mark it.

    Parameters
    ----------
    folder
        The profile's folder, where the locks lie.
    prove_quiet
        Raises where a run is under way; nothing can be written here from then on.
    carry
        Puts whom the runs named where the other ledger looks for them: before any run is there.
        It is told whether they are there already.

    Returns
    -------
    What was brought, and whether it was there already: cut off after the rows were in.

    Raises
    ------
    InputError
        When the other ledger holds anything of these accounts.
    LedgerAway
        When its database goes away. Nothing is in it then, or all is; called again it goes on.
    """
    target, _ = open_database(url, folder=folder / "locks")
    source, _ = open_database(file, folder=folder / "locks")
    try:
        with _nobody_writes(source) as here:
            content = _content(here)
            prove_quiet(content)
            with target.connect() as there:
                is_there = _is_there(there, content)
            carry(content, is_there)
            if not is_there:
                with target.begin() as there:
                    _put(there, content)
            mark_moved(here)
        return content, is_there
    finally:
        source.dispose()
        target.dispose()


@contextmanager
def _nobody_writes(source: sa.Engine) -> Iterator[sa.Connection]:
    """Keep every other process from writing into the SQLite ledger; undone where the block fails.

    SQLite takes the lock for writing at the first write otherwise, which is too late here.
    """
    with source.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


def _put(there: sa.Connection, content: Content) -> None:
    there.exec_driver_sql(_LOCK)
    if _is_there(there, content):  # somebody else has just brought it
        return
    last = there.scalar(sa.select(sa.func.coalesce(sa.func.max(RUNS.c.seq), 0)))
    runs = [{**row, "seq": row["seq"] + int(last or 0)} for row in content.runs]
    rows = ((RUNS, runs), (BATCHES, content.batches), (APPROVALS, content.approvals))
    for table, its in rows:
        for start in range(0, len(its), _ROWS_AT_ONCE):
            there.execute(table.insert(), its[start : start + _ROWS_AT_ONCE])
    _put_starts(there, content.starts)
    expected = Content(runs, content.batches, content.approvals, [])
    _prove_same(expected, _content(there, accounts=content.accounts))


def _put_starts(there: sa.Connection, starts: Iterable[Row]) -> None:
    """Note the later of the two moments, so that no pause that Rokt asked for is lost."""
    for row in starts:
        here = (STARTS.c.platform == row["platform"]) & (STARTS.c.place == row["place"])
        latest = sa.func.greatest(STARTS.c.at, row["at"])
        if not there.execute(STARTS.update().where(here).values(at=latest)).rowcount:
            there.execute(STARTS.insert(), row)


def _is_there(there: sa.Connection, content: Content) -> bool:
    """Tell whether all of it is there already.

    Raises
    ------
    InputError
        When something else of these accounts is there.
    """
    found = _content(there, accounts=content.accounts)
    if not found.runs and not found.approvals:
        return False
    if _covers(found, content):
        return True
    accounts = ", ".join(found.accounts)
    raise InputError(
        f"The ledger that the team shares holds runs of account {accounts} already, and two "
        "histories of one list cannot be put together. Nothing was brought. Bring it into a "
        "database that knows nothing of the account; or go on with the team's ledger, and begin "
        "each list with a full or mirror delivery."
    )


def _covers(found: Content, content: Content) -> bool:
    """Tell whether everything is there, and nothing was sent by the older ledger since."""
    runs = {row["run_id"] for row in found.runs}
    approvals = {row["approval_id"] for row in found.approvals}
    then = _attempts(found)
    return (
        all(row["run_id"] in runs for row in content.runs)
        and all(row["approval_id"] in approvals for row in content.approvals)
        and all(count <= then.get(batch, -1) for batch, count in _attempts(content).items())
    )


def _prove_same(expected: Content, found: Content) -> None:
    for name in ("runs", "batches", "approvals"):
        ours, theirs = getattr(expected, name), getattr(found, name)
        if ours != theirs:
            raise ContractError(
                f"What is in the other ledger is not what was brought: {len(theirs):,} of "
                f"{len(ours):,} {name}, or other values in them. Nothing was kept there."
            )


def _content(connection: sa.Connection, *, accounts: list[str] | None = None) -> Content:
    """Read every row, or those of some accounts; sorted here, for databases sort text their way."""

    def rows(table: sa.Table, *keys: str, where: Any = None) -> list[Row]:
        query = sa.select(table)
        query = query if where is None or accounts is None else query.where(where)
        found = [dict(row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda row: [row[key] for key in keys])

    known = accounts or []
    own = sa.select(RUNS.c.run_id).where(RUNS.c.account.in_(known))
    return Content(
        rows(RUNS, "seq", "run_id", where=RUNS.c.account.in_(known)),
        rows(BATCHES, "run_id", "number", where=BATCHES.c.run_id.in_(own)),
        rows(APPROVALS, "approval_id", where=APPROVALS.c.account.in_(known)),
        rows(STARTS, "platform", "place"),
    )


def _attempts(content: Content) -> dict[tuple[str, int], int]:
    return {(row["run_id"], row["number"]): row["attempts"] for row in content.batches}
