"""Hand the closed files of the journal over, each whole, and remove them only after.

Law: a referral leaves the journal when whoever takes it has it. A crash in between hands the same
file over again, byte for byte, so that the taker can know it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from filelock import Timeout

from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError
from rokt_helpers.files import private_folder, write_private
from rokt_helpers.receiver.journal import (
    ASIDE,
    KEYS,
    WISH,
    close_left_over,
    closed_segments,
    flush_folder,
    folder_lock,
    modified_at,
)
from rokt_helpers.receiver.segments import Segment

__all__ = ["Drained", "Take", "drain"]

# Takes a name, the bytes of a CSV file and the moment of its last row; gives how many of its rows
# it could not keep.
Take = Callable[[str, bytes, datetime], int]

_REMEMBERED_DAYS: Final = 7
_WISH_SECONDS: Final = 10.0
_LOCK_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Drained:
    """What was handed over.

    Attributes
    ----------
    segments, rows
        Files of the journal, and the referrals in them.
    rows_refused
        Referrals among them that the taker could not keep; their files lie in ``aside/``.
    segments_aside
        Files set aside: for such rows, for damaged lines, or because they were refused whole.
    """

    segments: int = 0
    rows: int = 0
    rows_refused: int = 0
    segments_aside: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return asdict(self)

    def describe(self) -> list[str]:
        """Return the same in sentences."""
        said = [f"Pushed referrals taken over: {self.rows:,}, in {self.segments:,} segments."]
        if self.segments_aside:
            said.append(
                f"{self.segments_aside:,} segments could not be kept whole "
                f"({self.rows_refused:,} referrals refused). They lie in aside/ of the journal."
            )
        return said


def drain(folder: Path, into: Take, *, clock: Clock) -> Drained:
    """Hand over every referral that the journal holds now.

    A receiver that is running is asked to close its file; it goes on with another.

    Parameters
    ----------
    folder
        The journal's.
    into
        Takes one file; an InputError of it sets the file aside, any other error ends the call.

    Raises
    ------
    InputError
        Somebody else is at it, and does not come to an end.
    """
    if not folder.is_dir():
        return Drained()
    lock = folder_lock(folder, "drain")
    try:
        lock.acquire(timeout=_LOCK_SECONDS)
    except Timeout:
        raise InputError("Somebody else is taking over what was pushed. Try again later.") from None
    try:
        return _all_of(folder, into, clock)
    finally:
        lock.release()


def _all_of(folder: Path, into: Take, clock: Clock) -> Drained:
    _close_open(folder, clock)
    done = Drained()
    for path in closed_segments(folder):
        done = _hand_over(path, into, done, clock)
    _forget_old_keys(folder, clock)
    return done


def _close_open(folder: Path, clock: Clock) -> None:
    try:
        with folder_lock(folder, "writer").acquire(timeout=0):
            close_left_over(folder)
    except Timeout:
        wish = folder / WISH
        wish.touch(mode=0o600)
        until = clock.monotonic() + _WISH_SECONDS
        # One that does not answer keeps its file; it is taken over the next time.
        while wish.exists() and clock.monotonic() < until:
            clock.sleep(0.05)


def _hand_over(path: Path, into: Take, done: Drained, clock: Clock) -> Drained:
    segment = Segment.of(path.read_bytes())
    refused, whole = 0, not segment.damaged
    try:
        refused = into(f"{path.stem}.csv", segment.as_csv(), modified_at(segment, path))
    except InputError:
        refused, whole = len(segment.rows), False
    _remember(path.parent, segment, clock)
    if whole and not refused:
        path.unlink()
    else:
        path.replace(private_folder(path.parent / ASIDE) / path.name)
    flush_folder(path.parent)
    return replace(
        done,
        segments=done.segments + 1,
        rows=done.rows + len(segment.rows),
        rows_refused=done.rows_refused + refused,
        segments_aside=done.segments_aside + (not whole or refused > 0),
    )


def _remember(folder: Path, segment: Segment, clock: Clock) -> None:
    """Keep the keys, so that a duplicate of a referral taken over is still told."""
    if segment.keys:
        new = "".join(f"{clock.now():%Y-%m-%d} {key}\n" for key in segment.keys)
        _write_keys(folder, _key_text(folder) + new)


def _forget_old_keys(folder: Path, clock: Clock) -> None:
    oldest = f"{clock.now() - timedelta(days=_REMEMBERED_DAYS):%Y-%m-%d}"
    text = _key_text(folder)
    kept = "".join(line for line in text.splitlines(keepends=True) if line[:10] >= oldest)
    if kept != text:
        _write_keys(folder, kept)


def _key_text(folder: Path) -> str:
    path = folder / KEYS
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _write_keys(folder: Path, text: str) -> None:
    write_private(folder / KEYS, lambda part: part.write_text(text, encoding="utf-8"))
