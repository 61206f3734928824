"""The screen that closes the loop: who was referred or bought goes on a suppression list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from rokt_helpers.forms.deliver import DeliverForm
from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages

__all__ = ["LoopForm"]

_FIRST: Final = Message("Name the suppression list, then look at the plan.")


@dataclass(frozen=True)
class LoopForm(DeliverForm):
    """State of the screen: that of a delivery whose people come from referrals and purchases.

    ``sources`` are the files of the inbox, ``mappings`` what was saved of their columns.
    """

    list: str = ""
    mode: str = "delta"
    sources: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    purchases: str = ""
    mapping: str = ""
    purchases_time_zone: str = ""
    currency: str = ""
    days: int = 30
    collect: bool = True
    message: Message = _FIRST

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is: choose, check, send."""
        is_planned = self.step in {"planned", "sending", "done"}
        return stages(
            ("Choose", bool(self.list)), ("Check", is_planned), ("Send", self.step == "done")
        )

    @property
    def asks_about_purchases(self) -> bool:
        """A file of purchases is chosen, and its columns and times may leave something open."""
        return bool(self.purchases)

    @property
    def can_plan(self) -> bool:
        """The list is named, referrals count for a day at least, and nothing is under way."""
        return bool(self.list) and self.days >= 1 and not self.is_busy

    @property
    def can_stop(self) -> bool:
        """Files are being collected or a delivery is under way; it stops between two."""
        return self.step == "sending" or (self.step == "planning" and self.collect)

    def choose(self, **choices: Any) -> Self:
        """Something was chosen anew: a plan that was shown no longer counts."""
        stripped = {n: v.strip() if isinstance(v, str) else v for n, v in choices.items()}
        chosen: Self = super().choose(**stripped)
        return chosen if chosen.list else replace(chosen, message=_FIRST)

    def planning(self) -> Self:
        """Say that files are being collected, where they are, and the plan made."""
        text = "Collecting what is new, then making the plan …" if self.collect else ""
        planning: Self = super().planning()
        return replace(planning, message=Message(text)) if text else planning
