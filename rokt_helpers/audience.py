"""From a source to the identifiers Rokt will match, with every row accounted for.

The law kept here: a source is read batch by batch and never held whole, so that a list of any
length passes; every row of it is accepted, a duplicate, or rejected with one reason.
"""

from __future__ import annotations

from typing import Any, Final, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import looks_like
from rokt_helpers.judging import Kind, Mixed, Output, likely_kind
from rokt_helpers.prepared import PreparedAudience, upload_target
from rokt_helpers.progress import OnProgress
from rokt_helpers.sifting import Sifted, StopSign, Watch, sift
from rokt_helpers.tables import Table, open_table

__all__ = ["Mixed", "Output", "PreparedAudience", "StopSign", "prepare_audience", "upload_target"]

# A column is a candidate when at least this share of its filled cells looks like identifiers.
_CANDIDATE_SHARE: Final = 0.5


def prepare_audience(
    source: object,
    *,
    column: str | None = None,
    identifier: contract.IdentifierKind = "email",
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
        takes digests only.
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
    _check_choices(identifier=identifier, output=output, mixed=mixed)
    table = open_table(source, header=header, sheet=sheet, member=member)
    chosen = _choose_column(table, column)
    rows = table.rows(chosen)
    watch = Watch(progress, cancel, total=_count(rows) if progress else 0)
    likely = likely_kind(table.sample[chosen])
    sifted = sift(rows, likely, output, watch)
    kind = sifted.kind(identifier=identifier, output=output, mixed=mixed, column=chosen)
    if kind != likely:  # the first rows were not like the rest
        sifted.good.discard()
        sifted = sift(rows, kind, output, watch)
    return _account(sifted, watch, _found(table, chosen, kind), output)


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())


def _found(table: Table, column: str, kind: Kind) -> dict[str, Any]:
    facts = table.facts
    return {
        "name": facts.name,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "header": facts.header,
        "sheet": facts.sheet,
        "column": column,
        "kind": kind,
    }


def _account(
    sifted: Sifted, watch: Watch, found: dict[str, Any], output: Output
) -> PreparedAudience:
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
    return PreparedAudience(summary, "sha256" if output == "sha256" else "email", people, rejected)


def _check_choices(**chosen: str) -> None:
    allowed = {
        "identifier": get_args(contract.IdentifierKind),
        "output": get_args(Output),
        "mixed": get_args(Mixed),
    }
    for name, value in chosen.items():
        if value not in allowed[name]:
            choices = " or ".join(repr(choice) for choice in allowed[name])
            raise InputError(f"{name} is {choices}, not {value!r}.")


# --- which column ------------------------------


def _choose_column(table: Table, column: str | None) -> str:
    names = table.facts.columns
    if column is not None:
        if column not in names:
            raise InputError(f"There is no column {column!r}. The source has: {_listed(names)}.")
        return column
    shares = {name: _share_of_identifiers(table.sample[name]) for name in names}
    likely = [name for name, share in shares.items() if share >= _CANDIDATE_SHARE]
    possible = likely or [name for name, share in shares.items() if share > 0]
    if not possible:
        raise InputError(
            f"No address and no digest was found in {table.facts.name} (columns: "
            f"{_listed(names)}). Check that it is the right list, or name the column with column=."
        )
    if len(possible) > 1:
        raise InputError(
            f"{len(possible)} columns could hold the identifiers: {_listed(possible)}. "
            "Name one with column=."
        )
    return possible[0]


def _share_of_identifiers(cells: pl.Series) -> float:
    looks = cells.to_frame("cell").select(looks_like(pl.col("cell"))).to_series().drop_nulls()
    return len(looks.filter(looks != "other")) / len(looks) if len(looks) else 0.0


def _listed(names: object) -> str:
    return ", ".join(repr(name) for name in names)  # type: ignore[attr-defined]
