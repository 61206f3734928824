"""The screen of referrals: collect what is new, hold lists beside it, keep it as a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

from rokt_helpers.forms.message import Message
from rokt_helpers.forms.stages import Stage, stages
from rokt_helpers.progress import Progress

__all__ = ["ReferralsForm"]

Step = Literal["idle", "collecting", "looking", "writing", "done"]

_COLLECTING, _LOOKING, _WRITING = 1, 2, 3
_FIRST: Final = Message(
    "Press Collect to fetch the files that are new. Nothing is changed where they lie."
)
_CHANGED: Final = Message("Press Look again, and the charts below follow what is chosen.")
_NO_ROUTE: Final = (
    "No route is set up yet: .env.example shows the settings of each. Files that came by hand are "
    "taken in with `rokt referrals import`."
)
_CURRENCY_LETTERS: Final = 3
_MOST_SENTENCES: Final = 6


@dataclass(frozen=True)
class ReferralsForm:
    """State of the screen.

    ``routes`` says where files come from, ``sources`` are the files of the inbox, ``lists`` the
    suppression lists there are and ``suppress`` those that count (none of them: all). ``days``
    looks at the last so many only (0: all). ``is_filled`` says that there are referrals to look at,
    ``is_changed`` that something was chosen which the charts do not show yet.
    """

    routes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    customers: str = ""
    purchases: str = ""
    mapping: str = ""
    purchases_time_zone: str = ""
    currency: str = ""
    suppress: tuple[str, ...] = ()
    days: int = 0
    is_filled: bool = False
    is_changed: bool = False
    written: str = ""
    step: Step = "idle"
    at: int = _COLLECTING
    message: Message = _FIRST
    progress: Progress | None = None

    @property
    def stages(self) -> Sequence[Stage]:
        """Where a person is: collect, look, keep."""
        is_shown = self.is_filled and not self.is_changed
        return stages(("Collect", self.is_filled), ("Look", is_shown), ("Keep", bool(self.written)))

    # --- what is said -------------------------

    @property
    def where_from(self) -> str:
        """The routes in one sentence."""
        return f"From {_listed(self.routes)}." if self.routes else _NO_ROUTE

    @property
    def todo(self) -> str:
        """What must be mended before the charts can follow, in a sentence; empty for nothing."""
        code = self.currency
        if code and not (len(code) == _CURRENCY_LETTERS and code.isascii() and code.isalpha()):
            return "A currency is three letters, such as USD."
        return ""

    @property
    def asks_about_purchases(self) -> bool:
        """A file of purchases is chosen, and its columns and times may leave something open."""
        return bool(self.purchases)

    # --- what may be done ---------------------

    @property
    def is_busy(self) -> bool:
        """A job is under way: nothing may be changed."""
        return self.step in {"collecting", "looking", "writing"}

    @property
    def can_collect(self) -> bool:
        """Nothing is under way."""
        return not self.is_busy

    @property
    def can_stop(self) -> bool:
        """A collection is under way; it stops between two files."""
        return self.step == "collecting"

    @property
    def can_look(self) -> bool:
        """There are referrals, and what was chosen makes sense."""
        return self.is_filled and not self.todo and not self.is_busy

    @property
    def can_write(self) -> bool:
        """What the charts show is what is chosen, and there is something in them."""
        return self.is_filled and not self.is_changed and not self.is_busy

    # --- what happens -------------------------

    def collecting(self) -> Self:
        """Say that the routes are being read."""
        message = Message("Looking for new files …")
        return replace(self, step="collecting", at=_COLLECTING, message=message)

    def stopping(self) -> Self:
        """Say that the stop was heard."""
        return replace(self, message=Message("Stopping after this file …"))

    def progressed(self, progress: Progress) -> Self:
        """Show how far it is."""
        return replace(self, progress=progress, message=Message(str(progress)))

    def done(
        self, sentences: Sequence[str], *, is_filled: bool = True, stopped: bool = False
    ) -> Self:
        """Say what was collected; of many sentences the first ones, and the last."""
        message = Message(" ".join(_briefly(sentences)), "warning" if stopped else "good")
        changed = replace(self, step="done", message=message, is_filled=is_filled, written="")
        return replace(changed, at=_COLLECTING, progress=None)

    def choose(self, **choices: Any) -> Self:
        """Something else is to be held beside them: the charts do not show it yet."""
        choices = {name: value.strip() if isinstance(value, str) else value
                   for name, value in choices.items()}  # fmt: skip
        if "currency" in choices:
            choices["currency"] = choices["currency"].upper()
        chosen: Self = replace(self, **choices, is_changed=True, written="")
        if not self.is_filled:
            return chosen
        message = Message(chosen.todo, "warning") if chosen.todo else _CHANGED
        return replace(chosen, at=_LOOKING, message=message)

    def suppress_by(self, name: str, *, counts: bool) -> Self:
        """Let a suppression list count, or not."""
        kept = tuple(n for n in self.lists if (counts if n == name else n in self.suppress))
        return self.choose(suppress=kept)

    def looking(self) -> Self:
        """Say that the charts are being drawn anew."""
        message = Message("Drawing the charts …")
        return replace(self, step="looking", at=_LOOKING, message=message)

    def looked(self) -> Self:
        """Say that the charts show what is chosen."""
        message = Message("The charts below show what is chosen.", "good")
        return replace(self, step="done", at=_LOOKING, is_changed=False, message=message)

    def writing(self) -> Self:
        """Say that the report is being written."""
        message = Message("Writing the report …")
        return replace(self, step="writing", at=_WRITING, message=message)

    def wrote(self, path: str) -> Self:
        """Say where the report lies."""
        message = Message(f"The report is {path}. It opens offline, and nobody is on it.", "good")
        return replace(self, step="done", written=path, message=message)

    def failed(self, text: str) -> Self:
        """Say why it stopped; what was collected and shown before stays."""
        return replace(self, step="idle", message=Message(text, "bad"), progress=None)


def _briefly(sentences: Sequence[str]) -> Sequence[str]:
    if len(sentences) <= _MOST_SENTENCES:
        return sentences
    first, last = sentences[: _MOST_SENTENCES - 1], sentences[-1]
    return (*first, f"({len(sentences) - _MOST_SENTENCES:,} more like these.)", last)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
