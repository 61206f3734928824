"""Where a person is on a screen of a few steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Stage", "stages"]


@dataclass(frozen=True)
class Stage:
    """One step of a screen, and whether it is behind a person, before them, or where they are."""

    number: int
    title: str
    state: Literal["done", "now", "later"]


def stages(*steps: tuple[str, bool]) -> Sequence[Stage]:
    """Return the steps, each given as its title and whether it is done; the first open one is now.

    A step after an open one is never done: what was checked of another list says nothing.
    """
    drawn: list[Stage] = []
    is_open = False
    for number, (title, is_done) in enumerate(steps, start=1):
        state: Literal["done", "now", "later"] = "later" if is_open else "now"
        if is_done and not is_open:
            state = "done"
        is_open = is_open or not is_done
        drawn.append(Stage(number, title, state))
    return tuple(drawn)
