"""From a source of purchases to conversions with Rokt's attributes, with every row accounted for.

The law kept here: a source is read batch by batch; every row of it is a conversion, a duplicate
of one, or rejected with one reason.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from collections.abc import Mapping as AbstractMapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

import polars as pl

from rokt_helpers import contract
from rokt_helpers.conversions.amounts import Decimal
from rokt_helpers.conversions.attributes import ATTRIBUTES, IDENTIFIERS
from rokt_helpers.conversions.judging import Rules, default_values, part
from rokt_helpers.conversions.mapping import Mapping, Match
from rokt_helpers.conversions.moments import DateOrder, check_time_zone
from rokt_helpers.conversions.prepared import PreparedConversions
from rokt_helpers.conversions.recognising import form_of, propose
from rokt_helpers.errors import Cancelled, InputError
from rokt_helpers.progress import OnProgress, Progress, StopSign
from rokt_helpers.tables import Table, open_table

__all__ = ["Output", "prepare_conversions", "propose_mapping"]

Output = Literal["sha256", "plain"]
_Parted = tuple[pl.DataFrame, pl.DataFrame]  # the good rows, and the report on the others
# A batch costs some 30 ms however few rows it has.
_BATCH_ROWS: Final = 200_000
_WORKERS: Final = 2  # each holds one batch in memory
GivenMapping = Mapping | AbstractMapping[str, str | None]


def propose_mapping(
    source: object,
    *,
    output: Output = "sha256",
    header: bool | None = None,
    sheet: str | None = None,
    member: str | None = None,
) -> Mapping:
    """Say which column of a source is which of Rokt's attributes; reads its first rows only.

    Parameters
    ----------
    source, output, header, sheet, member
        As for :func:`prepare_conversions`.

    Returns
    -------
    The mapping, to be shown, changed, saved, and passed on as ``mapping=``.

    Raises
    ------
    InputError
        When the source cannot be used, or two columns could be one attribute.
    """
    _check_choice("output", output, get_args(Output))
    table = open_table(source, header=header, sheet=sheet, member=member)
    return propose(table, {}, plain=output == "plain")


def prepare_conversions(
    source: object,
    *,
    mapping: GivenMapping | None = None,
    output: Output = "sha256",
    time_zone: str | None = None,
    date_order: DateOrder | None = None,
    decimal: Decimal | None = None,
    defaults: AbstractMapping[str, str] | None = None,
    header: bool | None = None,
    sheet: str | None = None,
    member: str | None = None,
    progress: OnProgress | None = None,
    cancel: StopSign | None = None,
) -> PreparedConversions:
    """Turn a list of purchases into conversions with Rokt's attributes.

    Parameters
    ----------
    source, header, sheet, member
        As for :func:`rokt_helpers.tables.open_table`.
    mapping
        A :class:`Mapping` is taken as it is: columns it does not name are left out. A dict of
        column → attribute or None goes before what is recognised by name and content.
    output
        ``sha256`` (default) keeps addresses, names, mobile numbers, ZIP codes and IP addresses as
        digests only; ``plain`` keeps what was read.
    time_zone, date_order, decimal
        Of times that name no zone, such as ``America/New_York``; ``dmy`` or ``mdy`` for dates such
        as 02/03/2026; the mark in amounts. None looks, and asks where it cannot be told.
    defaults
        Attribute → value for rows that have none, such as ``{"currency": "USD"}``.
    progress, cancel
        Called with each reading, in rows; such as a ``threading.Event``, looked at between batches.

    Returns
    -------
    The conversions in the order of the source, in memory. Of several with one ``conversiontype``
    and ``confirmationref`` the first is kept; without a ``confirmationref`` each is its own.

    Raises
    ------
    InputError, Cancelled
        When the source cannot be used, or could be read in two ways; when ``cancel`` was set.
    """
    _check_choices(output, date_order, decimal, time_zone)
    plain = output == "plain"
    table = open_table(source, header=header, sheet=sheet, member=member)
    matched = _mapping(table, mapping, plain=plain)
    columns = matched.columns
    _check_columns(matched, plain=plain)
    asked: dict[str, Any] = {"decimal": decimal, "order": date_order, "time_zone": time_zone}
    forms = {column: form_of(table, column, name, **asked) for name, column in columns.items()}
    given = default_values(dict(defaults or {}), plain=plain, time_zone=time_zone)
    rules = Rules(columns, forms, given, time_zone, plain)
    taken = _take(table.rows_of([*columns.values()]), rules, progress, cancel)
    return _account(taken, matched, {**_found(table, matched, rules)}, output)


def _check_choices(
    output: Output, date_order: DateOrder | None, decimal: Decimal | None, time_zone: str | None
) -> None:
    _check_choice("output", output, get_args(Output))
    _check_choice("date_order", date_order, (None, *get_args(DateOrder)))
    _check_choice("decimal", decimal, (None, *get_args(Decimal)))
    if time_zone is not None:
        check_time_zone(time_zone)


def _check_choice(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        choices = " or ".join(repr(choice) for choice in allowed)
        raise InputError(f"{name} is {choices}, not {value!r}.")


# --- which columns ------------------------------


def _mapping(table: Table, given: GivenMapping | None, *, plain: bool) -> Mapping:
    if not isinstance(given, Mapping):
        return propose(table, given or {}, plain=plain)
    columns = table.facts.columns
    known = Mapping(tuple(Match(column, None, "not in the mapping") for column in columns))
    matched = {match.column: match for match in known.changed(given.attributes).matches}
    reasons = {match.column: match for match in given.matches}
    return Mapping(tuple(reasons.get(column, matched[column]) for column in columns))


def _check_columns(matched: Mapping, *, plain: bool) -> None:
    columns = matched.columns
    if not {*columns} & {*IDENTIFIERS}:
        raise InputError(
            "No column of the source says who bought. Rokt needs an e-mail address, its SHA-256, a "
            "Rokt tracking id, a mobile number with a country, or an advertising id. Name the "
            f"column with mapping={{'its name': 'email'}}. Now: {_said_of(matched)}."
        )
    for name, column in columns.items():
        if ATTRIBUTES[name].personal and ATTRIBUTES[name].hashed is None and not plain:
            raise InputError(
                f"Column {column!r} is mapped to {name}, which says who a person is and has no "
                "hashed form. Leave it out (map it to None), or pass output='plain'."
            )


def _said_of(matched: Mapping) -> str:
    return "; ".join(f"{match.column!r}: {match.evidence}" for match in matched.matches)


# --- the rows ------------------------------


@dataclass
class _Taken:
    """Rows read so far: the good ones, and of the others where they are and why."""

    rows: int = 0
    good: list[pl.DataFrame] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)

    def add(self, good: pl.DataFrame, rejects: pl.DataFrame) -> None:
        """Take a parted batch."""
        self.rows += len(good) + len(rejects)
        self.good.append(good)
        self.rejects.append(rejects)


def _take(
    rows: pl.LazyFrame, rules: Rules, progress: OnProgress | None, cancel: StopSign | None
) -> _Taken:
    taken = _Taken()
    total = int(rows.select(pl.len()).collect(engine="streaming").item()) if progress else 0

    def tell() -> None:
        if cancel is not None and cancel.is_set():
            raise Cancelled("Stopped while the list was being prepared. Nothing was written.")
        if progress is not None:
            progress(Progress("Reading and checking", taken.rows, total, "rows"))

    tell()
    with closing(_parted(rows, rules)) as batches:
        for good, rejects in batches:
            taken.add(good, rejects)
            tell()
    return taken


def _parted(rows: pl.LazyFrame, rules: Rules) -> Generator[_Parted]:
    """Yield parted batches in their order, a few being judged while the next is read."""
    waiting: deque[Future[_Parted]] = deque()
    with ThreadPoolExecutor(_WORKERS) as pool:
        # An empty batch gives the result its columns, whatever the source holds.
        waiting.append(pool.submit(part, rows.clear().collect(), rules))
        for batch in rows.collect_batches(chunk_size=_BATCH_ROWS, engine="streaming"):
            waiting.append(pool.submit(part, batch, rules))
            if len(waiting) > _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _each_once(good: pl.DataFrame) -> pl.DataFrame:
    """Return purchases, of those with one type and reference the first."""
    key = [name for name in ("conversiontype", "confirmationref") if name in good.columns]
    if "confirmationref" not in key:
        return good
    first = (pl.struct(key) if len(key) > 1 else pl.col(key)).is_first_distinct()
    return good.filter(pl.col("confirmationref").is_null() | first)


def _found(table: Table, mapping: Mapping, rules: Rules) -> dict[str, Any]:
    facts = table.facts
    return {
        "name": facts.name,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "header": facts.header,
        "sheet": facts.sheet,
        "mapping": mapping.attributes,
        "time_zone": rules.time_zone,
        "forms": {
            column: said
            for column, form in rules.forms.items()
            if (said := {name: value for name, value in asdict(form).items() if value})
        },
    }


def _account(
    taken: _Taken, mapping: Mapping, found: dict[str, Any], output: Output
) -> PreparedConversions:
    good, rejected = pl.concat(taken.good), pl.concat(taken.rejects)
    kept = _each_once(good)
    by_reason = dict(rejected.group_by("reason").len().rows())
    defaults = (
        kept["defaults"]
        .drop_nulls()
        .explode()
        .drop_nulls()
        .value_counts(name="rows")
        .sort("defaults")
    )
    filled = {name: len(kept) - kept[name].null_count() for name in ATTRIBUTES if name in kept}
    summary = {
        "rows_in": taken.rows,
        "accepted": len(kept),
        "duplicates": len(good) - len(kept),
        "rejected": len(rejected),
        "rejected_by_reason": {
            r: by_reason[r] for r in contract.CONVERSION_REASONS if r in by_reason
        },
        "defaults_used": dict(defaults.rows()),
        "attributes": filled,
        "output": output,
        "source": found,
    }
    return PreparedConversions(summary, mapping, kept.drop("defaults"), rejected)
