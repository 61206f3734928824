"""Locks that hold across the processes of one ledger, and are free again when their holder dies.

The law kept here: no lock outlives its process. Files are locked by the operating system and
PostgreSQL's advisory locks by the connection, so nothing has to be cleared up after a crash.
"""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Final

import filelock
import sqlalchemy as sa

from rokt_helpers.errors import LedgerAway
from rokt_helpers.files import private_folder

__all__ = ["FileLocks", "Locks", "PostgresLocks", "Release"]

Release = Callable[[], None]
_POLL_SECONDS: Final = 0.02
_LONGEST_POLL_SECONDS: Final = 0.3


class Locks(ABC):
    """Named locks; whoever shares the ledger shares them."""

    @abstractmethod
    def try_lock(self, name: str) -> Release | None:
        """Take the lock and return how to let it go; None when somebody else has it."""

    @abstractmethod
    def holds(self, name: str) -> bool:
        """Tell whether a lock that was taken here is still held."""

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Wait for the lock and hold it; for what takes a moment, or a few."""
        pause = _POLL_SECONDS
        while (release := self.try_lock(name)) is None:
            sleep(pause)
            pause = min(2 * pause, _LONGEST_POLL_SECONDS)
        try:
            yield
        finally:
            release()


class FileLocks(Locks):
    """Locks on files of one private folder; for one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def try_lock(self, name: str) -> Release | None:
        """Take the lock and return how to let it go; None when somebody else has it."""
        path = private_folder(self._folder) / f"{_digest(name).hex()[:32]}.lock"
        lock = filelock.FileLock(path, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            return None
        return lambda: lock.release(force=True)

    def holds(self, name: str) -> bool:  # noqa: ARG002  the system takes none away
        """Tell whether a lock that was taken here is still held."""
        return True


class PostgresLocks(Locks):
    """Advisory locks of the database; for any number of machines.

    Each is held by a connection of its own. When that is lost, so is the lock, and another machine
    may take it: who works for long asks :meth:`holds` in between.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._holders: dict[str, int] = {}
        self._lock = threading.Lock()

    def try_lock(self, name: str) -> Release | None:
        """Take the lock and return how to let it go; None when somebody else has it."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            taken, holder = connection.execute(
                sa.select(sa.func.pg_try_advisory_lock(_key(name)), sa.func.pg_backend_pid())
            ).one()
        except BaseException:
            connection.close()
            raise
        if not taken:
            connection.close()
            return None
        with self._lock:
            self._holders[name] = holder
        return lambda: self._unlock(connection, name)

    def holds(self, name: str) -> bool:
        """Tell whether a lock that was taken here is still held."""
        high, low = divmod(_key(name) % 2**64, 2**32)
        with self._lock:
            holder = self._holders.get(name)
        found = {"holder": holder, "high": high, "low": low}
        with self._engine.connect() as connection:
            return bool(connection.scalar(_HELD, found))

    def _unlock(self, connection: sa.Connection, name: str) -> None:
        with self._lock:
            self._holders.pop(name, None)
        try:
            connection.scalar(sa.select(sa.func.pg_advisory_unlock(_key(name))))
        except LedgerAway:  # the lock has gone with its connection
            connection.invalidate()
        finally:
            connection.close()


_HELD: Final = sa.text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND pid = :holder AND classid::bigint = :high AND objid::bigint = :low AND objsubid = 1)"
)


def _key(name: str) -> int:
    return int.from_bytes(_digest(name)[:8], signed=True)


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
