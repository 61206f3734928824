"""What was found of two lists, as a chart, a table, sentences and plain values.

Law: no digest leaves it but through ``found``, which keeps them out of every view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from rokt_helpers.charts import Picture, list_picture
from rokt_helpers.charts.lists import Found
from rokt_helpers.charts.picture import as_polars
from rokt_helpers.forms.lists import Mode
from rokt_helpers.list_lab import Churn, Conflicts

__all__ = ["Answer"]

_DUTY: Final = (
    "Someone who asked not to be reached must not be: write their digests, and take them off the "
    "list to target."
)


@dataclass(frozen=True)
class Answer:
    """What was found of two lists, and how they are called."""

    mode: Mode
    found: Found
    left: str
    right: str

    @property
    def picture(self) -> Picture:
        """The finding as a chart."""
        return list_picture(self.found, left=self.left, right=self.right)

    @property
    def finding(self) -> str:
        """The finding in one sentence."""
        return f"{self.picture.title}."

    @property
    def meaning(self) -> str:
        """What the finding means, or what to do about it, in one sentence."""
        if isinstance(self.found, Churn):
            return f"{self.found.came_rate:.1%} of the later list are new on it."
        if isinstance(self.found, Conflicts):
            return _DUTY if self.conflicts else "Nothing has to be taken off."
        share = f"{self.found.jaccard:.1%}"
        return f"Of everybody on either list, {share} are on both (the Jaccard index)."

    @property
    def conflicts(self) -> int:
        """How many people are to be targeted and suppressed; 0 for another question."""
        return self.found.people if isinstance(self.found, Conflicts) else 0

    @property
    def table(self) -> pl.DataFrame:
        """``part`` in words, ``people`` and ``share`` of everybody on either list."""
        words = {"only_left": f"only {self.left}", "only_right": f"only {self.right}"}
        return as_polars(self.picture.table).with_columns(pl.col("part").replace(words))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; no digest is among them."""
        return {
            "sentence": self.finding,
            "mode": self.mode,
            "left": self.left,
            "right": self.right,
            "parts": as_polars(self.picture.table).to_dicts(),
        }
