"""Locks that hold across the processes of one ledger, and are free again when their holder dies.

The law kept here: no lock outlives its process. Files are locked by the operating system and
PostgreSQL's advisory locks by the connection, so nothing has to be cleared up after a crash.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Final

import filelock
import sqlalchemy as sa

from rokt_helpers.files import private_folder

__all__ = ["FileLocks", "Locks", "PostgresLocks", "Release"]

Release = Callable[[], None]
_POLL_SECONDS: Final = 0.02


class Locks(ABC):
    """Named locks; whoever shares the ledger shares them."""

    @abstractmethod
    def try_lock(self, name: str) -> Release | None:
        """Take the lock and return how to let it go; None when somebody else has it."""

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Wait for the lock and hold it; for what takes a moment only."""
        while (release := self.try_lock(name)) is None:
            sleep(_POLL_SECONDS)
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


class PostgresLocks(Locks):
    """Advisory locks of the database; for any number of machines."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def try_lock(self, name: str) -> Release | None:
        """Take the lock and return how to let it go; None when somebody else has it."""
        key = int.from_bytes(_digest(name)[:8], signed=True)
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
            return lambda: _unlock(connection, key)
        connection.close()
        return None


def _unlock(connection: sa.Connection, key: int) -> None:
    connection.scalar(sa.select(sa.func.pg_advisory_unlock(key)))
    connection.close()


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
