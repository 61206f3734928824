"""Whom each run named: one Parquet file a run, people as 32-byte digests, beside the database.

The law kept here: write ahead. The file of a run is there, whole, before its first batch leaves;
what became of each batch is the database's to say. Files have mode 0600.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from rokt_helpers.files import private_folder, write_private
from rokt_helpers.plan.people import PERSON, as_people

__all__ = ["Members"]

_SCHEMA: Final = pa.schema([("person", PERSON), ("batch", pa.uint32())])


class Members:
    """The files of members of one ledger."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, run_id: str, batches: Iterable[tuple[int, pl.Series]]) -> None:
        """Keep whom a run names: the number of each batch and its identifiers, as text."""
        private_folder(self._folder)
        write_private(self._path(run_id), lambda path: _write(path, batches))

    def scan(self, run_id: str) -> pl.LazyFrame | None:
        """Return ``person`` (Binary) and ``batch`` (UInt32) of a run; None if it is forgotten."""
        path = self._path(run_id)
        return pl.scan_parquet(path) if path.exists() else None

    def forget_run(self, run_id: str) -> bool:
        """Remove a run's file; return whether there was one."""
        path = self._path(run_id)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there

    def forget_person(self, person: bytes) -> int:
        """Remove a person from every file; return from how many."""
        touched = 0
        for path in sorted(self._folder.glob("*.parquet")):
            table = pq.read_table(path)
            others = pl.col("person") != pl.lit(person, pl.Binary)
            kept = pl.DataFrame(table).select(others).to_series()
            if not kept.all():
                touched += 1
                rest = table.filter(kept.to_arrow())
                write_private(path, partial(_save, rest))
        return touched

    def _path(self, run_id: str) -> Path:
        return self._folder / f"{run_id}.parquet"


def _write(path: Path, batches: Iterable[tuple[int, pl.Series]]) -> None:
    # Digests do not compress, and no statistics help to find one.
    with pq.ParquetWriter(
        path, _SCHEMA, compression="none", use_dictionary=["batch"], write_statistics=False
    ) as file:
        for number, identifiers in batches:
            people = as_people(identifiers)
            numbers = pa.repeat(pa.scalar(number, pa.uint32()), len(people))
            file.write_table(pa.table([people, numbers], schema=_SCHEMA))


def _save(table: pa.Table, path: Path) -> None:
    pq.write_table(
        table, path, compression="none", use_dictionary=["batch"], write_statistics=False
    )
