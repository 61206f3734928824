"""The screen that prepares a list: choose, check, prepare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from rokt_helpers.advice import TITLES, Advice, Code
from rokt_helpers.contract import REASONS
from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages
from rokt_helpers.progress import Progress

__all__ = ["AdviceOffer", "PrepareForm", "Reason", "reasons_in"]

Step = Literal["choose", "checking", "checked", "preparing", "done"]

_CHOOSE: Final = Message("Choose a list.")
_CHOOSING, _CHECKING, _PREPARING = 1, 2, 3


@dataclass(frozen=True)
class Reason:
    """Why rows are rejected, how many, and the shape of a few values: no letter of them is left."""

    words: str
    rows: int
    examples: tuple[str, ...] = ()


def reasons_in(
    summary: Mapping[str, Any], examples: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Reason, ...]:
    """Return why rows were rejected, the most frequent first, each with the shape of a few."""
    shapes = examples or {}
    found = sorted(summary["rejected_by_reason"].items(), key=lambda each: -each[1])
    return tuple(Reason(REASONS[name], rows, shapes.get(name, ())) for name, rows in found)


@dataclass(frozen=True)
class AdviceOffer:
    """Advice that may be applied, and whether a person chose that; ``examples`` are masked."""

    code: Code
    label: str
    sentence: str
    examples: tuple[str, ...]
    is_chosen: bool


@dataclass(frozen=True)
class PrepareForm:
    """State of the screen.

    ``columns`` are those of the checked list, ``found`` the sums of the rows that were looked at
    and ``reasons`` why some of them are rejected. ``advice`` is what looks odd, ``apply`` the codes
    a person chose of it: none is chosen for them. ``corrected`` is how many rejected rows they
    typed anew. ``at`` is the step that the message is about.
    """

    source: str = ""
    columns: tuple[str, ...] = ()
    column: str = ""
    advice: tuple[Advice, ...] = ()
    apply: tuple[Code, ...] = ()
    found: Mapping[str, Any] | None = None
    reasons: tuple[Reason, ...] = ()
    corrected: int = 0
    step: Step = "choose"
    at: int = _CHOOSING
    message: Message = _CHOOSE
    progress: Progress | None = None

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is: choose, check, prepare."""
        is_checked = self.step in {"checked", "preparing", "done"}
        return stages(
            ("Choose", bool(self.source)), ("Check", is_checked), ("Prepare", self.step == "done")
        )

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

    @property
    def can_correct(self) -> bool:
        """The list was checked, and rows of it are rejected or were typed anew."""
        return self.step in {"checked", "done"} and bool(self.reasons or self.corrected)

    # --- what looks odd -----------------------

    @property
    def can_apply(self) -> bool:
        """The list was checked, so its advice may be chosen or not."""
        return self.step in {"checked", "done"}

    @property
    def offers(self) -> tuple[AdviceOffer, ...]:
        """Advice that may be applied: what was found, and what was chosen before and was not."""
        found = {one.code: one for one in self.advice if one.applicable}
        codes = (*found, *(code for code in self.apply if self.columns and code not in found))
        return tuple(self._offer(code, found.get(code)) for code in codes)

    def _offer(self, code: Code, found: Advice | None) -> AdviceOffer:
        sentence = found.sentence if found else "Nothing of this kind is in the first rows."
        examples = found.examples if found else ()
        return AdviceOffer(code, f"Apply: {TITLES[code]}", sentence, examples, code in self.apply)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Advice about which nothing can be done here, in sentences."""
        return tuple(one.sentence for one in self.advice if not one.applicable)

    # --- what happens -------------------------

    def choose(self, source: str) -> Self:
        """Another list was picked: what was known of the last one is forgotten."""
        ready = Message("Press Check to see what is in it. Nothing is written or sent by that.")
        fresh = type(self)(source=source)
        return replace(fresh, at=_CHECKING, message=ready) if source else fresh

    def choose_column(self, column: str) -> Self:
        """Another column was picked: the list must be checked again."""
        message = Message(f"Press Check to look at column {column!r}.")
        fresh = replace(self, advice=(), apply=(), found=None, reasons=(), corrected=0)
        return replace(fresh, column=column, step="choose", at=_CHECKING, message=message)

    def checking(self) -> Self:
        """Say that the first rows are being read."""
        message = Message("Reading the first rows …")
        return replace(self, step="checking", at=_CHECKING, message=message)

    def checked(
        self,
        columns: Sequence[str],
        column: str,
        message: Message,
        advice: Sequence[Advice] = (),
        *,
        found: Mapping[str, Any] | None = None,
        reasons: Sequence[Reason] = (),
    ) -> Self:
        """Say what the check found and what looks odd; the list can be prepared."""
        return replace(
            self,
            step="checked",
            at=_CHECKING,
            columns=tuple(columns),
            column=column,
            advice=tuple(advice),
            found=found,
            reasons=tuple(reasons),
            message=message,
        )

    def choose_advice(self, code: Code, *, is_chosen: bool) -> Self:
        """Take the choice to apply some advice, or not to; the list can be prepared with it."""
        others = tuple(one for one in self.apply if one != code)
        return replace(self._open_again(), apply=(*others, code) if is_chosen else others)

    def correct(self, rows: int) -> Self:
        """Take rejected rows that were typed anew, so many in all; Check says what they are now."""
        if self.is_busy:
            return replace(self, corrected=rows)
        changed = f"{rows:,} row{'' if rows == 1 else 's'} typed anew."
        message = Message(f"{changed} Press Check again to see what becomes of them.")
        return replace(self, corrected=rows, step="checked", at=_CHECKING, message=message)

    def _open_again(self) -> Self:
        """Let the list be prepared again with another choice."""
        again = Message("Press Prepare to write the file with this choice.")
        if self.step == "done":
            return replace(self, step="checked", at=_PREPARING, message=again)
        return self

    def preparing(self) -> Self:
        """Say that the whole list is being prepared."""
        message = Message("Preparing the whole list …")
        return replace(self, step="preparing", at=_PREPARING, message=message)

    def stopping(self) -> Self:
        """Say that the stop was heard."""
        return replace(self, message=Message("Stopping …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(
        self, summary: Mapping[str, Any], written: str, reasons: Sequence[Reason] = ()
    ) -> Self:
        """Say what came of it and where to go next; the sums are those of the whole list now.

        The check's examples stay beside their reasons: the whole list is counted, not looked at.
        """
        shapes = {reason.words: reason.examples for reason in self.reasons}
        whole = tuple(replace(one, examples=shapes.get(one.words, ())) for one in reasons)
        rest = summary["duplicates"] + summary["rejected"]
        text = (
            f"{summary['accepted']:,} of {summary['rows_in']:,} rows are ready in {written}; "
            f"{rest:,} are accounted for below."
        )
        if summary["advice_applied"]:
            changed = sum(summary["advice_applied"].values())
            text += f" The advice you chose changed {changed:,} row{'' if changed == 1 else 's'}."
        message = Message(text, "good")
        form: Self = replace(self, found=summary, reasons=whole, message=message)
        return replace(form, step="done", at=_PREPARING, progress=None)

    def failed(self, text: str, columns: Sequence[str] = ()) -> Self:
        """Say why it stopped; the choice stays so that it can be mended."""
        return replace(
            self,
            step="choose",
            columns=tuple(columns) or self.columns,
            message=Message(text, "bad"),
            progress=None,
        )
