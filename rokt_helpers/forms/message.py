"""One message of a screen. Its tone is said in a word too, never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["TONE_WORDS", "Message", "Tone"]

Tone = Literal["info", "good", "warning", "bad"]

TONE_WORDS: Final[dict[Tone, str]] = {
    "info": "",
    "good": "Done",
    "warning": "Look here",
    "bad": "Stopped",
}


@dataclass(frozen=True)
class Message:
    """A sentence for a person, and how it is meant."""

    text: str
    tone: Tone = "info"

    @property
    def word(self) -> str:
        """The tone as a word, empty for plain information."""
        return TONE_WORDS[self.tone]
