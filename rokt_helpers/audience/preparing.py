"""From a source to the identifiers Rokt will match, with every row accounted for.

The law kept here: a source is read batch by batch and never held whole, so that a list of any
length passes; every row of it is accepted, a duplicate, or rejected with one reason.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.advice import Advice, Code, advise, chosen_codes
from rokt_helpers.audience.columns import Choice, choose_column
from rokt_helpers.audience.correcting import (
    CORRECTION_COLUMNS,
    Corrections,
    check_corrections,
    refuse_rows_without_numbers,
)
from rokt_helpers.audience.judging import Identifier, Kind, Mixed, Output, likely_kind, with_advice
from rokt_helpers.audience.prepared import PreparedAudience
from rokt_helpers.audience.sifting import Sifted, Watch, sift
from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import ATTRIBUTES, with_email_verdict
from rokt_helpers.progress import OnProgress, StopSign
from rokt_helpers.tables import Table, open_table

__all__ = ["LookedOver", "check_choices", "look_over", "name_of", "opened", "prepare_audience"]


def prepare_audience(
    source: object,
    *,
    column: Hashable | None = None,
    identifier: Identifier = "email",
    output: Output = "sha256",
    mixed: Mixed = "refuse",
    header: bool | None = None,
    sheet: str | None = None,
    member: str | None = None,
    apply_advice: Collection[Code] = (),
    corrections: Mapping[int, str] | None = None,
    progress: OnProgress | None = None,
    cancel: StopSign | None = None,
) -> PreparedAudience:
    """Turn a list of customers into exactly the identifiers that Rokt matches.

    Parameters
    ----------
    source, header, sheet, member
        As for :func:`rokt_helpers.tables.open_table`; an open table, too.
    column
        The name of the identifiers' column, or its label in pandas; None finds it by its content.
    identifier
        ``email`` takes addresses, or their SHA-256 when the whole column is digests; ``sha256``
        takes digests only; ``mobile``, ``zip``, ``zip4``, ``first_name`` and ``last_name`` are
        Rokt's other attributes, each value once. A custom audience list takes none of these.
    output
        ``sha256`` (default) hashes addresses; ``plain`` keeps the canonical addresses.
    mixed
        For a column of addresses and digests: ``refuse`` (default), or ``hash`` the addresses.
    apply_advice
        Codes of the advice on addresses (see :func:`look_over`) to apply; nothing else is.
    corrections
        Number of a rejected row, as the report shows it → what a person typed instead.
    progress, cancel
        Called with each reading of two stages; a ``threading.Event``, asked between batches.

    Returns
    -------
    The audience, in the order of first rows; above ``SPILL_ROWS`` kept on disk in another order.

    Raises
    ------
    InputError
        When the source or a correction cannot be used; the message says what to do.
    Cancelled
        When ``cancel`` was set. Nothing is left behind.
    """
    chosen = check_choices(identifier=identifier, output=output, mixed=mixed)
    check_corrections(corrections, source)
    codes = _advice_for(identifier, apply_advice)
    table = opened(source, header=header, sheet=sheet, member=member)
    choice = choose_column(table, column, identifier)
    rows, mended = _rows(table, choice.column, codes, corrections)
    watch = Watch(progress, cancel, total=_count(rows) if progress else 0)
    likely = likely_kind(table.sample[choice.column], identifier)
    options: dict[str, Any] = {"name": name_of(identifier, output), "corrections": mended}
    sifted, kind = _sift(rows, likely, watch, options, column=choice.column, **chosen)
    return _account(sifted, watch, _found(table, choice, kind), codes, **options)


def opened(source: object, **options: Any) -> Table:
    """Return the table of a source; one that is open already stays as it is."""
    return source if isinstance(source, Table) else open_table(source, **options)


def _rows(
    table: Table, column: str, codes: tuple[Code, ...], corrections: Mapping[int, str] | None
) -> tuple[pl.LazyFrame, Corrections | None]:
    """Return the rows to judge, and the corrections in them, if any."""
    cells = table.rows(column)
    rows = with_advice(cells, codes)
    if not corrections:
        return rows, None
    refuse_rows_without_numbers(table.facts)
    mended = Corrections(dict(corrections), rows)
    return with_advice(mended.put_into(cells), codes), mended


def name_of(identifier: Identifier, output: Output) -> str:
    """Return the name of the column of accepted identifiers, as Rokt calls it."""
    if identifier in ATTRIBUTES:
        attribute = ATTRIBUTES[identifier]
        return attribute.hashed if output == "sha256" else attribute.plain
    return "sha256" if output == "sha256" else "email"


def _sift(
    rows: pl.LazyFrame, likely: Kind, watch: Watch, options: dict[str, Any], **chosen: Any
) -> tuple[Sifted, Kind]:
    """Return the rows parted, and what the column holds; read again where that was not likely."""
    sifted = sift(rows, likely, chosen["output"], watch, **options)
    kind = sifted.kind(**chosen)
    if kind != likely:  # the first rows were not like the rest
        sifted.good.discard()
        sifted = sift(rows, kind, chosen["output"], watch, **options)
    return sifted, kind


def _advice_for(identifier: Identifier, apply_advice: Collection[Code]) -> tuple[Code, ...]:
    codes = chosen_codes(apply_advice)
    if codes and identifier != "email":
        raise InputError(
            "Advice is about addresses. Leave apply_advice= (--apply) out, or prepare a column of "
            "addresses with identifier='email'."
        )
    return codes


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


def _account(
    sifted: Sifted,
    watch: Watch,
    found: dict[str, Any],
    codes: tuple[Code, ...],
    *,
    name: str,
    corrections: Corrections | None,
) -> PreparedAudience:
    good, rejected = sifted.good.rows, sifted.rejected
    none = pl.DataFrame(schema=CORRECTION_COLUMNS)
    corrected = none if corrections is None else corrections.record()
    people = sifted.each_once(watch)
    by_reason = dict(rejected.group_by("reason").len().rows())
    summary = {
        "rows_in": sifted.rows,
        "accepted": len(people),
        "duplicates": good - len(people),
        "rejected": len(rejected),
        "rejected_by_reason": {r: by_reason[r] for r in contract.REASONS if r in by_reason},
        # A code is either a reason, or what the accepted rows it rewrote were counted by.
        "advice_applied": {c: by_reason.get(c, 0) + sifted.looks[c] for c in codes},
        "corrected": len(corrected),
        "source": found,
    }
    return PreparedAudience(summary, name, people, rejected, corrected)


def check_choices(**chosen: str) -> dict[str, str]:
    """Return the choices; refuse one that is none of those there are."""
    allowed = {
        "identifier": get_args(Identifier),
        "output": get_args(Output),
        "mixed": get_args(Mixed),
    }
    for name, value in chosen.items():
        if value not in allowed[name]:
            choices = " or ".join(repr(choice) for choice in allowed[name])
            raise InputError(f"{name} is {choices}, not {value!r}.")
    return chosen


# --- advice ------------------------------


@dataclass(frozen=True)
class LookedOver:
    """What looks odd in a list.

    Attributes
    ----------
    rows
        How many of the first rows were looked at.
    column
        The column they are of.
    advice
        What looks odd; empty where nothing does, and for a column of digests.
    """

    rows: int
    column: str
    advice: tuple[Advice, ...]


def look_over(
    source: object,
    *,
    column: Hashable | None = None,
    header: bool | None = None,
    sheet: str | None = None,
    member: str | None = None,
    rows: int = 1_000_000,
) -> LookedOver:
    """Say what looks odd in the addresses of a list; changes nothing.

    Parameters
    ----------
    source, column, header, sheet, member
        As for :func:`prepare_audience`; an open :class:`~rokt_helpers.tables.Table`, too.
    rows
        How many of the first rows to look at; they are held in memory, about 50 bytes each.

    Returns
    -------
    The advice on those rows that hold an address. That a list is small is said only where all of
    it was looked at, and no digest stands in it.

    Raises
    ------
    InputError
        When the source cannot be used; the message says what to do.
    """
    table = opened(source, header=header, sheet=sheet, member=member)
    choice = choose_column(table, column)
    first = table.rows(choice.column).head(rows).with_columns(pl.col("text").cast(pl.String))
    judged = with_email_verdict(first).collect(engine="streaming")
    is_row = ~pl.col("unreadable") & ~pl.col("repeated_header")
    addresses = judged.filter(is_row & pl.col("fault").is_null())["canonical"]
    whole = len(judged) < rows and "other_digest" not in judged["fault"]
    said = advise(addresses) if len(addresses) else ()
    kept = tuple(one for one in said if whole or one.code != "small_include")
    return LookedOver(len(judged), choice.column, kept)
