"""Lesson 6: the same purchases fit several interfaces; compare before you move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

import polars as pl

from rokt_helpers.academy.classroom import addresses
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, Shown, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.conversions import PreparedConversions, prepare_conversions
from rokt_helpers.deliver import Receipt
from rokt_helpers.migration import Parity, conversions_parity
from rokt_helpers.sandbox import Fault

__all__ = ["EventsAndMigration"]

_PURCHASES: Final = 40
_LOST: Final = 3
_ASKED: Final = "customerid"
_LEGACY: Final = "legacy Event API"


class EventsAndMigration(Lesson):
    """The Event and Audience API, and the migration to it."""

    number = "06"
    title = "The Event and Audience API"

    @cached_property
    def prepared(self) -> PreparedConversions:
        """Forty purchases, prepared once for every interface."""
        noon = datetime.now(UTC).replace(microsecond=0)
        people = addresses(_PURCHASES)
        return prepare_conversions(
            pl.DataFrame(
                {
                    "email": people,
                    "customerid": [f"C-{number:04}" for number in range(_PURCHASES)],
                    "confirmationref": [f"A-{number:04}" for number in range(_PURCHASES)],
                    "timestamp": [
                        (noon - timedelta(hours=number + 1)).isoformat()
                        for number in range(_PURCHASES)
                    ],
                    "amount": [f"{20 + number}.50" for number in range(_PURCHASES)],
                    "currency": ["USD"] * _PURCHASES,
                    "conversiontype": ["purchase"] * _PURCHASES,
                }
            )
        )

    @cached_property
    def parity(self) -> Parity:
        """The purchases through each interface, read back and compared. Nothing is sent."""
        return conversions_parity(self.prepared)

    def compared(self) -> Shown:
        """Return a row an attribute and a column an interface: in how many rows it arrives."""
        table = self.parity.table()
        counts = [name for name in table.columns if name != "attribute"]
        said = pl.col(*counts).cast(pl.String).fill_null("no place")
        return Shown(table.with_columns(said))

    @cached_property
    def receipt(self) -> Receipt:
        """The receipt of sending them, on a day when the platform loses three of them."""
        self.room.sandbox.script(Fault.leave_out(_LOST))
        workbench = self.room.workbench
        return workbench.deliver(workbench.plan_conversions(self.prepared, via="events"))

    def other_side(self) -> Note:
        """Say what became of them. At Rokt nobody could look."""
        stored = len(self.room.sandbox.events.conversions())
        return Note(
            (
                f"Confirmed by the receipt: {self.receipt.rows_confirmed}.",
                f"Known at the other side: {stored}.",
            )
        )

    @property
    def exercise(self) -> Exercise:
        """Ask what the older interface had no place for."""
        return Exercise(
            question=f"Which attribute of these purchases had no place in the {_LEGACY}, and "
            "reaches Rokt for the first time over the Event and Audience API?",
            how="the name of the attribute",
            judge=self._judge,
        )

    def _judge(self, answer: Answer) -> Marked:
        name = str(answer).strip().lower()
        if name == _ASKED:
            return right(
                "The legacy Event API has no field for it. So the move brings something: ask your "
                "account manager whether to send it, before you do. And a move is only safe when "
                "the table shows that nothing gets lost."
            )
        if name not in self.parity.values:
            return wrong(
                f"These purchases have no {name!r}. The first column names what they have."
            )
        return wrong(
            f"{name} arrives over both. Look for the row that has no place in the {_LEGACY}, and "
            "has one in the Event and Audience API."
        )
