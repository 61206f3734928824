"""Prove that the older and the newer interfaces would carry the same people and the same values.

One prepared source is encoded for each interface, read back by other code, and held against the
source, row by row. Nothing is sent, and no value leaves this module: only how many there are.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers, PreparedAudience
from rokt_helpers.channels.custom_audience import import_body
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.errors import InputError
from rokt_helpers.events import (
    Spelling,
    conversion_batches,
    legacy_event_lines,
    membership_batches,
)
from rokt_helpers.events.feed_table import feed_csv
from rokt_helpers.migration.fields import FIELD_MOVES
from rokt_helpers.migration.reading import Told, read_batches, read_feed, read_legacy_events

__all__ = ["Carried", "Parity", "audience_parity", "conversions_parity"]

_SLICE_ROWS: Final = 10_000
_NUMBERS: Final = frozenset({"amount", "margin", "quantity"})
# A person is told by the first of these that is there.
_PEOPLE: Final = contract.CONVERSION_ATTRIBUTES[:7]
EVENTS_API: Final = "Event and Audience API"
NEWER_SFTP: Final = "newer SFTP"
LEGACY_EVENTS: Final = "legacy Event API"
AUDIENCE_API: Final = "custom audience API"
OLDER_SFTP: Final = "older SFTP"


@dataclass(frozen=True)
class Carried:
    """What one interface would carry of a source.

    Attributes
    ----------
    interface
        Its name, for people.
    older
        Whether it is one to move away from.
    rows, people
        How many rows it would carry, and how many different people are in them.
    people_differ
        People who are in the source and not in it, or the other way round.
    same, different, missing
        Attribute → rows whose value arrived as it is in the source, arrived otherwise, or has no
        place in this interface.
    refused
        Why the interface cannot carry the source at all, in a sentence; empty where it can.
    """

    interface: str
    older: bool
    rows: int = 0
    people: int = 0
    people_differ: int = 0
    same: Mapping[str, int] = field(default_factory=dict)
    different: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True)
class Parity:
    """One source through all the interfaces that could carry it.

    Attributes
    ----------
    what
        ``conversions``, or the name of the list.
    rows, people
        Of the source.
    values
        Attribute → rows of the source that have it.
    carried
        What each interface would carry, the older ones first.
    """

    what: str
    rows: int
    people: int
    values: Mapping[str, int]
    carried: tuple[Carried, ...]

    @property
    def holds(self) -> bool:
        """True where the newer ones carry every row, person and value that the older ones do."""
        newer = [each for each in self.carried if not each.older]
        older = [each for each in self.carried if each.older and not each.refused]
        carried_before = {name for each in older for name in each.same}
        return all(
            not new.refused
            and new.rows == self.rows
            and not new.people_differ
            and not new.different
            and not carried_before & set(new.missing)
            for new in newer
        ) and not any(old.people_differ or old.different for old in older)

    def describe(self) -> list[str]:
        """Return what was found, in sentences for a person."""
        verdict = (
            "The newer interfaces would carry everything that the older ones do."
            if self.holds
            else "The newer interfaces would not carry the same: look at the lines below."
        )
        return [verdict, *(_sentence(each, self) for each in self.carried)]

    def table(self) -> pl.DataFrame:
        """Return ``attribute``, ``in the source``, and a column an interface: rows that carry it.

        Null where the interface has no place for the attribute, or cannot carry the source.
        """
        columns: dict[str, list[Any]] = {
            "attribute": [*self.values],
            "in the source": [*self.values.values()],
        }
        for each in self.carried:
            columns[each.interface] = [each.same.get(name) for name in self.values]
        return pl.DataFrame(columns, strict=False)


def conversions_parity(prepared: PreparedConversions) -> Parity:
    """Hold each interface's encoding of prepared conversions against the conversions.

    The older SFTP takes one column of addresses or digests, so of a conversion it carries no more.
    """
    table = prepared.table.select(
        name for name in contract.CONVERSION_ATTRIBUTES if name in prepared.table.columns
    )
    counts = {name: len(table) - table[name].null_count() for name in table.columns}
    values = {name: count for name, count in counts.items() if count}
    moves = {move.attribute: move for move in FIELD_MOVES}
    places = {name: move.batch for name, move in moves.items()}
    legacy_names = {name: move.legacy for name, move in moves.items() if move.legacy}

    def batches() -> Identifiers:
        recent, _ = conversion_batches(prepared, spelling=Spelling(), now_unixtime_ms=0)
        return recent

    encodings: list[tuple[str, bool, Mapping[str, str], Callable[[], Iterator[Told]]]] = [
        (LEGACY_EVENTS, True, legacy_names,
         lambda: read_legacy_events(_lines(legacy_event_lines(prepared)))),
        (EVENTS_API, False, places, lambda: read_batches(_lines(batches()))),
        (NEWER_SFTP, False, places, lambda: read_feed(feed_csv(batches().to_series()).content)),
    ]  # fmt: skip
    carried = [
        _column_of_people(table),
        *(
            _compared(Carried(name, older=older), table, where, read)
            for name, older, where, read in encodings
        ),
    ]
    people = len({_person(row) for row in _rows_of(table)})
    return Parity("conversions", len(table), people, values, tuple(carried))


def audience_parity(
    prepared: PreparedAudience, *, list_name: str, action: contract.Action, attribute: str
) -> Parity:
    """Hold each interface's encoding of a list against the list.

    Parameters
    ----------
    attribute
        The pattern of the attribute that says who is on the list, with ``{list}`` in it.
    """
    identifiers = prepared.identifiers
    name = attribute.format(list=list_name)
    member = "true" if action == "include" else "false"
    batches = membership_batches(
        identifiers,
        spelling=Spelling(attribute=attribute),
        list_name=list_name,
        action=action,
        run="parity",
    )
    body = json.loads(import_body({"action": action, "list": list_name}, identifiers))
    kind = str(identifiers.name)
    column = "\n".join(identifiers).encode()
    encodings = (
        (AUDIENCE_API, True, [str(each) for each in body[f"{kind}s"]]
         if (body["action"], body["list"]) == (action, list_name) else []),
        (OLDER_SFTP, True, column.decode().splitlines()),
        (EVENTS_API, False, _members(read_batches(batches), name, member)),
        (NEWER_SFTP, False, _members(read_feed(feed_csv(batches).content), name, member)),
    )  # fmt: skip
    source = {_digest(text) for text in identifiers}
    carried = tuple(
        _people_carried(Carried(interface, older=older), list(found), source)
        for interface, older, found in encodings
    )
    return Parity(list_name, len(identifiers), len(source), {}, carried)


# --- rows -----------------------------------------


def _rows_of(table: pl.DataFrame) -> Iterator[Told]:
    """Give each conversion as the text of its attributes."""
    for row in table.iter_rows(named=True):
        yield {
            name: ",".join(value) if isinstance(value, list) else str(value)
            for name, value in row.items()
            if value is not None
        }


def _lines(identifiers: Identifiers) -> Iterator[str]:
    for offset in range(0, len(identifiers), _SLICE_ROWS):
        yield from identifiers.slice(offset, _SLICE_ROWS)


def _compared(
    blank: Carried,
    table: pl.DataFrame,
    places: Mapping[str, str],
    read: Callable[[], Iterator[Told]],
) -> Carried:
    """Hold what an interface says against the source, row by row."""
    same: Counter[str] = Counter()
    different: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    people: set[str] = set()
    differ = rows = 0
    try:
        for said, row in zip(read(), _rows_of(table), strict=True):
            rows += 1
            found = {name: said[path] for name, path in places.items() if path in said}
            for name, value in row.items():
                if name not in places:
                    missing[name] += 1
                elif _equal(name, found.get(name), value):
                    same[name] += 1
                else:
                    different[name] += 1
            known = {name: value for name, value in row.items() if name in places}
            people.add(_person(found))
            differ += _person(found) != _person(known)
    except InputError as error:
        return replace(blank, refused=str(error))
    return replace(
        blank,
        rows=rows,
        people=len(people),
        people_differ=differ,
        same=dict(same),
        different=dict(different),
        missing=dict(missing),
    )


def _equal(name: str, said: str | None, value: str) -> bool:
    if said is None:
        return False
    return Decimal(said) == Decimal(value) if name in _NUMBERS else said == value


def _person(told: Told) -> str:
    """Return who is meant, by the first identifier that is there."""
    address = told.get("email")
    if address is not None:
        return _digest(address)
    return next((told[name] for name in _PEOPLE if name in told), "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if "@" in text else text


def _column_of_people(table: pl.DataFrame) -> Carried:
    """Return what the older SFTP's one column would carry: who bought, and nothing else."""
    names = [name for name in ("email", "emailsha256") if name in table.columns]
    same: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    people: set[str] = set()
    for row in _rows_of(table):
        carried = next((name for name in names if name in row), None)
        missing.update(name for name in row if name != carried)
        if carried is not None:
            same[carried] += 1
            people.add(_digest(row[carried]))
    return Carried(
        OLDER_SFTP,
        older=True,
        rows=same.total(),
        people=len(people),
        same=dict(same),
        missing=dict(missing),
    )


# --- audiences ------------------------------------


def _members(told: Iterable[Told], name: str, member: str) -> Iterator[str]:
    """Give whom batches put where they should be."""
    for row in told:
        if row.get(f"user_attributes.{name}") == member:
            yield row.get("user_identities.other") or row["user_identities.email"]


def _people_carried(blank: Carried, found: list[str], source: set[str]) -> Carried:
    people = {_digest(text) for text in found}
    return replace(blank, rows=len(found), people=len(people), people_differ=len(people ^ source))


def _sentence(each: Carried, parity: Parity) -> str:
    if each.refused:
        return f"{each.interface}: cannot carry this. {each.refused}"
    line = f"{each.interface}: {each.rows:,} of {parity.rows:,} rows, {each.people:,} people"
    if each.people_differ:
        line += f", {each.people_differ:,} of them others than in the source"
    if each.different:
        line += f"; values that differ: {_counts(each.different)}"
    if each.missing:
        line += f"; without a place: {', '.join(each.missing)}"
    return f"{line}."


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} in {count:,} rows" for name, count in counts.items())
