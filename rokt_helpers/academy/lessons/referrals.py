"""Lesson 7: referral files have traps, and each of them makes a number wrong without a word."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import polars as pl

from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, Shown, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.charts import Picture
from rokt_helpers.charts.bars import bar_picture
from rokt_helpers.referrals.collected import Collected

__all__ = ["ReferralTraps"]

_DIGITS: Final = 15  # as many as a spreadsheet keeps of a number


class ReferralTraps(Lesson):
    """Referrals and their traps."""

    number = "07"
    title = "Referrals and their traps"

    @cached_property
    def collected(self) -> Collected:
        """What the first collection brought."""
        return self.room.workbench.fetch_referrals()

    def report(self) -> Note:
        """Return what was collected, in sentences."""
        return Note(tuple(self.collected.describe()))

    @cached_property
    def table(self) -> pl.DataFrame:
        """The tidy table, one referral a row."""
        if not self.collected.rows_kept:
            raise RuntimeError("the sandbox has referral files, and none was collected")
        return self.room.workbench.referral_table()

    def in_a_spreadsheet(self) -> Shown:
        """Show referrals and cost by audience id, as a program has them that makes it a number."""
        return Shown(self._in_a_spreadsheet())

    def _in_a_spreadsheet(self) -> pl.DataFrame:
        """Return ``audience_id`` (fifteen digits of it), ``referrals`` and ``cost``."""
        number = pl.col("audience_id").cast(pl.Float64)
        shown = number.map_elements(lambda one: f"{one:.{_DIGITS - 1}e}", return_dtype=pl.String)
        return _cost_by(self.table.with_columns(audience_id=shown), "audience_id")

    def by_name(self) -> Picture:
        """Show the cost by the name of the audience, from the tidy table."""
        table = _cost_by(self.table, "audience")
        rows = [
            {"audience": row["audience"], "cost": row["cost"], "label": f"{row['cost']:,.2f}"}
            for row in table.iter_rows(named=True)
        ]
        title = "What was paid, by the name of the audience"
        return bar_picture(rows, "audience", "cost", title=title, table=table)

    @property
    def exercise(self) -> Exercise:
        """Ask how many audiences there were."""
        return Exercise(
            question="For how many different audiences was money paid?",
            how="a whole number",
            judge=self._judge,
        )

    def _judge(self, answer: Answer) -> Marked:
        try:
            number = int(answer)
        except ValueError:
            return wrong("Wanted is how many, as a number.")
        ids = self.table["audience_id"].drop_nulls().n_unique()
        if number == ids:
            return right(
                f"{ids} audiences, with {ids} different ids of 19 digits. Two of these ids differ "
                "in their last digits only, and a spreadsheet keeps fifteen. So it shows one row "
                "for both, and their cost as one. Read ids and postal codes as text."
            )
        if number == self._in_a_spreadsheet()["audience_id"].n_unique():
            return wrong(
                "So many rows has the table of the spreadsheet. Its ids end in an exponent: what "
                "became of their last digits? Hold it against the chart."
            )
        return wrong(
            "Count the rows of the table and the bars of the chart, and ask why they differ."
        )


def _cost_by(table: pl.DataFrame, key: str) -> pl.DataFrame:
    return (
        table.drop_nulls(key)
        .group_by(key)
        .agg(referrals=pl.len(), cost=pl.col("bid_price").sum().round(2))
        .sort("cost", descending=True)
    )
