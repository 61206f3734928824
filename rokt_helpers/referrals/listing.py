"""What the last look saw ready at Rokt, kept so that it can be told of without another look.

Names, sizes and moments only; a file that came into the vault since is left out by whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from rokt_helpers.errors import InputError
from rokt_helpers.files import write_private

__all__ = ["SeenFile", "note_listing", "read_listing"]


class _Listed(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def modified(self) -> datetime: ...


@dataclass(frozen=True)
class SeenFile:
    """One file as it was listed; ``modified`` in UTC."""

    name: str
    size_bytes: int
    modified: datetime


def note_listing(path: Path, files: Iterable[_Listed], *, now: datetime) -> None:
    """Write down what lies ready now, in place of what did before; mode 0600, whole.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    seen = [asdict(SeenFile(f.name, f.size_bytes, f.modified.astimezone(UTC))) for f in files]
    content = {"version": 1, "looked_at": now, "files": seen}
    text = json.dumps(content, default=datetime.isoformat, ensure_ascii=False)
    write_private(path, lambda part: part.write_text(text + "\n", encoding="utf-8"))


def read_listing(path: Path) -> Sequence[SeenFile]:
    """Return what was written down last, or nothing where nobody ever looked.

    Raises
    ------
    InputError
        When the file is there and cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [
            SeenFile(
                str(one["name"]), int(one["size_bytes"]), datetime.fromisoformat(one["modified"])
            )
            for one in content["files"]
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{path} cannot be read. Remove it; the next `rokt referrals fetch` writes it anew."
        ) from None
