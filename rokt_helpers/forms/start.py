"""What the start page shows, as frozen values: where we are, what stands, what to do next.

The law kept here: each state is a word as well as a colour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

__all__ = [
    "STATE_WORDS",
    "Card",
    "Check",
    "Coming",
    "Past",
    "Place",
    "Start",
    "State",
    "Worry",
    "card_of",
    "moment",
]

State = Literal["well", "look", "unset", "silent"]

STATE_WORDS: Final[dict[State, str]] = {
    "well": "Works",
    "look": "Look here",
    "unset": "Not set up",
    "silent": "No answer",
}
_MOST_CHARACTERS: Final = 130
_SENTENCES: Final = {
    "sandbox": "Nothing leaves this computer.",
    "staging": "A test account: requests leave this computer.",
    "live": "Real customers. What you send is acted on.",
    "closed": "The settings cannot be used, so nothing can be sent.",
}


@dataclass(frozen=True)
class Place:
    """Where this page leads: nowhere without a profile, and live unless its name says otherwise."""

    profile: str = ""
    account: str = ""

    @property
    def kind(self) -> str:
        """``sandbox``, ``staging``, ``live`` or ``closed``: what colour and sign follow."""
        if not self.profile:
            return "closed"
        return self.profile if self.profile in _SENTENCES else "live"

    @property
    def word(self) -> str:
        """The one word of the banner."""
        return self.profile.capitalize() or "Not open"

    @property
    def sentence(self) -> str:
        """What follows from being here."""
        return _SENTENCES[self.kind]


@dataclass(frozen=True)
class Check:
    """One wire: how it stands, how long that took to find out, and what was found."""

    what: str
    state: State
    milliseconds: int | None = None
    details: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The state as a word."""
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Worry:
    """What needs a person now, and what to do about it; ``kind`` in words."""

    kind: str
    subject: str
    sentence: str
    advice: str
    since: str = ""


@dataclass(frozen=True)
class Past:
    """A run that was: of a page, or a delivery.

    ``opens`` is a link from ``notebooks/``, empty where nothing there leads to it; ``path`` is
    where it lies on this computer.
    """

    when: str
    title: str
    page: str
    state: State
    sentence: str
    opens: str = ""
    path: str = ""

    @property
    def word(self) -> str:
        """How it ended, as a word."""
        return (
            "Done" if self.state == "well" else "Still open" if self.state == "silent" else "Look"
        )


@dataclass(frozen=True)
class Coming:
    """What the schedule does next; without a name there is nothing, and ``when`` says so."""

    when: str
    name: str = ""
    page: str = ""


@dataclass(frozen=True)
class Card:
    """One page: what it is for, how long it takes, and the link to it."""

    title: str
    sentence: str
    minutes: str
    link: str


@dataclass(frozen=True)
class Start:
    """The whole page. ``trouble`` is why the workbench could not be opened, empty when it was."""

    place: Place = Place()
    trouble: str = ""
    checks: tuple[Check, ...] = ()
    worries: tuple[Worry, ...] = ()
    runs: tuple[Past, ...] = ()
    deliveries: tuple[Past, ...] = ()
    coming: Coming = Coming("Nothing is scheduled.")
    cards: tuple[Card, ...] = ()

    @property
    def sentence(self) -> str:
        """The connection in one sentence."""
        if self.trouble:
            return self.trouble
        asked = [check for check in self.checks if check.state != "unset"]
        well = sum(check.state == "well" for check in asked)
        if not asked:
            return "No connection is set up."
        if well == len(asked):
            return f"All {well} connections work." if well > 1 else "The connection works."
        return f"{well} of {len(asked)} connections work."

    @property
    def stands(self) -> bool:
        """Whether the workbench is open and no wire that is set up has trouble."""
        states = {check.state for check in self.checks}
        return not self.trouble and bool(states) and states <= {"well", "unset"}


def card_of(text: str, link: str) -> Card | None:
    """Return the card of a page from its first cell, None where it has no title.

    Parameters
    ----------
    text
        Markdown: ``# Title``, then a paragraph that begins with how long it takes in bold.
    """
    head, _, rest = text.strip().partition("\n")
    if not head.startswith("# "):
        return None
    paragraph = " ".join(rest.strip().partition("\n\n")[0].split())
    minutes, sentence = "", paragraph
    if paragraph.startswith("**"):
        minutes, _, sentence = paragraph.removeprefix("**").partition("**")
    plain = sentence.replace("*", "").replace("`", "").strip()
    return Card(head.removeprefix("# ").strip(), _opening(plain), minutes.strip(". "), link)


def _opening(text: str) -> str:
    """Return as many whole sentences as a card has room for, one at least."""
    sentences = re.split(r"(?<=[.?!]) ", text)
    shown = sentences[0]
    for sentence in sentences[1:]:
        if len(shown) + len(sentence) >= _MOST_CHARACTERS:
            break
        shown += f" {sentence}"
    return shown


def moment(at: datetime, now: datetime) -> str:
    """Return a moment as people say it: today and yesterday by name, in the zone of ``at``."""
    days = (now.astimezone(at.tzinfo).date() - at.date()).days
    named = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days, f"{at:%a %d %b}")
    return f"{named} {at:%H:%M} {at.tzname() or ''}".strip()
