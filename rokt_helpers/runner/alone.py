"""One run of a notebook at a time: a lock that goes with its process, and since when it is held."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError
from rokt_helpers.files import private_folder, write_private

__all__ = ["alone", "is_running"]


@contextmanager
def alone(what: str, *, key: str, locks: Path, clock: Clock) -> Iterator[None]:
    """Hold the lock of ``key`` while the block runs.

    Parameters
    ----------
    what
        How the message calls the run, such as the notebook's name.
    key
        What may run once at a time; whoever has the same folder of locks shares it.
    locks
        The folder of locks, which is one per profile.

    Raises
    ------
    GuardError
        Named ``busy``, at once, when another process holds it; says since when.
    """
    path = _path(key, private_folder(locks))
    # The lock file itself cannot say it: who only tries the lock empties that file.
    holder = path.with_suffix(".json")
    lock = filelock.FileLock(path, timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise GuardError(f"{what} is running already{_since(holder)}.", guard="busy") from None
    try:
        now = {"since": clock.now().isoformat(timespec="seconds"), "process": os.getpid()}
        write_private(holder, lambda part: part.write_text(json.dumps(now), encoding="utf-8"))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release(force=True)


def is_running(key: str, *, locks: Path) -> bool:
    """Tell whether a process holds the lock of ``key`` at this moment.

    A holder that is written down is looked for only: who tries the lock without a reason could be
    in the way of a run that begins.
    """
    path = _path(key, locks)
    if not path.with_suffix(".json").exists():
        return False
    lock = filelock.FileLock(path, timeout=0, mode=0o600, thread_local=False)
    try:
        with lock:
            return False
    except filelock.Timeout:
        return True


def _path(key: str, locks: Path) -> Path:
    return locks / f"{hashlib.sha256(f'run {key}'.encode()).hexdigest()[:32]}.lock"


def _since(holder: Path) -> str:
    """Return since when and by whom it is held; nothing in the moment before that is written."""
    try:
        now = json.loads(holder.read_text(encoding="utf-8"))
        since = str(now["since"]).replace("T", " ").replace("+00:00", " UTC")
        told = f", since {since} (process {int(now['process'])})"
    except (OSError, ValueError, KeyError, TypeError):
        told = ""
    return f"{told}. Runs never overlap, so nothing was started: wait for its end, or end it"
