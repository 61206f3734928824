"""What was sent, to which list, when, by which run: written before and after each send.

The law kept here: write ahead. A batch is ``started`` in the ledger before its first byte leaves,
and its outcome follows the answer; a crash in between leaves it *in doubt*, never unknown. The
database holds counts and fingerprints; people stand, as digests, in files beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from rokt_helpers.errors import LedgerAway
from rokt_helpers.ledger.accounts import accounts_query
from rokt_helpers.ledger.approvals import Approvals, waiting_id
from rokt_helpers.ledger.database import open_database
from rokt_helpers.ledger.locks import Release
from rokt_helpers.ledger.members import Members
from rokt_helpers.ledger.records import BatchRecord, ListName, Outcome, RunRecord
from rokt_helpers.ledger.schema import APPROVALS, BATCHES, RUNS, STARTS
from rokt_helpers.storage import LocalStorage, Storage

__all__ = ["Ledger"]

_VAULT: Final = "vault of referrals"
_MOST_STEPS: Final = 10**9


class Ledger:
    """The delivery history of one profile, in SQLite unless a URL names another database."""

    def __init__(
        self, where: Path | str, *, folder: Path | None = None, shared: Storage | None = None
    ) -> None:
        """Open the ledger, making it where it is not there.

        Parameters
        ----------
        where
            A file, made with mode 0600, or a SQLAlchemy database URL.
        folder
            Where files of members and locks lie; None is the folder of the database file.
        shared
            Where files of members lie instead, for a team.

        Raises
        ------
        SettingsError
            When it cannot be opened.
        """
        beside = folder or Path(where).parent
        self._engine, self._locks = open_database(where, folder=beside / "locks")
        kept = shared.below("members") if shared else LocalStorage(beside / "members")
        self.approvals = Approvals(self._engine)
        self.members = Members(kept, lambda: self.hold("members"))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --- locks and the clock ------------------

    def try_lock(self, name: str) -> Release | None:
        """Take a lock that all who share the ledger know; None when somebody else has it."""
        return self._locks.try_lock(name)

    def hold(self, name: str) -> AbstractContextManager[None]:
        """Wait for such a lock, and hold it for a moment."""
        return self._locks.hold(name)

    def prove_held(self, name: str) -> None:
        """Prove that a lock which was taken here is still ours.

        Raises
        ------
        LedgerAway
            When it is not: its connection was lost, and somebody else may have taken it.
        """
        if not self._locks.holds(name):
            raise LedgerAway(
                "The connection to the ledger's database was lost, and with it the lock that keeps "
                "others away meanwhile. Start the same again: only what is missing is done."
            )

    @contextmanager
    def alone_on_vault(self) -> Iterator[Callable[[], None]]:
        """Wait until nobody else changes the vault; give what proves that this still holds."""
        with self.hold(_VAULT):
            yield lambda: self.prove_held(_VAULT)

    def seconds(self) -> float:
        """Return the moment in seconds, by the one clock that all who share the ledger have."""
        if self._engine.dialect.name != "postgresql":
            return time.time()
        with self._engine.connect() as connection:
            epoch = sa.extract("epoch", sa.func.clock_timestamp())
            return float(connection.scalar(sa.select(epoch)) or 0)

    def last_start(self, platform: str, place: int) -> float | None:
        """Return when a place was last used for a start, in seconds of :meth:`seconds`."""
        here = (STARTS.c.platform == platform) & (STARTS.c.place == place)
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(STARTS.c.at).where(here))

    def note_start(self, platform: str, place: int, at: float) -> None:
        """Write when a place is used for a start; whoever does holds its lock."""
        here = (STARTS.c.platform == platform) & (STARTS.c.place == place)
        with self._engine.begin() as connection:
            if not connection.execute(STARTS.update().where(here).values(at=at)).rowcount:
                connection.execute(
                    STARTS.insert(), {"platform": platform, "place": place, "at": at}
                )

    # --- writing ------------------------------

    def open_run(
        self,
        run: RunRecord,
        batches: list[BatchRecord],
        people: Iterable[tuple[int, pl.Series]] = (),
    ) -> None:
        """Write down a run, whom it names, and all its batches as planned.

        The files come first: a run that is in the database has its members.
        """
        self.members.write(run.run_id, people)
        seq = sa.select(sa.func.coalesce(sa.func.max(RUNS.c.seq), 0) + 1).scalar_subquery()
        with self._engine.begin() as connection:
            connection.execute(RUNS.insert().values({**vars(run), "seq": seq}))
            if batches:
                connection.execute(BATCHES.insert(), [vars(batch) for batch in batches])

    def batch_started(self, run_id: str, number: int, *, now: datetime) -> None:
        """Write ahead: this batch is about to be sent (once more)."""
        self._update_batch(
            run_id, number, outcome="started", attempts=BATCHES.c.attempts + 1, at=_iso(now)
        )

    def batch_ended(
        self, run_id: str, number: int, outcome: Outcome, *, now: datetime, **facts: Any
    ) -> None:
        """Write the outcome of a batch; ``facts`` are columns such as ``status``."""
        self._update_batch(run_id, number, outcome=outcome, at=_iso(now), **facts)

    def batch_picked_up(self, run_id: str, number: int, *, seconds: float) -> None:
        """Write how long a delivered file lay until it was taken, in seconds."""
        self._update_batch(run_id, number, picked_up_seconds=seconds)

    def end_run(self, run_id: str, status: str, *, now: datetime | None) -> None:
        """Write how the run stands; ``now`` is None for a run that is taken up again."""
        with self._engine.begin() as connection:
            connection.execute(
                RUNS.update()
                .where(RUNS.c.run_id == run_id)
                .values(status=status, finished_at=_iso(now) if now else None)
            )

    def forget_runs(self, before: datetime) -> int:
        """Forget runs that began before a moment, and whom they named; return how many."""
        old = RUNS.c.started_at < _iso(before)
        with self._engine.begin() as connection:
            ids = list(connection.scalars(sa.select(RUNS.c.run_id).where(old)))
            asked = APPROVALS.c.asked_at < _iso(before)
            waited = list(connection.scalars(sa.select(APPROVALS.c.approval_id).where(asked)))
            connection.execute(APPROVALS.delete().where(asked))
            connection.execute(BATCHES.delete().where(BATCHES.c.run_id.in_(ids)))
            connection.execute(RUNS.delete().where(RUNS.c.run_id.in_(ids)))
        for run_id in (*ids, *map(waiting_id, waited)):
            self.members.forget_run(run_id)
        return len(ids)

    def _update_batch(self, run_id: str, number: int, **values: Any) -> None:
        with self._engine.begin() as connection:
            done = connection.execute(
                BATCHES.update()
                .where(BATCHES.c.run_id == run_id, BATCHES.c.number == number)
                .values(**values)
            )
        if done.rowcount != 1:
            raise LookupError(f"batch {number} of run {run_id} is not in the ledger")

    # --- reading ------------------------------

    def run(self, run_id: str) -> RunRecord | None:
        """Return one run, or None."""
        found = self._runs(RUNS.c.run_id == run_id)
        return found[0] if found else None

    def runs(self, limit: int | None = 100) -> list[RunRecord]:
        """Return the last runs, newest first; all of them where ``limit`` is None."""
        return self._runs(limit=limit)

    def runs_on(self, name: ListName) -> list[RunRecord]:
        """Return all runs that went to a list, over whichever channel, newest first."""
        return self._runs(
            RUNS.c.account == name.account,
            RUNS.c.purpose == name.purpose,
            RUNS.c.list == name.list,
            limit=None,
        )

    def last_run_on(self, name: ListName) -> RunRecord | None:
        """Return the newest run that went to a list, over whichever channel, or None."""
        found = self.runs_on(name)
        return found[0] if found else None

    def accounts(self, profile: str) -> set[str]:
        """Return the ids of the accounts that were delivered to in a profile."""
        with self._engine.connect() as connection:
            return {*connection.scalars(accounts_query(profile))}

    def version_after(self, run: RunRecord | None) -> int:
        """Return a number that changes with each step of the last run on a list; 0 without one."""
        if run is None:
            return 0
        batches = self.batches(run.run_id)
        steps = sum(
            b.attempts + (b.outcome != "planned") + (b.outcome == "confirmed") for b in batches
        )
        return run.seq * _MOST_STEPS + steps

    def list_names(self, account: str) -> list[ListName]:
        """Return the lists of an account that this ledger ever delivered to."""
        columns = (RUNS.c.account, RUNS.c.purpose, RUNS.c.list)
        query = sa.select(*columns).where(RUNS.c.account == account).distinct().order_by(*columns)
        with self._engine.connect() as connection:
            return [ListName(*row) for row in connection.execute(query)]

    def batches(self, run_id: str) -> list[BatchRecord]:
        """Return the batches of a run in their order."""
        query = sa.select(BATCHES).where(BATCHES.c.run_id == run_id).order_by(BATCHES.c.number)
        with self._engine.connect() as connection:
            return [BatchRecord(**row) for row in connection.execute(query).mappings()]

    def _runs(self, *conditions: Any, limit: int | None = 100) -> list[RunRecord]:
        query = sa.select(RUNS).where(*conditions).order_by(RUNS.c.seq.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [RunRecord(**row) for row in connection.execute(query).mappings()]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
