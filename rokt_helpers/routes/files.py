"""What every route lists, and which names it takes.

Law: a name that came from elsewhere never leads out of the folder it was found in, and can be
written and shown anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

__all__ = [
    "LONGEST_NAME",
    "TABLE_SUFFIXES",
    "DeliveredFile",
    "harmless",
    "is_harmless",
    "is_table",
    "numbered",
]

# Where other things lie beside the tables (a person's folder, a message), only these are taken.
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".gz", ".zip")
LONGEST_NAME: Final = 120
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class DeliveredFile:
    """A file that lies ready: its name, size in bytes, and when it was last changed (UTC)."""

    name: str
    size_bytes: int
    modified: datetime


def is_table(name: str) -> bool:
    """Tell whether a name is one that tables have."""
    return name.lower().endswith(TABLE_SUFFIXES)


def is_harmless(name: str) -> bool:
    """Tell whether a listed name is one entry of its folder, and nobody's unfinished upload."""
    plain = name and not name.startswith(".") and "/" not in name
    return bool(plain) and _CONTROLS.search(name) is None


def harmless(name: str) -> str:
    """Return what is left of a name without folders, control characters and excess length."""
    last = re.split(r"[/\\]", name)[-1]
    bare = _CONTROLS.sub("", last).encode("utf-8", "replace").decode().strip(" .") or "unnamed"
    path = PurePosixPath(bare)
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix[:LONGEST_NAME]


def numbered(name: str, taken: set[str]) -> str:
    """Return the name, or the next free one of the form ``list-2.csv``."""
    path, number, free = PurePosixPath(name), 1, name
    while free in taken:
        number += 1
        free = f"{path.stem}-{number}{path.suffix}"
    return free
