"""The screen that collects referrals: one button, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

from rokt_helpers.forms.message import Message
from rokt_helpers.progress import Progress

__all__ = ["ReferralsForm"]

_FIRST: Final = Message(
    "Press Collect to fetch the files that are new. Nothing is changed at Rokt."
)


@dataclass(frozen=True)
class ReferralsForm:
    """State of the screen."""

    step: Literal["idle", "collecting", "done"] = "idle"
    message: Message = _FIRST
    progress: Progress | None = None

    @property
    def is_busy(self) -> bool:
        """A collection is under way."""
        return self.step == "collecting"

    @property
    def can_collect(self) -> bool:
        """Nothing is under way."""
        return not self.is_busy

    def collecting(self) -> Self:
        """Say that the downloads folder is being read."""
        return replace(self, step="collecting", message=Message("Looking for new files …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(self, sentences: Sequence[str]) -> Self:
        """Say what was collected."""
        message = Message(" ".join(sentences), "good")
        return replace(self, step="done", message=message, progress=None)

    def failed(self, text: str) -> Self:
        """Say why it stopped; what was collected before stays."""
        return replace(self, step="idle", message=Message(text, "bad"), progress=None)
