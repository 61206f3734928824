"""What a reader hands on: the facts of a source, a sample of it, and a way to one column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import canonical_email, email_fault

__all__ = ["SAMPLE_ROWS", "Rows", "SourceFacts", "Table", "distinct_names"]

SAMPLE_ROWS: Final = 10_000

# Rows of the wanted column: `row` UInt32, `text` String, `unreadable` Boolean.
Rows = pl.LazyFrame


@dataclass(frozen=True)
class SourceFacts:
    """What was found in a source before a single row was judged.

    ``encoding``, ``delimiter`` and ``header`` are None for a frame; ``first_row`` is the number of
    the first data row as a spreadsheet shows it.
    """

    kind: str
    name: str
    columns: tuple[str, ...]
    first_row: int = 1
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None


@dataclass(frozen=True)
class Table:
    """A source that was looked at but not read: its facts, a sample, and a way to a column."""

    facts: SourceFacts
    sample: pl.DataFrame = field(repr=False)
    _rows: Callable[[int], Rows] = field(repr=False)

    def rows(self, column: str) -> Rows:
        """Return the named column as ``row``, ``text``, ``unreadable``; lazily where it can."""
        return self._rows(self.facts.columns.index(column))


def distinct_names(names: list[str]) -> list[str]:
    """Return names with no blank and no repeat, so that each column can be asked for.

    Raises
    ------
    InputError
        When a name is itself an address or a digest: then it is a row, and would be lost.
    """
    _refuse_identifiers(names)
    distinct: list[str] = []
    for position, raw in enumerate(names, start=1):
        name = raw.strip().strip("\ufeff") or f"column_{position}"
        spellings = (name if n == 1 else f"{name} ({n})" for n in count(1))
        distinct.append(next(spelling for spelling in spellings if spelling not in distinct))
    return distinct


def _refuse_identifiers(names: list[str]) -> None:
    cells = pl.DataFrame({"cell": names}, schema={"cell": pl.String})
    faults = cells.select(email_fault(canonical_email(pl.col("cell")))).to_series()
    for position, fault in enumerate(faults, start=1):
        if fault in {None, "other_digest"}:
            raise InputError(
                f"The name of column {position} is itself an address or a digest: the first row "
                "was taken for a header, and would be lost. Read the list without a header "
                "(header=False here, header=None in pandas)."
            )
