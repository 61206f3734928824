"""From a source to the identifiers Rokt will match, with every row accounted for.

The law kept here: a source is read batch by batch and never held whole, so that a list of any
length passes; every row of it is accepted, a duplicate, or rejected with one reason.
"""

from __future__ import annotations

from typing import Any, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience.columns import Choice, choose_column
from rokt_helpers.audience.judging import Identifier, Kind, Mixed, Output, likely_kind
from rokt_helpers.audience.prepared import PreparedAudience
from rokt_helpers.audience.sifting import Sifted, StopSign, Watch, sift
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import ATTRIBUTES
from rokt_helpers.progress import OnProgress
from rokt_helpers.tables import Table, open_table

__all__ = ["check_choices", "name_of", "prepare_audience"]


def prepare_audience(
    source: object,
    *,
    column: str | None = None,
    identifier: Identifier = "email",
    output: Output = "sha256",
    mixed: Mixed = "refuse",
    header: bool | None = None,
    sheet: str | None = None,
    member: str | None = None,
    progress: OnProgress | None = None,
    cancel: StopSign | None = None,
) -> PreparedAudience:
    """Turn a list of customers into exactly the identifiers that Rokt matches.

    Parameters
    ----------
    source
        Whatever :func:`rokt_helpers.tables.open_table` reads: a path, a frame, a query.
    column
        The column that holds the identifiers; None finds it by its content.
    identifier
        ``email`` takes addresses, or their SHA-256 when the whole column is digests; ``sha256``
        takes digests only; ``mobile``, ``zip``, ``zip4``, ``first_name`` and ``last_name`` are
        Rokt's other attributes, each value once. A custom audience list takes none of these.
    output
        ``sha256`` (default) hashes addresses; ``plain`` keeps the canonical addresses.
    mixed
        For a column of addresses and digests: ``refuse`` (default), or ``hash`` the addresses.
    header
        True or False where a file is known to have one or not; None looks.
    sheet, member
        The sheet of a workbook, the file inside a zip; None takes the only one that fits.
    progress
        Called with each reading, in rows, of two stages: reading, and finding duplicates.
    cancel
        Such as a ``threading.Event``; looked at between batches.

    Returns
    -------
    The audience, in the order of first rows; above ``SPILL_ROWS`` kept on disk in another order.

    Raises
    ------
    InputError
        When the source cannot be used; the message says what to do.
    Cancelled
        When ``cancel`` was set. Nothing is left behind.
    """
    check_choices(identifier=identifier, output=output, mixed=mixed)
    table = open_table(source, header=header, sheet=sheet, member=member)
    choice = choose_column(table, column, identifier)
    rows = table.rows(choice.column)
    watch = Watch(progress, cancel, total=_count(rows) if progress else 0)
    likely, name = likely_kind(table.sample[choice.column], identifier), name_of(identifier, output)
    sifted = sift(rows, likely, output, watch, name=name)
    kind = sifted.kind(identifier=identifier, output=output, mixed=mixed, column=choice.column)
    if kind != likely:  # the first rows were not like the rest
        sifted.good.discard()
        sifted = sift(rows, kind, output, watch, name=name)
    return _account(sifted, watch, _found(table, choice, kind), name)


def name_of(identifier: Identifier, output: Output) -> str:
    """Return the name of the column of accepted identifiers, as Rokt calls it."""
    if identifier in ATTRIBUTES:
        attribute = ATTRIBUTES[identifier]
        return attribute.hashed if output == "sha256" else attribute.plain
    return "sha256" if output == "sha256" else "email"


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())


def _found(table: Table, choice: Choice, kind: Kind) -> dict[str, Any]:
    facts = table.facts
    return {
        "name": facts.name,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "header": facts.header,
        "sheet": facts.sheet,
        "column": choice.column,
        "evidence": choice.evidence,
        "kind": kind,
    }


def _account(sifted: Sifted, watch: Watch, found: dict[str, Any], name: str) -> PreparedAudience:
    good, rejected = sifted.good.rows, sifted.rejected
    people = sifted.each_once(watch)
    by_reason = dict(rejected.group_by("reason").len().rows())
    summary = {
        "rows_in": sifted.rows,
        "accepted": len(people),
        "duplicates": good - len(people),
        "rejected": len(rejected),
        "rejected_by_reason": {r: by_reason[r] for r in contract.REASONS if r in by_reason},
        "source": found,
    }
    return PreparedAudience(summary, name, people, rejected)


def check_choices(**chosen: str) -> None:
    """Refuse a choice that is none of those there are."""
    allowed = {
        "identifier": get_args(Identifier),
        "output": get_args(Output),
        "mixed": get_args(Mixed),
    }
    for name, value in chosen.items():
        if value not in allowed[name]:
            choices = " or ".join(repr(choice) for choice in allowed[name])
            raise InputError(f"{name} is {choices}, not {value!r}.")
