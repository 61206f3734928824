"""What a look at the first rows of a list finds, in the words and rows that a screen needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from rokt_helpers.advice import Advice
from rokt_helpers.audience import (
    LookedOver,
    Mixed,
    Output,
    PreparedAudience,
    choose_column,
    look_over,
    masked_examples,
    prepare_audience,
    rejected_values,
)
from rokt_helpers.tables import SourceFacts, Table
from rokt_helpers.tables.table import SAMPLE_ROWS

__all__ = ["Look", "look_at"]

_HOLDS: Final = {"email": "addresses", "sha256": "SHA-256 digests", "mixed": "identifiers"}


@dataclass(frozen=True)
class Look:
    """What a look at the first rows found; nothing of it but the method gives a value.

    Attributes
    ----------
    rows
        How many were looked at.
    columns, column
        Those of the list, and the one with the identifiers.
    sentence
        What was found.
    advice
        What looks odd.
    summary
        The sums of those rows, as :attr:`PreparedAudience.summary` has them.
    examples
        Reason → up to three shapes of the cells that were rejected for it; no letter of them stays.
        A row that was corrected is not among them.
    outcomes
        Row → what became of it, for those corrected: ``accepted``, ``duplicate``, or a reason.
    """

    rows: int
    columns: tuple[str, ...]
    column: str
    sentence: str
    advice: tuple[Advice, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict, repr=False)
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)
    _seen: Table | None = field(default=None, repr=False, compare=False)

    def rejected_for_correction(self, first: int = 200) -> pl.DataFrame:
        """Return what stands in the rejected rows, for the correction grid only: personal data.

        Returns
        -------
        ``row``, ``reason`` and ``value`` as the list has them, whatever was typed since; by row.

        Raises
        ------
        InputError
            When the list cannot be corrected by row numbers; the message says what to do.
        """
        if self._seen is None:
            return pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String, "value": pl.String})
        return rejected_values(self._seen, column=self.column, first=first)


def look_at(
    table: Table, *, column: str, output: Output, mixed: Mixed, corrections: Mapping[int, str]
) -> tuple[Look, LookedOver]:
    """Look at the first 10,000 rows of an open list; they are read once.

    Raises
    ------
    InputError
        As preparing the whole list would.
    """
    chosen = choose_column(table, column or None).column
    seen = table.first(chosen, SAMPLE_ROWS)
    # A correction further down is of no concern here; the numbers rise with the rows.
    last = seen.rows(chosen).select(pl.col("row").max()).collect().item() or 0
    typed = {row: text for row, text in corrections.items() if row <= last}
    sample = prepare_audience(seen, column=chosen, output=output, mixed=mixed, corrections=typed)
    untouched = seen.with_rows(lambda rows: rows.filter(~pl.col("row").is_in([*typed])))
    odd = look_over(seen, column=chosen, rows=SAMPLE_ROWS)
    look = Look(
        rows=sample.summary["rows_in"],
        columns=table.facts.columns,
        column=chosen,
        sentence=_sentence(table.facts, sample),
        advice=odd.advice,
        summary=sample.summary,
        examples=masked_examples(untouched, column=chosen),
        outcomes=dict(sample.corrections[["row", "outcome"]].itertuples(index=False)),
        _seen=seen,
    )
    return look, odd


def _sentence(facts: SourceFacts, sample: PreparedAudience) -> str:
    s = sample.summary
    how = [
        facts.encoding or "",
        f"{facts.delimiter}-separated" if facts.delimiter else "one column",
        "with a header" if facts.header else "without a header",
    ]
    corrected = f" {s['corrected']:,} of them were corrected by hand." if s["corrected"] else ""
    return (
        f"{facts.name} ({', '.join(how)}): column {s['source']['column']!r} holds "
        f"{_HOLDS[s['source']['kind']]} ({s['source']['evidence']}). Of the first "
        f"{s['rows_in']:,} rows {s['accepted']:,} would be accepted, {s['duplicates']:,} are "
        f"duplicates, {s['rejected']:,} would be rejected.{corrected}"
    )
