"""Sums of two lists held against one another: overlap, conflicts and churn, in people.

Law: the sums add up, and each class proves it when it is made. Only ``Conflicts.members`` gives a
digest out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from rokt_helpers.errors import ContractError

__all__ = ["Churn", "Comparison", "Conflicts", "prove"]


def prove(parts: int, whole: int) -> None:
    """Stop with ContractError when the parts are not the whole."""
    if parts != whole:
        raise ContractError(
            f"The parts of a list hold {parts:,} people and the list {whole:,}. This is a bug in "
            "the workbench: please report it."
        )


@dataclass(frozen=True)
class Comparison:
    """Two lists side by side, in people.

    Attributes
    ----------
    left, right
        People on each list.
    only_left, both, only_right
        People on one list alone, and on both.
    """

    left: int
    right: int
    only_left: int
    both: int
    only_right: int

    def __post_init__(self) -> None:
        """Prove that each list is the sum of its parts."""
        prove(self.only_left + self.both, self.left)
        prove(self.only_right + self.both, self.right)

    @property
    def union(self) -> int:
        """People on either list."""
        return self.only_left + self.both + self.only_right

    @property
    def jaccard(self) -> float:
        """How alike the lists are: both as a part of the union, 0 to 1; 0 where nobody is."""
        return _part(self.both, self.union)

    @property
    def share_of_left(self) -> float:
        """People on both lists as a part of the left one, 0 to 1."""
        return _part(self.both, self.left)

    @property
    def share_of_right(self) -> float:
        """People on both lists as a part of the right one, 0 to 1."""
        return _part(self.both, self.right)

    def table(self) -> pl.DataFrame:
        """Return ``part`` (only_left, both, only_right), ``people`` and ``share`` of the union."""
        people = [self.only_left, self.both, self.only_right]
        return _parts(["only_left", "both", "only_right"], people, self.union)


@dataclass(frozen=True)
class Conflicts:
    """People who are on a list to target and on one to suppress.

    ``members`` are their digests (Polars, text); nothing else here shows one.
    """

    comparison: Comparison
    members: pl.Series = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prove that there are as many members as were counted."""
        prove(len(self.members), self.people)

    @property
    def people(self) -> int:
        """How many people are on both lists."""
        return self.comparison.both

    @property
    def sentence(self) -> str:
        """What was found, in one sentence."""
        if not self.people:
            return "Nobody is on both the list to target and the list to suppress."
        share = f"{self.comparison.share_of_left:.1%}"
        who = "1 person is" if self.people == 1 else f"{self.people:,} people are"
        return f"{who} on both lists: {share} of those to target are to be suppressed as well."


@dataclass(frozen=True)
class Churn:
    """One list at two times, in people: who came, who went, who stayed."""

    earlier: int
    later: int
    came: int
    went: int
    stayed: int

    def __post_init__(self) -> None:
        """Prove that each list is the sum of its parts."""
        prove(self.went + self.stayed, self.earlier)
        prove(self.came + self.stayed, self.later)

    @property
    def went_rate(self) -> float:
        """People who went as a part of the earlier list, 0 to 1; the rest of it stayed."""
        return _part(self.went, self.earlier)

    @property
    def came_rate(self) -> float:
        """People who came as a part of the later list, 0 to 1."""
        return _part(self.came, self.later)

    def table(self) -> pl.DataFrame:
        """Return ``part`` (stayed, came, went), ``people`` and ``share`` of all three."""
        people = [self.stayed, self.came, self.went]
        return _parts(["stayed", "came", "went"], people, sum(people))


def _part(amount: int, whole: int) -> float:
    return amount / whole if whole else 0.0


def _parts(names: list[str], people: list[int], whole: int) -> pl.DataFrame:
    shares = [_part(count, whole) for count in people]
    columns = {"part": pl.String, "people": pl.Int64, "share": pl.Float64}
    return pl.DataFrame([names, people, shares], schema=columns, orient="col")
