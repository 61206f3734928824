"""The screen that prepares a list: choose, check, prepare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from rokt_helpers.forms.message import Message
from rokt_helpers.progress import Progress

__all__ = ["PrepareForm"]

Step = Literal["choose", "checking", "checked", "preparing", "done"]

_CHOOSE: Final = Message("Choose a list: from the inbox, or drop a file.")


@dataclass(frozen=True)
class PrepareForm:
    """State of the screen.

    ``sources`` are the files of the inbox a person may pick, ``columns`` those of the checked list.
    """

    sources: tuple[str, ...] = ()
    source: str = ""
    columns: tuple[str, ...] = ()
    column: str = ""
    step: Step = "choose"
    message: Message = _CHOOSE
    progress: Progress | None = None

    # --- what may be done ---------------------

    @property
    def is_busy(self) -> bool:
        """A job is under way: nothing may be changed, only stopped."""
        return self.step in {"checking", "preparing"}

    @property
    def can_check(self) -> bool:
        """A list is chosen, and nothing is under way."""
        return bool(self.source) and not self.is_busy

    @property
    def can_prepare(self) -> bool:
        """The list was checked as it is chosen now."""
        return self.step == "checked"

    @property
    def can_stop(self) -> bool:
        """The whole list is being prepared; it stops before anything is written."""
        return self.step == "preparing"

    # --- what happens -------------------------

    def choose(self, source: str) -> Self:
        """Another list was picked: what was known of the last one is forgotten."""
        if not source:
            return replace(self, source="", columns=(), column="", step="choose", message=_CHOOSE)
        text = "Press Check to see what is in it. Nothing is written or sent by that."
        message = Message(text)
        return replace(
            self,
            source=source,
            columns=(),
            column="",
            step="choose",
            message=message,
            progress=None,
        )

    def choose_column(self, column: str) -> Self:
        """Another column was picked: the list must be checked again."""
        message = Message(f"Press Check to look at column {column!r}.")
        return replace(self, column=column, step="choose", message=message)

    def checking(self) -> Self:
        """Say that the first rows are being read."""
        return replace(self, step="checking", message=Message("Reading the first rows …"))

    def checked(self, columns: Sequence[str], column: str, message: Message) -> Self:
        """Say what the check found; the list can be prepared."""
        return replace(self, step="checked", columns=tuple(columns), column=column, message=message)

    def preparing(self) -> Self:
        """Say that the whole list is being prepared."""
        return replace(self, step="preparing", message=Message("Preparing the whole list …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(self, summary: Mapping[str, Any], written: str) -> Self:
        """Say what came of it."""
        rest = summary["duplicates"] + summary["rejected"]
        text = (
            f"{summary['accepted']:,} of {summary['rows_in']:,} rows are ready in {written}; "
            f"{rest:,} are accounted for below."
        )
        return replace(self, step="done", message=Message(text, "good"), progress=None)

    def failed(self, text: str, columns: Sequence[str] = ()) -> Self:
        """Say why it stopped; the choice stays so that it can be mended."""
        return replace(
            self,
            step="choose",
            columns=tuple(columns) or self.columns,
            message=Message(text, "bad"),
            progress=None,
        )
