"""The choice of a list: from the inbox, dropped, pasted, or a table of the notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

__all__ = ["KINDS", "SourceForm", "SourceKind", "SourceOffer"]

SourceKind = Literal["inbox", "drop", "paste", "python"]

KINDS: Final[dict[SourceKind, str]] = {
    "inbox": "From the inbox",
    "drop": "Drop a file",
    "paste": "Paste",
    "python": "From Python",
}
_NOTHING: Final[dict[SourceKind, str]] = {
    "inbox": "The folder inbox/ holds no list yet. Put a file there with the file browser on the "
    "left, or drop one here.",
    "drop": "",
    "paste": "",
    "python": "This notebook has no table yet. Make a pandas or Polars DataFrame in a cell, then "
    "press Look again.",
}


@dataclass(frozen=True)
class SourceOffer:
    """A list that can be picked: what a job knows it by, and what a person reads."""

    source: str
    label: str


@dataclass(frozen=True)
class SourceForm:
    """State of the choice.

    ``inbox`` and ``frames`` are what can be picked; ``own`` is what came by hand and was taken, the
    last first; ``source`` is what is chosen, empty for nothing.
    """

    inbox: tuple[SourceOffer, ...] = ()
    frames: tuple[SourceOffer, ...] = ()
    own: tuple[SourceOffer, ...] = ()
    source: str = ""
    kind: SourceKind = "inbox"

    @property
    def offers(self) -> tuple[SourceOffer, ...]:
        """What can be picked the way that is chosen now; what came by hand comes first."""
        return self.frames if self.kind == "python" else (*self.own, *self.inbox)

    @property
    def can_be_picked(self) -> bool:
        """The way that is chosen now offers lists to pick from."""
        return self.kind in {"inbox", "python"} and bool(self.offers)

    @property
    def hint(self) -> str:
        """What to do where there is nothing to pick; empty where there is."""
        return "" if self.offers else _NOTHING[self.kind]

    def by(self, kind: SourceKind) -> Self:
        """Choose another way; what was chosen before stays chosen until something else is."""
        return replace(self, kind=kind)

    def offered(self, inbox: Sequence[SourceOffer], frames: Sequence[SourceOffer]) -> Self:
        """Take what can be picked now; a choice that is no longer there is given up."""
        form = replace(self, inbox=tuple(inbox), frames=tuple(frames))
        known = {offer.source for offer in (*form.own, *form.inbox, *form.frames)}
        return form if form.source in known else replace(form, source="")

    def choose(self, source: str) -> Self:
        """Pick a list."""
        return replace(self, source=source)

    def took(self, offer: SourceOffer) -> Self:
        """Choose a file that was dropped, or lines that were pasted; it stands among the lists."""
        rest = tuple(one for one in self.own if one.source != offer.source)
        return replace(self, own=(offer, *rest), source=offer.source, kind="inbox")
