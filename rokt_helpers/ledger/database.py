"""Open the ledger's database and bring it up to date."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from rokt_helpers.errors import LedgerAway, SettingsError, system_reason
from rokt_helpers.extras import how_to_install
from rokt_helpers.ledger.locks import FileLocks, Locks, PostgresLocks
from rokt_helpers.ledger.moved import MOVED, MOVED_SENTENCE, refuses
from rokt_helpers.ledger.schema import METADATA

__all__ = ["LATEST", "open_database"]

LATEST: Final = "0004"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
# A line that is dead must not be waited for, nor an idle one, such as a lock's, be forgotten by
# what lies between: seconds, but for the last one, which is milliseconds.
_PATIENCE: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# What SQLite says of a file, in the system's words where it has some.
_OF_FILE: Final = {
    sqlite3.SQLITE_FULL: os.strerror(errno.ENOSPC),
    sqlite3.SQLITE_IOERR: "the disk did not take it (it is full, a limit on the size of files is "
    "set, or it is broken)",
    sqlite3.SQLITE_READONLY: "its file cannot be written to",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_NOTADB: "its file is no ledger",
    sqlite3.SQLITE_CORRUPT: "its file is broken",
}


def open_database(where: Path | str, *, folder: Path) -> tuple[sa.Engine, Locks]:
    """Return the engine of an up-to-date ledger, and its locks.

    Parameters
    ----------
    where
        A file, made with mode 0600, or a SQLAlchemy database URL.
    folder
        Where lock files lie when the database has no locks of its own.

    Raises
    ------
    SettingsError
        When it cannot be opened, or was written by a newer workbench.
    """
    try:
        engine = _open_engine(where)
        try:
            locks: Locks = FileLocks(folder)
            if engine.dialect.name == "postgresql":
                locks = PostgresLocks(engine)
            _bring_up_to_date(engine, locks)
        except BaseException:
            engine.dispose()
            raise
    except ImportError:
        raise SettingsError(
            "The ledger's database needs a driver that is not installed. For PostgreSQL: "
            f"{how_to_install('sql')}."
        ) from None
    except (sa.exc.SQLAlchemyError, LedgerAway, OSError, ValueError) as error:
        if reason := _reason(error):
            raise SettingsError(
                f"The ledger cannot be opened, and nothing is sent without it: {reason}. Check "
                "ROKT_LEDGER_URL, or the disk of ROKT_HOME and the rights there."
            ) from None
        # The address itself is not repeated: it may hold a password.
        raise SettingsError(
            "The ledger cannot be opened, and nothing is sent without it. Check ROKT_LEDGER_URL, "
            "that its database runs, or the rights on ROKT_HOME."
        ) from None
    return engine, locks


def _open_engine(where: Path | str) -> sa.Engine:
    if isinstance(where, Path):
        where.touch(mode=0o600)
        url = sa.URL.create("sqlite", database=str(where))
    else:
        url = sa.make_url(where)
        if url.drivername in {"postgresql", "postgres"}:
            url = url.set(drivername="postgresql+psycopg")
    patience: dict[str, Any] = {}
    if url.drivername == "postgresql+psycopg":
        arguments = {name: v for name, v in _PATIENCE.items() if name not in url.query}
        patience = {"connect_args": arguments, "pool_pre_ping": True}
    engine = sa.create_engine(url, **patience)
    sa.event.listen(engine, "handle_error", _say_it_is_away)
    if url.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _durable)
    return engine


def _reason(error: BaseException) -> str:
    """Return why a file of a ledger cannot be used; empty where nobody knows."""
    for one in (error, getattr(error, "orig", None), error.__context__):
        if isinstance(one, OSError):
            return system_reason(one)
        if isinstance(one, sqlite3.Error):
            # The last byte is what went wrong; above it stands where.
            return _OF_FILE.get(getattr(one, "sqlite_errorcode", 0) & 0xFF, "")
    return ""


def _say_it_is_away(context: sa.ExceptionContext) -> None:
    """Say in our words that the database is gone; its own show where it is and who we are."""
    if refuses(context.original_exception):
        raise LedgerAway(MOVED_SENTENCE) from None
    gone = isinstance(context.sqlalchemy_exception, sa.exc.OperationalError | sa.exc.InterfaceError)
    if gone and (reason := _reason(context.original_exception)):
        raise LedgerAway(
            f"The ledger cannot be used, and nothing is sent without it: {reason}. When that is "
            "mended, start the same again: only what is not confirmed is sent."
        ) from None
    if gone and not context.is_pre_ping:
        raise LedgerAway(
            "The ledger's database does not answer, and nothing is sent without it. When it is "
            "back, start the same again: only what is not confirmed is sent."
        ) from None


def _durable(connection: Any, _record: Any) -> None:
    """Have SQLite wait for a busy neighbour, and be on the disk before it says so."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _bring_up_to_date(engine: sa.Engine, locks: Locks) -> None:
    version = _version(engine)
    if version == LATEST:
        return
    if version == MOVED:
        raise SettingsError(MOVED_SENTENCE)
    with locks.hold("schema"):
        version = _version(engine)
        if version is None and not sa.inspect(engine).has_table("runs"):
            METADATA.create_all(engine)
            _migrate(engine, lambda command, config: command.stamp(config, LATEST))
        elif version is not None and version > LATEST:
            raise SettingsError(
                "The ledger was written by a newer workbench. Install that version, or name "
                "another ledger with ROKT_LEDGER_URL or ROKT_HOME."
            )
        elif version != LATEST:
            if version is None:  # from before the steps were counted
                _migrate(engine, lambda command, config: command.stamp(config, "0001"))
            _migrate(engine, lambda command, config: command.upgrade(config, LATEST))


def _version(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        version = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if version is None else str(version)


def _migrate(engine: sa.Engine, step: Callable[[Any, Any], None]) -> None:
    # Loaded here: an up-to-date ledger, which is nearly every one, needs none of it.
    command, config = import_module("alembic.command"), import_module("alembic.config").Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        step(command, config)
