"""Lesson 2: a broken list is read by its sums first, and by its rejected rows second."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

import pandas as pd

from rokt_helpers.academy.classroom import addresses
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.charts import Picture, reasons_bar, sums_bar

__all__ = ["BrokenList"]

_ROWS: Final = 160
_BREAK: Final = 121  # of 160 customers; in a spreadsheet one row more, for the header
_TYPING_MISTAKES: Final = {11: "", 37: "learner.37@@example.com", 78: "learner.78.example.com"}
_TWICE: Final = 5  # each so many-th customer of the first hundred is there twice
_FIRST_HUNDRED: Final = 100


class BrokenList(Lesson):
    """Reading a broken list."""

    number = "02"
    title = "Reading a broken list"

    @cached_property
    def path(self) -> Path:
        """A list of customers that somebody put together from two exports."""
        lines = ["customer,email,city"]
        for number, address in enumerate(addresses(_ROWS), start=1):
            again = number % _TWICE == 0 and number < _FIRST_HUNDRED
            email = addresses(1, first=number - 1)[0] if again else address
            email = _TYPING_MISTAKES.get(number, email)
            # The second export has its columns in another order.
            cells = [f"C-{number:04}", email, "Leeds"]
            lines.append(",".join(cells if number < _BREAK else [cells[0], cells[2], cells[1]]))
        return self.room.write("customers.csv", lines)

    @cached_property
    def prepared(self) -> PreparedAudience:
        """The list, prepared."""
        return prepare_audience(self.path, column="email")

    def sums(self) -> Picture:
        """Show the sums."""
        return sums_bar(self.prepared.summary)

    def reasons(self) -> Picture:
        """Show why rows were rejected."""
        return reasons_bar(self.prepared.summary)

    def rejected(self) -> pd.DataFrame:
        """Return every rejected row: its number as a spreadsheet shows it, and the reason."""
        return self.prepared.rejected

    @property
    def exercise(self) -> Exercise:
        """Ask where it broke."""
        return Exercise(
            question="Two exports were put below one another in this file. In which row, as a "
            "spreadsheet counts them, does the second one begin?",
            how="a whole number",
            judge=self._judge,
        )

    def _judge(self, answer: Answer) -> Marked:
        try:
            row = int(answer)
        except ValueError:
            return wrong("A row is a whole number, such as 7.")
        if row == _BREAK + 1:
            return right(
                "From there on no row is accepted, and all for one reason: the column has changed. "
                "The three rows before are single mistakes of typing. Ask for the export again, "
                "rather than mending forty rows by hand."
            )
        return wrong(_why_not(row))


def _why_not(row: int) -> str:
    if row == _BREAK:
        return "Nearly: a spreadsheet counts the header as row 1, and so does the report."
    if row - 1 in _TYPING_MISTAKES:
        return (
            "That row is rejected, but the one below it is accepted. One bad row is a mistake of "
            "typing; look for where the accepted rows end."
        )
    if row > _ROWS + 1:
        return f"The file has {_ROWS + 1} rows with its header."
    if row > _BREAK:
        return "That row is in the second export, but so is the one above it. Go up."
    return "That row was not rejected. Look at the numbers in the list of rejected rows."
