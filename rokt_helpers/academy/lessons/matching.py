"""Lesson 1: two digests match only when the two texts are the same, to the last character."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

import polars as pl

from rokt_helpers.academy.classroom import addresses, prepared
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Shown, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.charts import Picture
from rokt_helpers.charts.bars import bar_picture
from rokt_helpers.identifiers import hash_email, normalise_email

__all__ = ["Matching"]

_LIST: Final = "Members"
_PEOPLE: Final = 200
_EVERY_CAPITAL: Final = 4  # each fourth address is stored with capitals
_SPELLINGS: Final = (
    "mia.reid@example.com",
    "Mia.Reid@Example.com",
    " mia.reid@example.com",
    "mia.reid@example.com\r",
    "miareid@example.com",
)
_ASKED: Final = "  Ana-Sofia.Lopez+News@Example.COM "


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_EXPORTS: Final[Mapping[str, Callable[[str], str]]] = {
    "white space off, lower case": lambda text: _sha256(text.strip().lower()),
    "as it is stored": _sha256,
    "with a carriage return": lambda text: _sha256(f"{text.lower()}\r"),
    "hashed twice": lambda text: _sha256(_sha256(text.lower())),
    "MD5": lambda text: hashlib.md5(text.lower().encode(), usedforsecurity=False).hexdigest(),
}


class Matching(Lesson):
    """How matching works, and why a hash fails to match."""

    number = "01"
    title = "How matching works"

    def spellings(self) -> Shown:
        """Return one address written in five ways: the digest of each, and whether it is Rokt's."""
        rokts = hash_email(_SPELLINGS[0])
        rows = [
            (ascii(text)[1:-1], f"{_sha256(text)[:12]}…", "yes" if _sha256(text) == rokts else "no")
            for text in _SPELLINGS
        ]
        return Shown(pl.DataFrame(rows, ["written as", "SHA-256", "matches"], orient="row"))

    @cached_property
    def _on_the_list(self) -> frozenset[str]:
        """Deliver the people once; return whom the sandbox then has."""
        workbench = self.room.workbench
        workbench.deliver(workbench.plan(prepared(addresses(_PEOPLE)), list=_LIST))
        return self.room.sandbox.members(_LIST)

    def exports(self) -> Picture:
        """Show how many of the same people match when the list is hashed in different ways."""
        stored = [
            text.title() if number % _EVERY_CAPITAL == 0 else text
            for number, text in enumerate(addresses(_PEOPLE))
        ]
        rows = []
        for name, digest in _EXPORTS.items():
            matched = len(self._on_the_list & {digest(text) for text in stored})
            rows.append({"hashed": name, "people": matched, "label": f"{matched:,} match"})
        table = pl.DataFrame(rows).select("hashed", "people")
        title = f"The same {_PEOPLE:,} people, hashed in five ways: only one way matches them all"
        return bar_picture(rows, "hashed", "people", title=title, table=table)

    @property
    def exercise(self) -> Exercise:
        """Ask what has to be hashed."""
        return Exercise(
            question=f"A shop has stored this, with the quotation marks left off: {_ASKED!r}. "
            "Which text has to be hashed, so that Rokt matches this person?",
            how="the text itself (not its digest)",
            judge=_judge,
        )


def _judge(answer: Answer) -> Marked:
    given, wanted = str(answer), normalise_email(_ASKED)
    if given == wanted:
        return right(
            "White space off, lower case, and nothing else. The hyphen, the dot and the plus tag "
            f"belong to the address. Its digest begins with {_sha256(given)[:12]}."
        )
    return wrong(_why_not(given, str(wanted)))


def _why_not(given: str, wanted: str) -> str:
    """Return the first thing that is wrong with an answer."""
    faults = (
        (
            all(letter in string.hexdigits for letter in given),
            "That looks like a digest. Wanted is the text before it is hashed.",
        ),
        (
            "".join(given.split()) != given,
            "There is white space in it, and a space more makes another digest.",
        ),
        (
            given != given.lower(),
            "There are capitals in it. SHA-256 takes A and a for two different characters.",
        ),
        ("@" not in given, "The whole address is hashed, with the @ and what follows it."),
        (
            "+" not in given,
            "The plus tag is gone. Other platforms drop it; Rokt does not ask for that.",
        ),
        (
            given.count(".") < wanted.count(".") or "-" not in given,
            "A dot or hyphen is gone. They are part of the address, so Rokt hashes them too.",
        ),
    )
    last = "It differs in a letter. Copy the address, and change only what has to change."
    return next((why for is_so, why in faults if is_so), last)
