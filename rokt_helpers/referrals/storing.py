"""Write the rows of one delivered file as Parquet by day, and put them in place all at once.

Law: until :meth:`DayWriter.place` nothing of it can be seen, and after it everything can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from rokt_helpers.storage import Storage

__all__ = ["DayWriter", "without", "write_part"]

_HELD_ROWS: Final = 2_000_000  # in memory at a time
_PART_ROWS: Final = 2_000_000


class DayWriter:
    """Takes tidy rows with ``_day`` and writes each day's into files of a folder of its own.

    Parameters
    ----------
    folder
        Where the parts lie until they are placed.
    name
        What the parts are called: the digest of the delivered file.
    held_rows
        How many rows are kept in memory before they are written.
    """

    def __init__(self, folder: Path, name: str, *, held_rows: int = _HELD_ROWS) -> None:
        self._folder = folder
        self._name = name
        self._held_rows = held_rows
        self._held: list[pl.DataFrame] = []
        self._parts: dict[str, list[tuple[Path, int]]] = defaultdict(list)
        self.rows = 0
        self.columns: dict[str, None] = {}

    def add(self, table: pl.DataFrame) -> None:
        """Take some rows."""
        self._held.append(table)
        self.rows += len(table)
        self.columns |= dict.fromkeys(table.columns)
        if sum(map(len, self._held)) >= self._held_rows:
            self._flush()

    def place(self, rows: Storage, *, hidden: Collection[str]) -> list[str]:
        """Put the parts in place, without hidden columns; return their names below ``rows``."""
        self._flush()
        placed = []
        for day, parts in sorted(self._parts.items()):
            for number, part in enumerate(self._joined(parts, hidden)):
                name = f"day={day}/{self._name}{f'-{number}' if number else ''}.parquet"
                rows.put(part, name)
                placed.append(name)
        return placed

    def _flush(self) -> None:
        if not self._held:
            return
        table = pl.concat(self._held, how="diagonal")
        self._held = []
        for day, of_day in _by_day(table):
            number = sum(map(len, self._parts.values()))
            path = self._folder / f"{number:05}.parquet"
            write_part(of_day, path)
            self._parts[day].append((path, len(of_day)))

    def _joined(self, parts: list[tuple[Path, int]], hidden: Collection[str]) -> list[Path]:
        """Return the parts of a day, small ones joined, so that a year is no thousand files."""
        together: list[list[Path]] = []
        size = _PART_ROWS
        for path, rows in parts:
            if size + rows > _PART_ROWS:
                together.append([])
                size = 0
            together[-1].append(path)
            size += rows
        return [self._one(paths, hidden) for paths in together]

    def _one(self, paths: list[Path], hidden: Collection[str]) -> Path:
        names = pl.read_parquet_schema(paths[0])
        if len(paths) == 1 and not set(hidden) & set(names):
            return paths[0]
        # Of one file every part has the same columns, but for those found personal on the way.
        tables = [pl.read_parquet(path) for path in paths]
        target = paths[0].with_suffix(".joined")
        write_part(pl.concat(tables, how="diagonal").drop(hidden, strict=False), target)
        return target


def _by_day(table: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give the rows of each day; most deliveries are in order, and then nothing is moved."""
    runs = table["_day"].rle().struct.unnest()
    rows = table.drop("_day")
    if runs["value"].n_unique() == len(runs):
        begin = 0
        for size, day in runs.rows():
            yield day, rows.slice(begin, size)
            begin += size
    else:
        parts = table.partition_by("_day", as_dict=True, include_key=False, maintain_order=True)
        yield from ((day, part) for (day,), part in parts.items())


def write_part(table: pl.DataFrame, path: Path) -> None:
    """Write a Parquet file, readable by its owner only."""
    path.touch(mode=0o600)
    table.write_parquet(path, compression="lz4")


def without(
    condition: pl.Expr, parts: Iterable[str], *, rows: Storage, passing: Path
) -> tuple[list[str], int]:
    """Write what does not fulfil the condition beside the parts that hold what does.

    Parameters
    ----------
    parts
        Names of Parquet files below ``rows``.
    passing
        A folder for what is being written.

    Returns
    -------
    The parts that are to stay, new ones in the place of those that held such rows; and how many
    rows they lack. The older files are left for the caller to remove.
    """
    stay, gone = [], 0
    for part in parts:
        [path] = rows.fetch([part])
        table = pl.scan_parquet(path, hive_partitioning=False)
        found = table.filter(condition).select(pl.len()).collect().item()
        gone += found
        rest = pl.DataFrame()
        if found:
            rest = pl.read_parquet(path, hive_partitioning=False).filter(~condition)
        else:
            stay.append(part)
        if len(rest):
            # Another name: until the manifest says so, the older file is the one that counts.
            name = f"{path.stem.split('.')[0]}.{uuid4().hex[:8]}.parquet"
            write_part(rest, passing / name)
            stay.append(f"{part.rpartition('/')[0]}/{name}")
            rows.put(passing / name, stay[-1])
    return stay, gone
