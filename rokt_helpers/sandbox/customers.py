"""Write a customer file as dirty as real exports are, for lessons and tests.

It follows from the seed alone, and nobody real is in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rokt_helpers.sandbox.people import Person, invent_person

__all__ = ["write_customers"]

HEADER: Final = "Customer;E-mail address;City;Signed up;Spend"
_CITIES: Final = ("Bristol", "Chicago", "Köln", "Leeds", "Malmö", "Melbourne", "New York",
                  "Québec", "São Paulo", "Sydney", "Toronto", "Wrocław")  # fmt: skip
_DUPLICATES: Final = 0.08
_INVALID: Final = 0.03
_BLANK_LINES: Final = 0.004
_NBSP: Final = "\u00a0"
# Ways in which the same address is written differently; most are left as they are.
_WAYS: Final[tuple[Callable[[str], str], ...]] = (
    *(str,) * 14,
    str.upper,
    str.title,
    lambda email: f" {email}",
    lambda email: f"{email}  ",
    lambda email: f"{email}{_NBSP}",
    lambda email: f"\t{email}",
)
# What people and programs put where an address belongs.
_FAILURES: Final[tuple[Callable[[str], str], ...]] = (
    lambda _: "",
    lambda _: "n/a",
    lambda email: email.replace("@", "."),
    lambda email: email.replace("@", "@@"),
    lambda email: f"{email.partition('@')[0]}@",
    lambda email: f"{email.partition('@')[0]}@example",
    lambda email: f"{email},",
)


def write_customers(path: Path, *, rows: int = 5000, seed: int = 7) -> None:
    """Write a customer file: UTF-8 with a byte-order mark, semicolons, a header.

    Parameters
    ----------
    path
        Where to write; a file that is there is replaced.
    rows
        How many customers. A few blank lines come on top.
    seed
        The same seed gives the same bytes.

    Notes
    -----
    About 8 % of the rows name somebody who was named before, some only in another case or with
    white space around; about 3 % hold no usable address.
    """
    dice = random.Random(f"customers-{seed}")
    lines = [HEADER]
    people: list[Person] = []
    for number in range(1, rows + 1):
        again = bool(people) and dice.random() < _DUPLICATES
        person = dice.choice(people) if again else invent_person(dice)
        people.append(person)
        lines.append(_line(number, person, dice))
        if dice.random() < _BLANK_LINES:
            lines.append("")
    path.write_text("\r\n".join([*lines, ""]), encoding="utf-8-sig", newline="")


def _line(number: int, person: Person, dice: random.Random) -> str:
    ways = _FAILURES if dice.random() < _INVALID else _WAYS
    email = dice.choice(ways)(person.email)
    signed_up = date(2022, 1, 1) + timedelta(days=dice.randrange(1700))
    spend = f"{dice.lognormvariate(4, 0.8):.2f}".replace(".", ",")
    name = f"{person.first_name} {person.last_name}"
    return f"{number:05d} {name};{email};{dice.choice(_CITIES)};{signed_up};{spend}"
