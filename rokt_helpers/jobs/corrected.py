"""What belongs to corrections by hand: is the list still the same, and the record of them."""

from __future__ import annotations

from pathlib import Path

from rokt_helpers.audience import PreparedAudience
from rokt_helpers.audience.correcting import CORRECTION_COLUMNS
from rokt_helpers.jobs.places import CORRECTIONS_ENDING

__all__ = ["stamp_of", "write_record"]


def stamp_of(source: object) -> tuple[int, int] | None:
    """Return what tells a file from what it was before; None for what is no file."""
    if not isinstance(source, Path):
        return None
    try:
        state = source.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def write_record(prepared: PreparedAudience, written: Path) -> Path | None:
    """Write the record of corrections beside the prepared file; None where there are none.

    A record that an earlier run left there is of another file, and is emptied.
    """
    path = written.with_name(f"{written.stem}{CORRECTIONS_ENDING}")
    if prepared.summary["corrected"]:
        return prepared.write_corrections(path)
    if _is_record(path):
        prepared.write_corrections(path)
    return None


def _is_record(path: Path) -> bool:
    header = ",".join(CORRECTION_COLUMNS).encode()
    try:
        with path.open("rb") as stream:
            return stream.readline(len(header) + 2).rstrip() == header
    except OSError:
        return False
