"""Lists to practise on: a dirty customer file, a wrongly hashed one, and lists to compare.

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
# A newsletter as it was on three days, by number of person. Twelve who left come back.
_NEWSLETTER: Final = {
    "2026-09-01": [*range(400)],
    "2026-10-01": [*range(38, 452)],
    "2026-11-01": [*range(12), *range(83, 420), *range(431, 507)],
}
_DO_NOT_CONTACT: Final = range(478, 563)


def write_practice_lists(inbox: Path) -> None:
    """Put into the inbox what is not there yet.

    ``sample_customers.csv`` is for preparing and delivering. ``hashed_list.csv`` was exported with
    Windows line ends inside the digests, and ``known_customers.csv`` names a few people on it: the
    hash doctor finds the mistake with them. ``newsletter_…`` is one list on three days, and
    ``do_not_contact.csv`` holds the digests of people some of whom are on it: for the list lab.
    """
    inbox.mkdir(exist_ok=True)
    sample = inbox / "sample_customers.csv"
    if not sample.exists():
        write_customers(sample)
    people = [_address(number) for number in range(_HASHED_ROWS)]
    hashed = [_sha256(f"{address}\r") for address in people]
    _write_once(inbox / "hashed_list.csv", hashed)
    _write_once(inbox / "known_customers.csv", people[:_KNOWN_ROWS])
    for day, readers in _NEWSLETTER.items():
        _write_once(inbox / f"newsletter_{day}.csv", [_address(number) for number in readers])
    unwanted = [_sha256(_address(number)) for number in _DO_NOT_CONTACT]
    _write_once(inbox / "do_not_contact.csv", unwanted)


def _address(number: int) -> str:
    return f"practice.{number}@example.com"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_once(path: Path, lines: list[str]) -> None:
    if not path.exists():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
