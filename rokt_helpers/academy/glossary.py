"""The words of the workbench, each in one sentence."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Final

from rokt_helpers.notebook_result import hand_over

__all__ = ["WORDS", "Glossary"]

WORDS: Final[Mapping[str, str]] = {
    "action": "What a plan does to a list: include puts people on it, exclude takes them off.",
    "advice": "What looks odd in a list, such as a mistyped domain; nothing is done unasked.",
    "audience": "People who were prepared to be put on a list, or taken off it.",
    "batch": "One piece of a plan: one request, or one file.",
    "canonical form": "The one spelling that is hashed: white space off, lower case.",
    "click id": "What Rokt gives a click, so that a purchase can be told to come from it.",
    "conversion": "A purchase, or something else a person did, that is reported to Rokt.",
    "custom audience list": "A list at Rokt, by name; a campaign targets or suppresses it.",
    "delta": "A plan that sends only who is new since the last delivery.",
    "digest": "What a hash gives: 64 characters for SHA-256, the same for the same text only.",
    "dry run": "Everything but the sending.",
    "Event and Audience API": "Rokt's newer interface, for conversions and audiences as JSON.",
    "exit code": "How a scheduled run ended: 0 well, 1 it failed, 2 the call or the source was "
    "wrong, 3 a guard, 130 stopped.",
    "fingerprint": "A digest over all that a plan would do; another list has another one.",
    "guard": "Stops a plan that looks like an accident, and says what to pass to go on.",
    "host key": "By which an SFTP server proves that it is the one you know.",
    "identifier": "What a person is known by: an address or its digest, a mobile number, and so "
    "on.",
    "in doubt": "Sent, and the answer was lost: nobody here knows whether it arrived.",
    "ledger": "The book of what was sent, when and where to; it holds no identifiers.",
    "live": "The profile that leads to Rokt. Nothing in a lesson does.",
    "matching": "Rokt finds a person when your digest is the same as its own.",
    "mirror": "A plan that makes the list what the file is: puts on who is new, takes off who is "
    "gone.",
    "params file": "The choices of a scheduled run, one a line, in params/.",
    "pick-up": "Rokt takes an uploaded file out of its folder.",
    "plan": "What would be sent, sealed: exactly that is delivered, or nothing.",
    "poison": "The digest of an empty cell or of a word such as nan: it stands for nobody.",
    "profile": "sandbox, staging or live: where the workbench leads.",
    "receipt": "What the ledger can prove of one delivery.",
    "referral": "A person who said yes to an offer, delivered to you in a file, and paid for.",
    "rejected": "A row that cannot be used, with its one reason; its value is never repeated.",
    "run": "One delivery, with an id; deliver again and it goes on where it stopped.",
    "sandbox": "Rokt in a box on your own computer: strict, repeatable, and nobody real in it.",
    "staging": "The profile of a test account, or of a host to rehearse on: real wires, not yours.",
    "staging name": "One that begins with a dot: Rokt leaves the file alone until it is renamed.",
    "suppression": "Keeping people from an offer, by a list that a campaign leaves out.",
    "vault": "Where collected referrals are kept, each once.",
}


class Glossary:
    """The words, or those with a text in them.

    Parameters
    ----------
    word
        Looked for in the words and what they mean, in any case; empty shows all.
    """

    def __init__(self, word: str = "") -> None:
        sought = word.strip().casefold()
        named = {name: said for name, said in WORDS.items() if sought in name.casefold()}
        told = {name: said for name, said in WORDS.items() if sought in said.casefold()}
        self.found: dict[str, str] = named | told

    def describe(self) -> str:
        """Return in one sentence how many words were found."""
        if not self.found:
            return "No such word. Leave it empty to see all of them."
        return f"{len(self.found)} word{'' if len(self.found) == 1 else 's'}."

    def hand_over(self) -> None:
        """Give the outcome to the program that runs the notebook."""
        hand_over(self.result())

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {"sentence": self.describe(), "words": [*self.found]}

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {said}" for name, said in self.found.items()) or self.describe()

    def _repr_html_(self) -> str:
        if not self.found:
            return f"<p>{self.describe()}</p>"
        items = "".join(
            f"<dt><strong>{html.escape(name)}</strong></dt><dd>{html.escape(said)}</dd>"
            for name, said in self.found.items()
        )
        return f"<dl>{items}</dl>"
