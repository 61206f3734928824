"""The screen that examines a list of digests: choose, name a few customers, examine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages
from rokt_helpers.progress import Progress

__all__ = ["DoctorForm"]

_CHOOSE: Final = Message("Choose a list of digests.")
_READY: Final = Message("Press Examine. A few known customers make the diagnosis much better.")


@dataclass(frozen=True)
class DoctorForm:
    """State of the screen. What was typed of customers is not part of it: it is read once."""

    source: str = ""
    step: Literal["choose", "examining", "done"] = "choose"
    lines: tuple[str, ...] = ()
    message: Message = _CHOOSE
    progress: Progress | None = None

    @property
    def at(self) -> int:
        """The step that the message is about: the list, or the examination."""
        return 3 if self.source else 1

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is; customers may be named or not."""
        is_done = self.step == "done"
        has_list = bool(self.source)
        return stages(("Choose", has_list), ("Name customers", is_done), ("Examine", is_done))

    @property
    def is_busy(self) -> bool:
        """An examination is under way."""
        return self.step == "examining"

    @property
    def can_examine(self) -> bool:
        """A list is chosen, and nothing is under way."""
        return bool(self.source) and not self.is_busy

    def choose(self, source: str) -> Self:
        """Another list was picked: the last diagnosis is not about it."""
        message = _READY if source else _CHOOSE
        return replace(self, source=source, step="choose", lines=(), message=message)

    def examining(self) -> Self:
        """Say that the list is being examined."""
        return replace(self, step="examining", lines=(), message=Message("Examining …"))

    def done(self, lines: Sequence[str], *, healthy: bool) -> Self:
        """Show the diagnosis; the first line is the verdict."""
        verdict, *rest = lines
        message = Message(verdict, "good" if healthy else "warning")
        return replace(self, step="done", lines=tuple(rest), message=message)

    def failed(self, text: str) -> Self:
        """Say why it stopped."""
        return replace(self, step="choose", lines=(), message=Message(text, "bad"))
