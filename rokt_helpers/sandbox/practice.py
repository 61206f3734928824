"""Lists to practise on: a dirty customer file, a wrongly hashed one, and lists to compare.

All people in them are invented, and their domains belong to nobody.
"""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from rokt_helpers.sandbox.customers import write_customers
from rokt_helpers.sandbox.people import Person, invent_person
from rokt_helpers.sandbox.purchases import Purchase, purchases

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
_READERS: Final = 563
_SPARE: Final = 20  # two of the invented people may be one
_PURCHASE_TITLES: Final = (
    "E-mail address,Order number,Order time,Total,Currency,Conversion type,SKUs,Click id"
)


def write_practice_lists(inbox: Path, *, today: date | None = None, seed: int = 7) -> None:
    """Put into the inbox what is not there yet; orders of an earlier day that nobody changed anew.

    Parameters
    ----------
    inbox
        The folder; it is made where it is missing.
    today
        The day it is, in UTC, up to which orders go. Left out: by the clock.
    seed
        That of the sandbox whose referral files name those who ordered.

    Notes
    -----
    ``sample_customers.csv`` is for preparing and delivering. ``hashed_list.csv`` was exported with
    Windows line ends inside the digests, and ``known_customers.csv`` names a few people on it: the
    hash doctor finds the mistake with them. ``newsletter_…`` is one list on three days, and
    ``do_not_contact.csv`` holds the digests of people some of whom are on it: for the list lab.
    ``sample_purchases.csv`` is for reporting conversions: the last three weeks, one order twice,
    most of it ordered by people of the sandbox's referral files.
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
    _renew_purchases(inbox / "sample_purchases.csv", today or datetime.now(UTC).date(), seed)


def _renew_purchases(path: Path, today: date, seed: int) -> None:
    """Write the orders; those of an earlier day are replaced where nobody has changed them."""
    if path.exists():
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if path.read_text(encoding="utf-8") != _orders(made, seed):
            return
    path.write_text(_orders(today, seed), encoding="utf-8")


def _orders(today: date, seed: int) -> str:
    orders = [_order(number, each) for number, each in enumerate(purchases(today, seed=seed))]
    return "\n".join([_PURCHASE_TITLES, *orders, orders[0]]) + "\n"


def _order(number: int, purchase: Purchase) -> str:
    """Return one order as a shop exports it; every fifth knows no click."""
    skus = f'"SKU-{number % 7},SKU-{number % 11}"'
    click = f"click-{number:05}" if number % 5 else ""
    moment = purchase.moment.isoformat(timespec="seconds")
    order = f"A-{number:05},{moment},{purchase.total},USD,purchase"
    return f"{purchase.email},{order},{skus},{click}"


def _address(number: int) -> str:
    return _readers()[number].email


@lru_cache(maxsize=1)
def _readers() -> tuple[Person, ...]:
    """Return the people of the lists that are compared, each once."""
    dice = random.Random("readers")
    found = dict.fromkeys(invent_person(dice) for _ in range(_READERS + _SPARE))
    return tuple(found)[:_READERS]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_once(path: Path, lines: list[str]) -> None:
    if not path.exists():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
