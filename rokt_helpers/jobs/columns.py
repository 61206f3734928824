"""See which column of a file of purchases is what, and what its values leave open.

Law: two columns that could be one attribute stop nobody here. Both are left out, each saying so,
and a person decides on the screen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from rokt_helpers.conversions import Mapping, Match
from rokt_helpers.conversions.attributes import ATTRIBUTES
from rokt_helpers.conversions.recognising import form_of, propose
from rokt_helpers.errors import InputError
from rokt_helpers.forms.conversions import ColumnRow, How
from rokt_helpers.jobs.places import resolve
from rokt_helpers.tables import Table, open_table

__all__ = ["attributes_offered", "load_mapping", "look_at", "mapping_path", "saved_mappings"]

_FOLDER: Final = "params"
_INNER: Final = "mappings"  # apart from the parameters of the notebooks
_KNOWN: Final[dict[str, Any]] = {"decimal": ".", "order": "dmy", "time_zone": "UTC"}
# To ask about one thing, all others are known, and the column is taken for what it is asked of.
_QUESTIONS: Final[dict[How, tuple[str, str]]] = {
    "time_zone": ("time_zone", "timestamp_unixtime_ms"),
    "date_order": ("order", "timestamp_unixtime_ms"),
    "decimal": ("decimal", "amount"),
}


def look_at(source: Path, given: Mapping | None, *, plain: bool) -> tuple[ColumnRow, ...]:
    """Return the columns of a source with what each is, why, and what it leaves open.

    Parameters
    ----------
    given
        A saved mapping; None recognises the columns by name and content.
    plain
        Whether raw values may be kept.

    Raises
    ------
    InputError
        When the source cannot be used, or the mapping names a column that it does not have.
    """
    table = open_table(source)
    mapping = _found(table, plain=plain) if given is None else _taken(table, given)
    return tuple(
        ColumnRow(m.column, m.attribute or "", m.evidence, _open(table, m.column))
        for m in mapping.matches
    )


def attributes_offered(*, plain: bool) -> tuple[str, ...]:
    """Return what a column may be, in Rokt's order: without ``plain`` only what can be hashed."""
    return tuple(
        name
        for name, attribute in ATTRIBUTES.items()
        if plain or attribute.hashed is not None or not attribute.personal
    )


def _taken(table: Table, given: Mapping) -> Mapping:
    matches = tuple(Match(name, None, "not in the mapping") for name in table.facts.columns)
    changed = Mapping(matches).changed(given.attributes)
    said = {match.column: match for match in given.matches}
    return Mapping(tuple(said.get(match.column, match) for match in changed.matches))


def _found(table: Table, *, plain: bool) -> Mapping:
    try:
        return propose(table, {}, plain=plain)
    except InputError:
        return _undecided(table, plain=plain)


def _undecided(table: Table, *, plain: bool) -> Mapping:
    """Return the mapping of columns some of which could be the same attribute."""
    columns = table.facts.columns
    alone = {name: _among(table, (name,), plain=plain).attributes[name] for name in columns}
    chosen: dict[str, str | None] = {}
    rivals: dict[str, str] = {}
    for attribute in {name for name in alone.values() if name is not None}:
        group = tuple(column for column in columns if alone[column] == attribute)
        try:
            _among(table, group, plain=plain)
        except InputError:
            chosen |= dict.fromkeys(group)
            rivals |= dict.fromkeys(group, attribute)
    found = propose(table, chosen, plain=plain)
    return Mapping(
        tuple(
            Match(match.column, None, f"could be {rivals[match.column]}, as another could: choose")
            if match.column in rivals
            else match
            for match in found.matches
        )
    )


def _among(table: Table, group: tuple[str, ...], *, plain: bool) -> Mapping:
    """Return the mapping as if the source had these columns only."""
    others = dict.fromkeys(name for name in table.facts.columns if name not in group)
    return propose(table, others, plain=plain)


def _open(table: Table, column: str) -> frozenset[How]:
    return frozenset(how for how in _QUESTIONS if _is_open(table, column, how))


def _is_open(table: Table, column: str, how: How) -> bool:
    name, attribute = _QUESTIONS[how]
    try:
        form_of(table, column, attribute, **{**_KNOWN, name: None})
    except InputError:
        return True
    return False


# --- mappings that were saved ------------------------------


def load_mapping(path: str) -> Mapping | None:
    """Return a saved mapping; None where no path is given.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    return Mapping.load(resolve(path)) if path.strip() else None


def saved_mappings() -> tuple[str, ...]:
    """Return the saved mappings, as paths a form can show, in their order by name."""
    folder = resolve(_FOLDER) / _INNER
    return tuple(sorted(f"{_FOLDER}/{_INNER}/{file.name}" for file in folder.glob("*.yml")))


def mapping_path(name: str) -> tuple[str, Path]:
    """Return where a mapping of this name lies, as a form shows it and as it is.

    Its folder is made where it was not there.

    Raises
    ------
    InputError
        When the name cannot be that of a file.
    """
    stem = name.strip().removesuffix(".yml")
    if not stem or not all(letter.isalnum() or letter in "-_ " for letter in stem):
        raise InputError("Name the mapping with letters, digits, spaces, - and _, such as shop.")
    folder = resolve(_FOLDER) / _INNER
    folder.mkdir(parents=True, exist_ok=True)
    return f"{_FOLDER}/{_INNER}/{stem}.yml", folder / f"{stem}.yml"
