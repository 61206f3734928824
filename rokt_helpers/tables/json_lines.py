"""Read lists kept as JSON Lines: one object a line, one person an object.

The law kept here: a line that is no object is an unreadable row, not a missing one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.encodings import as_utf8, encoding_of, spoken
from rokt_helpers.tables.origins import Origin
from rokt_helpers.tables.regularity import line_chunks
from rokt_helpers.tables.table import SAMPLE_ROWS, SourceFacts, Table, distinct_names, streamed

__all__ = ["open_json_lines"]

_UNREADABLE: Final = object()


def open_json_lines(origin: Origin) -> Table:
    """Look at a file of JSON objects, one a line; the columns are the keys of the first rows.

    Raises
    ------
    InputError
        When none of the first lines is a JSON object.
    """
    codec = encoding_of(origin)
    origin = as_utf8(origin, codec)
    objects = list(islice(_objects(origin), SAMPLE_ROWS))
    keys = list(dict.fromkeys(key for found in objects if found for key in found))
    if not keys:
        raise InputError(
            f"No JSON object was found in the first lines of {origin.name}. JSON Lines has one "
            "object on each line; a file that is one array must be written anew."
        )
    columns = tuple(distinct_names(keys))
    cells = {
        name: [_text_of(found, key) for found in objects]
        for name, key in zip(columns, keys, strict=True)
    }
    sample = pl.DataFrame(
        {name: [c if isinstance(c, str) else None for c in found] for name, found in cells.items()},
        schema=dict.fromkeys(columns, pl.String),
    )
    facts = SourceFacts("file", origin.name, columns, encoding=spoken(codec))
    return Table(facts, sample, lambda index: streamed(lambda: _batches(origin, keys[index])))


def _batches(origin: Origin, key: str) -> Iterator[pl.DataFrame]:
    row = 1
    with origin.open() as stream:
        for chunk in line_chunks(stream):
            cells = [_text_of(_object(line), key) for line in chunk.splitlines()]
            yield pl.DataFrame(
                {
                    "text": [cell if isinstance(cell, str) else None for cell in cells],
                    "unreadable": [cell is _UNREADABLE for cell in cells],
                },
                schema={"text": pl.String, "unreadable": pl.Boolean},
            ).with_row_index("row", offset=row)
            row += len(cells)


def _objects(origin: Origin) -> Iterator[dict[str, object] | None]:
    with origin.open() as stream:
        for chunk in line_chunks(stream):
            yield from map(_object, chunk.splitlines())


def _object(line: bytes) -> dict[str, object] | None:
    """Return the object of a line; an empty one for a blank line, None for anything else."""
    if not line.strip():
        return {}
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text_of(found: dict[str, object] | None, key: str) -> object:
    """Return a value as text, None where there is none, or the mark of the unreadable."""
    value = _UNREADABLE if found is None else found.get(key)
    if value is None or value is _UNREADABLE:
        return value
    if isinstance(value, dict | list):
        return _UNREADABLE
    text = value if isinstance(value, str) else json.dumps(value)
    return _UNREADABLE if any("\ud800" <= char <= "\udfff" for char in text) else text
