"""What was sent, to which list, when, by which run: written before and after each send.

The law kept here: write ahead. A batch is ``started`` in the ledger before its first byte leaves,
and its outcome follows the answer; a crash in between leaves it *in doubt*, never unknown. The
ledger holds counts and fingerprints, no identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import sqlalchemy as sa

from rokt_helpers.errors import SettingsError

__all__ = ["BatchRecord", "Ledger", "Outcome", "RunRecord"]

Outcome = Literal["planned", "started", "confirmed", "refused", "failed", "in_doubt"]
# planned → started → confirmed | refused (the platform said no) | failed (nobody took it)
#                   | in_doubt (sent, answer lost); a run that died leaves batches `started`.

_METADATA: Final = sa.MetaData()
_RUNS: Final = sa.Table(
    "runs",
    _METADATA,
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False, index=True),
    sa.Column("profile", sa.String(16), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("list", sa.String(255), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("via", sa.String(16), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("identifier", sa.String(16), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("started_at", sa.String(32), nullable=False, index=True),
    sa.Column("finished_at", sa.String(32)),
)
_BATCHES: Final = sa.Table(
    "batches",
    _METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.run_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("request_id", sa.String(128)),
    sa.Column("name", sa.String(255)),
    sa.Column("picked_up_seconds", sa.Float),
    sa.Column("at", sa.String(32)),
)


@dataclass(frozen=True)
class RunRecord:
    """One run as the ledger has it. Moments are ISO 8601 in UTC."""

    run_id: str
    fingerprint: str
    profile: str
    account: str
    host: str
    purpose: str
    list: str
    action: str
    via: str
    mode: str
    identifier: str
    rows: int
    status: str
    started_at: str
    finished_at: str | None


@dataclass(frozen=True)
class BatchRecord:
    """One batch as the ledger has it.

    ``status`` is the answer's HTTP status, ``name`` the delivered file's path on the server; a
    batch has one of them. ``at`` is the moment of the outcome, ISO 8601 in UTC.
    """

    run_id: str
    number: int
    rows: int
    fingerprint: str
    outcome: Outcome
    attempts: int
    status: int | None
    request_id: str | None
    name: str | None
    picked_up_seconds: float | None
    at: str | None


class Ledger:
    """The delivery history of one profile, in SQLite unless a URL names another database."""

    def __init__(self, where: Path | str) -> None:
        """Open the ledger, making it where it is not there.

        Parameters
        ----------
        where
            A file, made with mode 0600, or a SQLAlchemy database URL.

        Raises
        ------
        SettingsError
            When it cannot be opened.
        """
        try:
            self._engine = _open_engine(where)
            _METADATA.create_all(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError, OSError, ValueError):
            # The address itself is not repeated: it may hold a password.
            raise SettingsError(
                "The ledger cannot be opened. Check ROKT_LEDGER_URL and that its database driver "
                "is installed, or the rights on ROKT_HOME."
            ) from None

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --- writing ------------------------------

    def open_run(self, run: RunRecord, batches: list[BatchRecord]) -> None:
        """Write down a run and all its batches as planned, in one transaction."""
        with self._engine.begin() as connection:
            connection.execute(_RUNS.insert(), vars(run))
            connection.execute(_BATCHES.insert(), [vars(batch) for batch in batches])

    def batch_started(self, run_id: str, number: int, *, now: datetime) -> None:
        """Write ahead: this batch is about to be sent (once more)."""
        self._update_batch(
            run_id, number, outcome="started", attempts=_BATCHES.c.attempts + 1, at=_iso(now)
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
                _RUNS.update()
                .where(_RUNS.c.run_id == run_id)
                .values(status=status, finished_at=_iso(now) if now else None)
            )

    def _update_batch(self, run_id: str, number: int, **values: Any) -> None:
        with self._engine.begin() as connection:
            done = connection.execute(
                _BATCHES.update()
                .where(_BATCHES.c.run_id == run_id, _BATCHES.c.number == number)
                .values(**values)
            )
        if done.rowcount != 1:
            raise LookupError(f"batch {number} of run {run_id} is not in the ledger")

    # --- reading ------------------------------

    def run(self, run_id: str) -> RunRecord | None:
        """Return one run, or None."""
        found = self._runs(_RUNS.c.run_id == run_id)
        return found[0] if found else None

    def runs(self, limit: int = 100) -> list[RunRecord]:
        """Return the last runs, newest first."""
        return self._runs(limit=limit)

    def last_run_on(self, account: str, purpose: str, list_name: str) -> RunRecord | None:
        """Return the newest run that went to a list, over whichever channel, or None."""
        found = self._runs(
            _RUNS.c.account == account,
            _RUNS.c.purpose == purpose,
            _RUNS.c.list == list_name,
            limit=1,
        )
        return found[0] if found else None

    def batches(self, run_id: str) -> list[BatchRecord]:
        """Return the batches of a run in their order."""
        query = sa.select(_BATCHES).where(_BATCHES.c.run_id == run_id).order_by(_BATCHES.c.number)
        with self._engine.connect() as connection:
            return [BatchRecord(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001

    def _runs(self, *conditions: Any, limit: int = 100) -> list[RunRecord]:
        query = (
            sa.select(_RUNS)
            .where(*conditions)
            .order_by(_RUNS.c.started_at.desc(), _RUNS.c.run_id.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [RunRecord(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001


def _open_engine(where: Path | str) -> sa.Engine:
    if isinstance(where, Path):
        where.touch(mode=0o600)
        url = sa.URL.create("sqlite", database=str(where))
    else:
        url = sa.make_url(where)
    engine = sa.create_engine(url)
    if url.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: Any, _record: Any) -> None:
    """Have SQLite wait for a busy neighbour, and be on the disk before it says so."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
