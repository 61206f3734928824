"""What all lessons share: a classroom of their own, one exercise, and a record of what was passed.

Law: a lesson works in its :class:`Classroom` and nowhere else.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, ClassVar, Self

from rokt_helpers.academy.classroom import Classroom
from rokt_helpers.academy.exercises import Answer, Exercise, Marked
from rokt_helpers.academy.readiness import Readiness
from rokt_helpers.notebook_result import hand_over

__all__ = ["Lesson"]


class Lesson:
    """One lesson. Its views show something on its sandbox; ``mark`` marks the answer.

    Parameters
    ----------
    readiness
        Where it is written down that the exercise was passed; left out, the person's own record.
    """

    number: ClassVar[str]
    title: ClassVar[str]
    choices: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *, readiness: Readiness | None = None) -> None:
        self._readiness = readiness
        self._marked: Marked | None = None

    @cached_property
    def room(self) -> Classroom:
        """The classroom, opened at the first use."""
        return Classroom(**self.choices)

    @property
    def exercise(self) -> Exercise:
        """The exercise of the lesson."""
        raise NotImplementedError

    def mark(self, answer: Answer) -> Marked:
        """Mark an answer, and write down when it was right.

        Raises
        ------
        InputError
            When the record of what was passed cannot be read or written.
        """
        self._marked = self.exercise.check(answer)
        if self._marked.passed:
            (self._readiness or Readiness()).record(self.number)
        return self._marked

    def result(self) -> dict[str, Any]:
        """Return how the lesson went as plain values; the answer is not among them."""
        marked = self._marked or self.exercise.check("")
        verdict = marked.verdict.rstrip(".").lower()
        return {
            "sentence": f"Lesson {int(self.number)}, {self.title}: {verdict}.",
            "lesson": self.number,
            "answered": marked.answered,
            "passed": marked.passed,
        }

    def hand_over(self) -> None:
        """Give the outcome to the program that runs the notebook."""
        hand_over(self.result())

    def close(self) -> None:
        """Close the classroom, where it was opened."""
        if "room" in self.__dict__:
            self.room.close()
            del self.room

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"Lesson {int(self.number)}: {self.title}. It has a sandbox of its own; nothing in it "
            "can reach Rokt."
        )

    def _repr_html_(self) -> str:
        return (
            f"<p><strong>Lesson {int(self.number)}: {html.escape(self.title)}.</strong> It has a "
            "sandbox of its own; nothing in it can reach Rokt.</p>"
        )
