"""Lists to practise on: a dirty customer file, and one that an export hashed wrongly.

All people in them are invented, and their domains belong to nobody.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from rokt_helpers.sandbox.customers import write_customers

__all__ = ["write_practice_lists"]

_HASHED_ROWS: Final = 500
_KNOWN_ROWS: Final = 3


def write_practice_lists(inbox: Path) -> None:
    """Put into the inbox what is not there yet.

    ``sample_customers.csv`` is for preparing and delivering. ``hashed_list.csv`` was exported with
    Windows line ends inside the digests, and ``known_customers.csv`` names a few people on it: the
    hash doctor finds the mistake with them.
    """
    inbox.mkdir(exist_ok=True)
    sample = inbox / "sample_customers.csv"
    if not sample.exists():
        write_customers(sample)
    people = [f"practice.{number}@example.com" for number in range(_HASHED_ROWS)]
    hashed = [hashlib.sha256(f"{address}\r".encode()).hexdigest() for address in people]
    _write_once(inbox / "hashed_list.csv", hashed)
    _write_once(inbox / "known_customers.csv", people[:_KNOWN_ROWS])


def _write_once(path: Path, lines: list[str]) -> None:
    if not path.exists():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
