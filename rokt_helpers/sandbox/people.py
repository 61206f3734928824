"""Invent people: names and addresses at domains that are reserved for examples.

Nobody real is in here, and everything follows from the dice that are handed in.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from typing import Final

__all__ = ["Person", "invent_person"]

FIRST_NAMES: Final = (
    "Aaliyah", "Amelia", "Anna", "Ben", "Camila", "Carlos", "Chloé", "Daniel", "Elif", "Emma",
    "Ethan", "Fatima", "Grace", "Hannah", "Hiro", "Isla", "Ivan", "Jack", "James", "Jörg",
    "Kwame", "Layla", "Leo", "Liam", "Lucía", "Maja", "Maria", "Mateo", "Mia", "Noah",
    "Nora", "Oliver", "Olivia", "Priya", "Ravi", "Rosa", "Ruby", "Sam", "Siobhán", "Sofia",
    "Theo", "Tomás", "Uma", "Victor", "Wei", "William", "Yara", "Yusuf", "Zoe", "Łukasz",
)  # fmt: skip
LAST_NAMES: Final = (
    "Adams", "Ahmed", "Baker", "Brown", "Campbell", "Chen", "Clarke", "Costa", "Davies", "Diaz",
    "Edwards", "Evans", "Fischer", "Garcia", "Green", "Hall", "Hansen", "Hughes", "Ibrahim",
    "Jackson", "Johnson", "Kaur", "Kelly", "Kim", "Kowalska", "Lee", "Lewis", "López", "Martin",
    "Mitchell", "Moore", "Müller", "Nguyen", "Novák", "O'Brien", "Okafor", "Patel", "Reid",
    "Roberts", "Rossi", "Sato", "Scott", "Silva", "Singh", "Smith", "Taylor", "Thomas", "Walker",
    "Wilson", "Young",
)  # fmt: skip
# Reserved, so that nobody can be reached there (RFC 2606), and yet a list of them looks like a real
# one: at example.com each row would be one that stands for no address.
DOMAINS: Final = (
    "harbourmail.example", "harbourmail.example", "harbourmail.example", "lindenpost.example",
    "northpost.example", "mail.bluebird.example", "shop.fernhill.example",
)  # fmt: skip
# Letters that do not come apart into a plain letter and an accent.
_PLAIN: Final = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "'": ""})


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person."""

    first_name: str
    last_name: str
    email: str


def invent_person(dice: random.Random, *, domains: tuple[str, ...] = DOMAINS) -> Person:
    """Return a person with an address made of the name and a number."""
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    mailbox = f"{_ascii(first)}.{_ascii(last)}{dice.randrange(1, 10_000)}"
    return Person(first, last, f"{mailbox}@{dice.choice(domains)}")


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    return plain.encode("ascii", "ignore").decode()
