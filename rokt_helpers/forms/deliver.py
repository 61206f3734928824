"""The screen that delivers a list: choose, see the plan, send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from rokt_helpers import contract
from rokt_helpers.forms.message import Message
from rokt_helpers.profiles import leaves_this_computer
from rokt_helpers.progress import Progress

__all__ = ["DeliverForm"]

Step = Literal["choose", "planning", "planned", "sending", "done"]

_CHOOSE: Final = Message("Choose what goes where, then look at the plan.")


@dataclass(frozen=True)
class DeliverForm:
    """State of the screen.

    ``typed`` is what a person typed to confirm a live delivery, ``guard`` the one that stopped the
    plan, ``allowed`` those that a person chose to pass.
    """

    profile: str = "sandbox"
    sources: tuple[str, ...] = ()
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
    message: Message = _CHOOSE
    progress: Progress | None = None

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
        """A live delivery is confirmed by typing the list's name."""
        return leaves_this_computer(self.profile) and self.step == "planned"

    @property
    def can_send(self) -> bool:
        """The plan was shown as it is chosen now and, when live, its list name was typed."""
        return self.step == "planned" and (
            not leaves_this_computer(self.profile) or self.typed == self.list
        )

    @property
    def can_allow(self) -> bool:
        """A guard stopped the plan, and a person may decide to go on."""
        return bool(self.guard) and not self.is_busy

    @property
    def can_stop(self) -> bool:
        """A delivery is under way; it stops between two batches."""
        return self.step == "sending"

    # --- what happens -------------------------

    def choose(self, **choices: Any) -> Self:
        """Something was chosen anew: a plan that was shown no longer counts."""
        message = Message("Look at the plan before anything is sent.")
        changed: Self = replace(self, **choices, guard="", allowed=())
        return replace(changed, step="choose", plan=(), typed="", message=message, progress=None)

    def stopped(self, text: str, guard: str) -> Self:
        """Say which guard stopped the plan; nothing was sent."""
        return replace(self, step="choose", plan=(), guard=guard, message=Message(text, "bad"))

    def allow(self) -> Self:
        """Pass the guard that stopped the plan; the choice is recorded with the run."""
        return replace(self, allowed=(*self.allowed, self.guard), guard="")

    def type_confirmation(self, typed: str) -> Self:
        """Take what was typed to confirm."""
        return replace(self, typed=typed)

    def planning(self) -> Self:
        """Say that the list is being prepared and the plan made."""
        return replace(self, step="planning", message=Message("Making the plan …"))

    def planned(self, sentences: Sequence[str]) -> Self:
        """Show the plan; nothing has been sent."""
        text = "This is the plan. Nothing has been sent yet."
        if leaves_this_computer(self.profile):
            text += f" To send it for real, type the name of the list: {self.list}"
        return replace(self, step="planned", plan=tuple(sentences), message=Message(text))

    def sending(self) -> Self:
        """Say that the plan is being delivered."""
        return replace(self, step="sending", message=Message("Sending …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(self, sentence: str) -> Self:
        """Show the receipt in a sentence."""
        return replace(self, step="done", message=Message(sentence, "good"), progress=None)

    def failed(self, text: str) -> Self:
        """Say why it stopped. The plan must be looked at again before another try."""
        return replace(self, step="choose", plan=(), message=Message(text, "bad"), progress=None)
