"""Write referrals ahead: on the disk before the answer, many requests with one flush.

The folder holds one open file, closed ones that wait to be taken over (``push-<moment>.segment``),
what could not be taken over (``aside/``), and ``seen.keys``. One process writes, told by a lock
that goes with it; another may take closed files over at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Self

from filelock import FileLock, Timeout

from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError
from rokt_helpers.files import private_folder
from rokt_helpers.receiver.segments import Segment, header

__all__ = [
    "ASIDE",
    "CLOSED",
    "KEYS",
    "WISH",
    "Journal",
    "close_left_over",
    "closed_segments",
    "flush_folder",
    "folder_lock",
    "modified_at",
    "segments_aside",
    "segments_in",
]

CLOSED: Final = ".segment"
OPEN: Final = ".open"
WISH: Final = "close.wish"
ASIDE: Final = "aside"
KEYS: Final = "seen.keys"
_MOST_BYTES: Final = 16_777_216
_MOST_SECONDS: Final = 3_600.0


class Journal:
    """The writer's side. Use it in ``with``, from one thread.

    Parameters
    ----------
    folder
        Made when missing, for its owner only.
    columns
        The columns that the rows have.

    Raises
    ------
    InputError
        Another process writes there already.
    """

    def __init__(self, folder: Path, columns: Sequence[str], *, clock: Clock) -> None:
        self.folder = private_folder(folder)
        self._columns = tuple(columns)
        self._clock = clock
        self._file: BinaryIO | None = None
        self._since = 0.0
        self._lock = folder_lock(folder, "writer")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                "A receiver is running on this account already. Stop it, or leave it running."
            ) from None
        close_left_over(folder)

    def keys(self) -> list[str]:
        """Return what duplicates are known by, oldest first."""
        # Segments first: one that is taken over meanwhile has left its keys in the file.
        waiting = [k for path in closed_segments(self.folder) for k in _read(path).keys]
        return [*_read_keys(self.folder), *waiting]

    def append(self, records: Sequence[bytes]) -> None:
        """Write the records and wait until the disk has them: all of them, or OSError and none."""
        if not records:
            return
        file = self._file or self._open()
        good = file.tell()
        try:
            file.write(b"".join(records))
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            self._abandon(file, good)
            raise
        if file.tell() >= _MOST_BYTES:
            self.close_segment()

    def tick(self) -> None:
        """Close the open file when it is old, or when somebody who takes files over asks."""
        wish = self.folder / WISH
        asked = wish.exists()
        if self._file and (asked or self._clock.monotonic() - self._since > _MOST_SECONDS):
            self.close_segment()
        if asked:
            wish.unlink(missing_ok=True)

    def close_segment(self) -> None:
        """Close the open file: from now on it may be taken over."""
        if self._file is not None:
            path = Path(self._file.name)
            self._file.close()
            self._file = None
            _close(path)

    def close(self) -> None:
        """Close the open file and let go of the folder."""
        self.close_segment()
        self._lock.release()

    def _open(self) -> BinaryIO:
        moment = self._clock.now().astimezone(UTC)
        path = self.folder / f"push-{moment:%Y%m%dT%H%M%S.%fZ}{OPEN}"
        file = open(path, "xb", opener=_for_its_owner)  # noqa: SIM115  Path has no opener
        try:
            file.write(header(self._columns))
            file.flush()
            os.fsync(file.fileno())
            flush_folder(self.folder)
        except OSError:
            self._abandon(file, 0)
            raise
        self._file, self._since = file, self._clock.monotonic()
        return file

    def _abandon(self, file: BinaryIO, good: int) -> None:
        """After a failed write: cut off what was not confirmed, and begin another file next time.

        After a failed flush nobody can say what the disk has, so nothing more is added to it.
        """
        self._file = None
        path = Path(file.name)
        with suppress(OSError):
            file.close()  # what it still holds in memory fails again, and the file is closed
        with suppress(OSError):
            os.truncate(path, good)
        with suppress(OSError):
            _close(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def folder_lock(folder: Path, name: str) -> FileLock:
    """Return a lock in the folder that goes with its process."""
    return FileLock(private_folder(folder) / f"{name}.lock", mode=0o600)


def closed_segments(folder: Path) -> list[Path]:
    """Return the files that may be taken over, oldest first."""
    return sorted(folder.glob(f"push-*{CLOSED}"))


def segments_in(folder: Path) -> list[Path]:
    """Return the files of a journal that were not taken over, open ones too, in their order."""
    return sorted(path for end in (OPEN, CLOSED) for path in folder.glob(f"push-*{end}"))


def segments_aside(folder: Path) -> list[Path]:
    """Return the files of a journal that could not be taken over whole, in their order."""
    return sorted((folder / ASIDE).glob(f"push-*{CLOSED}"))


def close_left_over(folder: Path) -> None:
    """Close what an ended process left open. The caller holds the writer's lock."""
    for path in sorted(folder.glob(f"push-*{OPEN}")):
        _close(path)


def _read_keys(folder: Path) -> list[str]:
    """Return the keys of referrals that were taken over in the last days."""
    path = folder / KEYS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [words[1] for line in lines if len(words := line.split()) == len(("day", "key"))]


def flush_folder(folder: Path) -> None:
    """Wait until the disk has the names in the folder too."""
    with suppress(OSError):  # Windows has no such call, and needs none
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def modified_at(segment: Segment, path: Path) -> datetime:
    """Return when a segment got its last row."""
    return segment.last or datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _close(path: Path) -> None:
    segment = _read(path)
    if not segment.rows and not segment.damaged:
        path.unlink()
    else:
        path.replace(path.with_suffix(CLOSED))
    flush_folder(path.parent)


def _read(path: Path) -> Segment:
    try:
        return Segment.of(path.read_bytes())
    except FileNotFoundError:  # taken over this moment
        return Segment()
