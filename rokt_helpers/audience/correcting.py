"""Put what a person typed in the place of cells that were rejected, and keep a record of it.

The laws kept here: only a row that would be rejected can be corrected, so that in a list which
changed since it was looked at no good row is overwritten; and the record holds no values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import polars as pl

from rokt_helpers.audience.judging import Kind, Output, judge
from rokt_helpers.errors import InputError
from rokt_helpers.tables import SourceFacts
from rokt_helpers.tables.spark_frames import is_spark_frame

__all__ = [
    "CORRECTION_COLUMNS",
    "Corrections",
    "check_corrections",
    "refuse_on_spark",
    "refuse_rows_without_numbers",
]

# The record. `reason_before` and a rejected row's `outcome` are reasons of the contract; the other
# outcomes are accepted and duplicate.
CORRECTION_COLUMNS: Final = {
    "row": pl.UInt32(),
    "reason_before": pl.String(),
    "outcome": pl.String(),
}
_MOST_ROWS: Final = 2**32 - 1
_NAMED_ROWS: Final = 3


@dataclass
class Corrections:
    """What a person typed for some rows, and what is seen of them while the list is read.

    Parameters
    ----------
    texts
        Row number, as the rejection report shows it → the text that is to stand there instead.
    before
        The rows as they are without them, such as :func:`judging.judge` takes.
    """

    texts: dict[int, str] = field(repr=False)
    before: pl.LazyFrame = field(repr=False)
    _judged: pl.DataFrame | None = field(default=None, repr=False)
    _firsts: dict[str, int] = field(default_factory=dict, repr=False)

    def put_into(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return rows as ``tables`` gives them, with what was typed in the place of their text."""
        typed = pl.col("row").replace_strict(
            self._numbers, list(self.texts.values()), default=None, return_dtype=pl.String()
        )
        text = pl.when(self._is_typed).then(typed).otherwise(pl.col("text").cast(pl.String))
        # What was wrong with the cell as it was read is not wrong with what was typed.
        flags = (pl.col(flag) & ~self._is_typed for flag in ("unreadable", "repeated_header"))
        return rows.with_columns(text.alias("text"), *flags)

    @property
    def _numbers(self) -> pl.Series:
        return pl.Series("row", list(self.texts), dtype=pl.UInt32)

    @property
    def _is_typed(self) -> pl.Expr:
        return pl.col("row").is_in(self._numbers.implode())

    # --- what becomes of them -----------------

    def begin(self, after: pl.LazyFrame, kind: Kind, output: Output) -> None:
        """Judge the corrected rows as they were and as they are; the list will be read now.

        Raises
        ------
        InputError
            When one of them is not there, or was not rejected.
        """
        was = self._judge(self.before, kind, output).select("row", reason_before="reason")
        self._refuse(was.filter(pl.col("reason_before").is_not_null())["row"].to_list())
        self._judged = self._judge(after, kind, output).join(was, on="row").sort("row")
        self._firsts = {}

    def see(self, judged: pl.DataFrame) -> None:
        """Look at the next rows of the list for the people who stand in the corrected ones."""
        if self._judged is None:
            return
        keys = self._judged["key"].implode()
        found = judged.filter(pl.col("reason").is_null() & pl.col("key").is_in(keys))
        for row, identifier in found.select("row", "identifier").unique(
            "identifier", keep="first", maintain_order=True
        ).rows():  # fmt: skip
            self._firsts.setdefault(identifier, row)

    def record(self) -> pl.DataFrame:
        """Return ``CORRECTION_COLUMNS``, in the order of rows, once the list was read."""
        judged = self._judged
        rows = [] if judged is None else judged.select(
            "row", "reason_before", "reason", "identifier"
        ).rows()  # fmt: skip
        record = [
            (row, before, reason or self._outcome(row, identifier))
            for row, before, reason, identifier in rows
        ]
        return pl.DataFrame(record, CORRECTION_COLUMNS, orient="row")

    def _outcome(self, row: int, identifier: str) -> str:
        return "accepted" if self._firsts.get(identifier) == row else "duplicate"

    def _judge(self, rows: pl.LazyFrame, kind: Kind, output: Output) -> pl.DataFrame:
        # No row stands further down than its number: the rest need not be read.
        wanted = rows.head(max(self.texts)).filter(self._is_typed)
        judged = judge(wanted, kind, output).collect(engine="streaming")
        return judged.with_columns(pl.col("reason").cast(pl.String))

    def _refuse(self, rejected: list[int]) -> None:
        others = sorted({*self.texts} - {*rejected})
        if others:
            named = ", ".join(f"{row:,}" for row in others[:_NAMED_ROWS])
            more = f" and {len(others) - _NAMED_ROWS:,} more" if len(others) > _NAMED_ROWS else ""
            raise InputError(
                f"Only rejected rows can be corrected, and these are not: row {named}{more}. The "
                "list, its column or the choices may have changed since the correction was typed. "
                "Check the list again."
            )


def check_corrections(texts: Mapping[int, str] | None, source: object) -> None:
    """Refuse what is no correction, before the source is opened; no value is repeated.

    Raises
    ------
    InputError
        When one of them is not a row number and a text, or the source is a frame of Spark.
    """
    if not texts:
        return
    if is_spark_frame(source):
        refuse_on_spark()
    for row, text in texts.items():
        if type(row) is not int or not 1 <= row <= _MOST_ROWS or not _is_text(text):
            raise InputError(
                "A correction is a row number, as the rejection report shows it, and the text that "
                "is to stand there instead."
            )


def refuse_on_spark() -> NoReturn:
    """Say why rows are not corrected on Spark; an InputError."""
    raise InputError(
        "Spark keeps rows in no fixed order, so none is corrected by its number. Correct them "
        "where the list comes from, or write it to a file first."
    )


def refuse_rows_without_numbers(facts: SourceFacts) -> None:
    """Refuse to correct an open source whose rows are not found again by their number.

    Raises
    ------
    InputError
        For a query, and for several lists read as one.
    """
    if facts.kind == "query":
        raise InputError(
            "A query may give its rows in another order the next time, so none is corrected by its "
            "number. Correct them in the database, or write the answer to a file first."
        )
    if facts.files:
        raise InputError(
            f"{facts.name} holds {len(facts.files)} lists, and rows are counted in each of them. "
            "Correct one list at a time."
        )


def _is_text(text: Any) -> bool:
    """Tell text that can be stored: half a character, which a bad copy leaves, cannot."""
    try:
        return isinstance(text, str) and text.encode() is not None
    except UnicodeEncodeError:
        return False
