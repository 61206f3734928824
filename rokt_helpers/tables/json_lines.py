"""Read lists kept as JSON: one object a line, or one array of objects; one person an object.

The law kept here: a line or an item that is no object is an unreadable row, not a missing one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.encodings import as_utf8, encoding_of, spoken
from rokt_helpers.tables.json_arrays import array_items, is_array
from rokt_helpers.tables.origins import Origin
from rokt_helpers.tables.regularity import line_chunks
from rokt_helpers.tables.table import (
    SAMPLE_ROWS,
    Places,
    Rows,
    SourceFacts,
    Table,
    cell_name,
    distinct_names,
    streamed,
)

__all__ = ["open_json"]

_UNREADABLE: Final = object()
_BATCH_ROWS: Final = 50_000

# A person's record; an empty one for a blank line, None for what is no object.
_Record = dict[str, object] | None


def open_json(origin: Origin) -> Table:
    """Look at a file of JSON objects; the columns are the keys of the first rows.

    Under the name ``.json`` it may be one array, too: row 1 is its first item.

    Raises
    ------
    InputError
        When none of the first records is a JSON object, or an array is not whole.
    """
    codec = encoding_of(origin)
    origin = as_utf8(origin, codec)
    batched = _of_array if origin.suffix == ".json" and is_array(origin) else _of_lines
    objects = list(islice(chain.from_iterable(batched(origin)), SAMPLE_ROWS))
    keys = list(dict.fromkeys(key for found in objects if found for key in found))
    if not keys:
        raise InputError(
            f"No JSON object was found in the first rows of {origin.name}. JSON Lines has one "
            "object on each line; a file that is one array of objects is called .json."
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

    def rows(places: Places) -> Rows:
        wanted = [keys[place] for place in places]
        return streamed(lambda: _cells(batched(origin), wanted), len(wanted))

    return Table(facts, sample, rows)


def _cells(batches: Iterable[Iterable[_Record]], keys: list[str]) -> Iterator[pl.DataFrame]:
    row = 1
    names = [cell_name(i) for i in range(len(keys))]
    schema = {**dict.fromkeys(names, pl.String), "unreadable": pl.Boolean}
    for records in batches:
        cells = [[_text_of(record, key) for key in keys] for record in records]
        texts = {
            name: [found[i] if isinstance(found[i], str) else None for found in cells]
            for i, name in enumerate(names)
        }
        unreadable = [any(cell is _UNREADABLE for cell in found) for found in cells]
        frame = pl.DataFrame({**texts, "unreadable": unreadable}, schema=schema)
        yield frame.with_row_index("row", offset=row)
        row += len(cells)


def _of_lines(origin: Origin) -> Iterator[Iterable[_Record]]:
    with origin.open() as stream:
        for chunk in line_chunks(stream):
            yield map(_object, chunk.splitlines())


def _of_array(origin: Origin) -> Iterator[Iterable[_Record]]:
    items = array_items(origin)
    while batch := list(islice(items, _BATCH_ROWS)):
        yield [item if isinstance(item, dict) else None for item in batch]


def _object(line: bytes) -> _Record:
    """Return the object of a line; an empty one for a blank line, None for anything else."""
    if not line.strip():
        return {}
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text_of(found: _Record, key: str) -> object:
    """Return a value as text, None where there is none, or the mark of the unreadable."""
    value = _UNREADABLE if found is None else found.get(key)
    if value is None or value is _UNREADABLE:
        return value
    if isinstance(value, dict | list):
        return _UNREADABLE
    text = value if isinstance(value, str) else json.dumps(value)
    return _UNREADABLE if any("\ud800" <= char <= "\udfff" for char in text) else text
