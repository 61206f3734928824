"""Write a customer file as dirty as real exports are, for lessons and tests.

It follows from the seed alone, and nobody real is in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from rokt_helpers.sandbox.people import Person, invent_person

__all__ = ["known_people", "write_customers"]

HEADER: Final = "Customer;E-mail address;City;Signed up;Spend"
_ROWS: Final = 5000
_SEED: Final = 7
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
# What stands in the place of some addresses and looks odd without being refused, in this order: a
# slip of a big provider, a word that a till typed where there was none (the same again and again),
# the mailbox of an office. Nobody can be reached: `.con` is no ending, the other domains are
# reserved, and even at the provider that was meant no mailbox may have a hyphen in its name.
_ODD: Final[tuple[Callable[[str], str], ...]] = (
    lambda email: f"{_hyphened(email)}@gmail.con",
    lambda _: "noemail@example.com",
    lambda _: "info@lindenpost.example",
    lambda _: "noemail@example.com",
    lambda email: f"{_hyphened(email)}@gmail.cmo",
    lambda _: "test@example.com",
    lambda _: "noemail@example.com",
    lambda email: f"{_hyphened(email)}@gmail.comm",
    lambda _: "sales@shop.fernhill.example",
    lambda _: "noemail@example.com",
    lambda email: f"{_hyphened(email)}@gmail.vom",
    lambda _: "none@example.org",
)
# They stand on rows of people whom another row names, so each person can still be reached.
_ODD_EVERY: Final = 20


@dataclass(frozen=True, slots=True)
class _Row:
    """A customer as exported: the line, who it is about, and whether a blank line follows."""

    line: str
    person: Person
    signed_up: date
    usable: bool
    blank_after: bool


def write_customers(path: Path, *, rows: int = _ROWS, seed: int = _SEED) -> None:
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
    white space around; about 3 % hold no usable address. A dozen, spread over the list of 5,000,
    look odd: mistyped providers, placeholders, offices.
    """
    lines = [HEADER]
    for row in _rows(rows, seed):
        lines += [row.line, ""] if row.blank_after else [row.line]
    path.write_text("\r\n".join([*lines, ""]), encoding="utf-8-sig", newline="")


@lru_cache(maxsize=1)
def known_people() -> tuple[tuple[Person, date], ...]:
    """Return who can be reached by ``sample_customers.csv``, each once, and since when."""
    since: dict[Person, date] = {}
    for row in _rows(_ROWS, _SEED):
        if row.usable:
            since[row.person] = min(row.signed_up, since.get(row.person, row.signed_up))
    return tuple(since.items())


def _rows(rows: int, seed: int) -> Iterator[_Row]:
    dice = random.Random(f"customers-{seed}")
    people: list[Person] = []
    reached: set[Person] = set()
    odd, named_again = list(_ODD), 0
    for number in range(1, rows + 1):
        again = bool(people) and dice.random() < _DUPLICATES
        person = dice.choice(people) if again else invent_person(dice)
        people.append(person)
        named_again += person in reached
        is_odd = bool(odd) and person in reached and named_again % _ODD_EVERY == 0
        row = _row(number, person, dice, odd[0] if is_odd else None)
        if is_odd and row.usable:
            del odd[0]
        if row.usable:
            reached.add(person)
        yield row


def _row(
    number: int, person: Person, dice: random.Random, odd: Callable[[str], str] | None
) -> _Row:
    usable = dice.random() >= _INVALID
    email = dice.choice(_WAYS if usable else _FAILURES)(person.email)
    if odd is not None and usable:
        email = odd(person.email)
    signed_up = date(2022, 1, 1) + timedelta(days=dice.randrange(1700))
    spend = f"{dice.lognormvariate(4, 0.8):.2f}".replace(".", ",")
    name = f"{person.first_name} {person.last_name}"
    line = f"{number:05d} {name};{email};{dice.choice(_CITIES)};{signed_up};{spend}"
    return _Row(line, person, signed_up, usable, blank_after=dice.random() < _BLANK_LINES)


def _hyphened(email: str) -> str:
    """Return the name before the @ as a mailbox that the big providers give to nobody."""
    return email.partition("@")[0].replace(".", "-")
