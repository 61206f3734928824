"""The screen that compares two lists: ask, choose the two, compare, keep who conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages
from rokt_helpers.progress import Progress

__all__ = ["QUESTIONS", "ListsForm", "Mode"]

Mode = Literal["overlap", "conflicts", "churn"]

QUESTIONS: Final[dict[Mode, str]] = {
    "overlap": "What do they share?",
    "conflicts": "Who is on both a target and a suppression list?",
    "churn": "Who came and who went?",
}
_SIDES: Final[dict[Mode, tuple[str, str]]] = {
    "overlap": ("One list", "The other"),
    "conflicts": ("To target", "To suppress"),
    "churn": ("Earlier", "Later"),
}
_CHOOSE: Final = Message("Choose two lists.")
_SAME: Final = Message("Both are the same list. Choose another one on one side.", "warning")
_READY: Final = Message("Press Compare. Nothing is written or sent by that.")


@dataclass(frozen=True)
class ListsForm:
    """State of the screen.

    ``conflicts`` is how many people of
    the last comparison could be kept in a file.
    """

    left: str = ""
    right: str = ""
    mode: Mode = "overlap"
    step: Literal["choose", "comparing", "done"] = "choose"
    conflicts: int = 0
    message: Message = _CHOOSE
    progress: Progress | None = None

    @property
    def at(self) -> int:
        """The step that the message is about: the two lists, or the comparison."""
        return 3 if self.can_compare or self.step != "choose" else 2

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is; a question is always asked."""
        chosen = bool(self.left and self.right) and self.left != self.right
        return stages(("Ask", True), ("Choose", chosen), ("Compare", self.step == "done"))

    # --- what may be done ---------------------

    @property
    def sides(self) -> tuple[str, str]:
        """What the two lists are called; it depends on the question, as their order does."""
        return _SIDES[self.mode]

    @property
    def is_busy(self) -> bool:
        """A comparison is under way: nothing may be changed, only stopped."""
        return self.step == "comparing"

    @property
    def can_compare(self) -> bool:
        """Two different lists are chosen, and nothing is under way."""
        return bool(self.left and self.right) and self.left != self.right and not self.is_busy

    @property
    def can_stop(self) -> bool:
        """A comparison is under way; it stops between two batches of rows."""
        return self.is_busy

    @property
    def can_keep(self) -> bool:
        """Somebody was found on both lists, of those that are chosen now."""
        return self.step == "done" and self.conflicts > 0

    # --- what happens -------------------------

    def choose(self, **choices: Any) -> Self:
        """Something was chosen anew: what was found is not about it."""
        form: Self = replace(self, **choices)
        message = _READY if form.can_compare else _CHOOSE
        if form.left and form.left == form.right:
            message = _SAME
        return replace(form, step="choose", conflicts=0, message=message, progress=None)

    def comparing(self) -> Self:
        """Say that both lists are being read."""
        message = Message("Reading both lists …")
        return replace(self, step="comparing", conflicts=0, message=message)

    def stopping(self) -> Self:
        """Say that the stop was heard."""
        return replace(self, message=Message("Stopping …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(self, sentence: str, *, conflicts: int = 0) -> Self:
        """Say what was found; people to target who are to be suppressed need a look."""
        message = Message(sentence, "warning" if conflicts else "good")
        return replace(self, step="done", conflicts=conflicts, message=message, progress=None)

    def kept(self, sentence: str) -> Self:
        """Say where the digests are; they can be kept again, in the same place."""
        return replace(self, message=Message(sentence, "good"))

    def failed(self, text: str) -> Self:
        """Say why it stopped; the choice stays so that it can be mended."""
        message = Message(text, "bad")
        return replace(self, step="choose", conflicts=0, message=message, progress=None)
