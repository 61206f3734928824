"""Join several tables into one source: files of a folder, members of an archive.

The law kept here: a column is only read where every part has it, and each row keeps the number it
has in its own part.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.table import SAMPLE_ROWS, Places, Rows, SourceFacts, Table

__all__ = ["joined"]

_SHOWN: Final = 8  # columns of a file in a sentence


def joined(parts: dict[str, Table], *, name: str) -> Table:
    """Return one table of several, its parts named; a single part stays as it is.

    Raises
    ------
    InputError
        When the parts have no column in common, or only some have a header.
    """
    if len(parts) == 1:
        return next(iter(parts.values()))
    _check_headers(parts)
    columns = _common_columns(parts)
    share = SAMPLE_ROWS // len(parts) + 1
    sample = pl.concat(part.sample.head(share).select(columns) for part in parts.values())
    names = pl.Enum(list(parts))

    def rows(places: Places) -> Rows:
        return pl.concat(
            part.rows_of([columns[place] for place in places]).with_columns(
                file=pl.lit(file, dtype=names)
            )
            for file, part in parts.items()
        )

    floats = frozenset.intersection(*(part.floats for part in parts.values()))
    return Table(_facts(parts, name, columns), sample, rows, floats=floats)


def _facts(parts: dict[str, Table], name: str, columns: list[str]) -> SourceFacts:
    found = [part.facts for part in parts.values()]
    return replace(
        found[0],
        kind="files",
        name=name,
        columns=tuple(columns),
        encoding=_together(facts.encoding for facts in found),
        delimiter=_together(facts.delimiter for facts in found),
        sheet=_together(facts.sheet for facts in found),
        files=tuple(parts),
    )


def _together(values: object) -> str | None:
    return ", ".join(dict.fromkeys(v for v in values if v)) or None  # type: ignore[attr-defined]


def _check_headers(parts: dict[str, Table]) -> None:
    with_header = [name for name, part in parts.items() if part.facts.header]
    without = [name for name, part in parts.items() if part.facts.header is False]
    if with_header and without:
        raise InputError(
            f"{with_header[0]} has a header and {without[0]} has none, so their columns cannot be "
            "matched. Pass header=True or header=False if that is wrong, or read them one by one."
        )


def _common_columns(parts: dict[str, Table]) -> list[str]:
    first, *others = (part.facts.columns for part in parts.values())
    common = [column for column in first if all(column in names for names in others)]
    if not common:
        heads = "; ".join(
            f"{name} has {', '.join(map(repr, part.facts.columns[:_SHOWN]))}"
            for name, part in list(parts.items())[:2]
        )
        raise InputError(
            f"The {len(parts)} files have no column in common: {heads}. Capitals count. Read them "
            "one by one, or pick those that belong together."
        )
    return common
