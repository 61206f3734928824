"""The screen that delivers a list: choose, see the plan, send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from rokt_helpers import contract
from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages
from rokt_helpers.profiles import leaves_this_computer
from rokt_helpers.progress import Progress

__all__ = ["DeliverForm"]

Step = Literal["choose", "planning", "planned", "sending", "done"]

_CHOOSE: Final = Message("Choose what goes where, then look at the plan.")
_NOTHING: Final = Message("Nobody is new on the list: nothing is to be sent.", "good")
_CHOOSING, _PLANNING, _SENDING = 1, 2, 3


@dataclass(frozen=True)
class DeliverForm:
    """State of the screen.

    ``typed`` is what a person typed to confirm a delivery that leaves this computer, ``guard`` the
    one that stopped the plan, ``allowed`` those that a person chose to pass. ``request`` is the
    first request, masked. ``at`` is the step that the message is about.
    """

    profile: str = "sandbox"
    source: str = ""
    list: str = contract.DEFAULT_LIST
    action: contract.Action = "include"
    via: str = "api"
    mode: str = "full"
    guard: str = ""
    allowed: tuple[str, ...] = ()
    typed: str = ""
    step: Step = "choose"
    plan: tuple[str, ...] = ()
    request: str = ""
    at: int = _CHOOSING
    message: Message = _CHOOSE
    progress: Progress | None = None

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is: choose, check, send."""
        is_planned = self.step in {"planned", "sending", "done"}
        return stages(
            ("Choose", bool(self.source and self.list)),
            ("Check", is_planned),
            ("Send", self.step == "done"),
        )

    # --- what may be done ---------------------

    @property
    def is_busy(self) -> bool:
        """A job is under way: nothing may be changed, only stopped."""
        return self.step in {"planning", "sending"}

    @property
    def can_plan(self) -> bool:
        """Everything is chosen, and nothing is under way."""
        return bool(self.source and self.list) and not self.is_busy

    @property
    def must_type(self) -> bool:
        """A delivery that leaves this computer is confirmed by typing the list's name."""
        return leaves_this_computer(self.profile) and self.step == "planned"

    @property
    def can_send(self) -> bool:
        """The plan was shown as it is chosen now and, where that is asked, its list was typed."""
        return self.step == "planned" and (not self.must_type or self.typed == self.list)

    @property
    def guards(self) -> tuple[str, ...]:
        """The guards that a person may pass: the one that stopped the plan, and those passed."""
        return tuple(dict.fromkeys((*self.allowed, *([self.guard] if self.guard else ()))))

    @property
    def can_stop(self) -> bool:
        """A delivery is under way; it stops between two batches."""
        return self.step == "sending"

    # --- what happens -------------------------

    def choose(self, **choices: Any) -> Self:
        """Something was chosen anew: a plan that was shown no longer counts, nor a guard passed."""
        changed: Self = replace(self, **choices, guard="", allowed=())
        return changed._unplanned("Look at the plan before anything is sent.")

    def _unplanned(self, text: str) -> Self:
        fresh: Self = replace(self, step="choose", plan=(), request="", typed="", progress=None)
        return replace(fresh, at=_PLANNING if fresh.can_plan else _CHOOSING, message=Message(text))

    def stopped(self, reason: str, guard: str) -> Self:
        """Say which guard stopped the plan; nothing was sent."""
        text = f"{reason} If that is what you want, tick it below and show the plan again."
        message = Message(text, "warning")
        return replace(self, step="choose", plan=(), request="", guard=guard, message=message)

    def allow(self, guard: str, *, is_passed: bool) -> Self:
        """Pass a guard or no longer pass it; the choice is recorded with the run."""
        others = tuple(name for name in self.allowed if name != guard)
        changed: Self = replace(self, allowed=(*others, guard) if is_passed else others)
        return changed._unplanned("Show the plan again: it is made with this choice.")

    def type_confirmation(self, typed: str) -> Self:
        """Take what was typed to confirm."""
        return replace(self, typed=typed)

    def planning(self) -> Self:
        """Say that the list is being prepared and the plan made."""
        return replace(self, step="planning", at=_PLANNING, message=Message("Making the plan …"))

    def planned(self, sentences: Sequence[str], request: str) -> Self:
        """Show the plan and its first request; without one there is nothing to send."""
        shown: Self = replace(self, plan=tuple(sentences), request=request, guard="", progress=None)
        if not request:
            return replace(shown, step="done", at=_PLANNING, message=_NOTHING)
        text = "This is the plan. Nothing has been sent yet."
        if leaves_this_computer(self.profile):
            text += f" To send it for real, type the name of the list: {self.list}"
        return replace(shown, step="planned", at=_SENDING, message=Message(text))

    def sending(self) -> Self:
        """Say that the plan is being delivered."""
        return replace(self, step="sending", at=_SENDING, message=Message("Sending …"))

    def stopping(self) -> Self:
        """Say that the stop was heard."""
        return replace(self, message=Message("Stopping …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(self, sentence: str, run_id: str = "") -> Self:
        """Show the receipt in a sentence, and what can be done next."""
        undo = f" To take it back: rokt undo {run_id[:8]}" if run_id else ""
        message = Message(f"{sentence} The receipt stands below.{undo}", "good")
        return replace(self, step="done", message=message, progress=None)

    def failed(self, text: str) -> Self:
        """Say why it stopped. The plan must be looked at again before another try."""
        failed: Self = replace(self, step="choose", plan=(), request="", progress=None)
        return replace(failed, message=Message(text, "bad"))
