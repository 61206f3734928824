"""An exercise: a question, an answer, and what was right or wrong about it, and why.

Nothing here shows an answer before one was given.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from rokt_helpers.charts.picture import table_html

__all__ = ["Answer", "Exercise", "Marked", "Note", "Shown", "right", "wrong"]

Answer = str | int


@dataclass(frozen=True)
class Note:
    """Sentences as a cell shows them, one a line."""

    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        return "".join(f'<p style="margin:.3em 0">{html.escape(line)}</p>' for line in self.lines)


@dataclass(frozen=True)
class Shown:
    """A small table whose texts are shown whole, however long they are."""

    table: pl.DataFrame

    def __repr__(self) -> str:
        with pl.Config(fmt_str_lengths=400, tbl_rows=-1, tbl_width_chars=200):
            return str(self.table)

    def _repr_html_(self) -> str:
        return table_html(self.table)


@dataclass(frozen=True)
class Marked:
    """What became of an answer.

    Attributes
    ----------
    passed
        True when it was right.
    explanation
        Why, in words for somebody who is learning.
    answered
        False while nothing was answered; then nothing was marked either.
    """

    passed: bool
    explanation: str
    answered: bool = True

    @property
    def verdict(self) -> str:
        """``Right.``, ``Not quite.`` or ``Not answered yet.``."""
        if not self.answered:
            return "Not answered yet."
        return "Right." if self.passed else "Not quite."

    def __repr__(self) -> str:
        return f"{self.verdict} {self.explanation}"

    def _repr_html_(self) -> str:
        sign = "✓" if self.passed else "✎" if self.answered else "…"
        return (
            f'<div role="status" style="border-left:4px solid;padding:.3em 1em">'
            f"<strong>{sign} {self.verdict}</strong> {html.escape(self.explanation)}</div>"
        )


def right(explanation: str) -> Marked:
    """Return the mark of a right answer, with why it is right."""
    return Marked(passed=True, explanation=explanation)


def wrong(explanation: str) -> Marked:
    """Return the mark of a wrong answer, with what speaks against it."""
    return Marked(passed=False, explanation=explanation)


@dataclass(frozen=True)
class Exercise:
    """One question that marks its own answers.

    Attributes
    ----------
    question
        What is asked.
    how
        In what form the answer is wanted, such as "a whole number".
    judge
        Marks an answer that is there. It is not shown.
    """

    question: str
    how: str
    judge: Callable[[Answer], Marked] = field(repr=False)

    def check(self, answer: Answer) -> Marked:
        """Mark an answer; an empty text or 0 counts as none."""
        given = answer.strip("\r\n") if isinstance(answer, str) else answer
        if isinstance(given, bool) or not isinstance(given, str | int):
            return wrong(f"The answer should be {self.how}.")
        if given == 0 or not str(given).strip():
            return Marked(
                passed=False,
                answered=False,
                explanation=f'Write {self.how} into the cell that begins with "answer", then run '
                "it and this one again. You may try as often as you like.",
            )
        return self.judge(given)

    def __repr__(self) -> str:
        return f"{self.question} (Answer with {self.how}.)"

    def _repr_html_(self) -> str:
        return (
            f"<p><strong>{html.escape(self.question)}</strong></p>"
            f"<p>Answer with {html.escape(self.how)}.</p>"
        )
