"""Whom each run named: one Parquet file a run, people as 32-byte digests, beside the database.

The law kept here: write ahead. The file of a run is there, whole, before its first batch leaves;
what became of each batch is the database's to say. On this computer files have mode 0600.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from rokt_helpers.plan.people import PERSON, as_people
from rokt_helpers.storage import Storage

__all__ = ["Members"]

_SCHEMA: Final = pa.schema([("person", PERSON), ("batch", pa.uint32())])
_TABLE: Final = pl.Schema({"person": pl.Binary(), "batch": pl.UInt32()})


class Members:
    """The files of members of one ledger.

    Parameters
    ----------
    storage
        Where they lie.
    alone
        Keeps others who share it from changing files at the same time.
    """

    def __init__(
        self, storage: Storage, alone: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> None:
        self._storage = storage
        self._alone = alone

    def write(self, run_id: str, batches: Iterable[tuple[int, pl.Series]]) -> None:
        """Keep whom a run names: the number of each batch and its identifiers, as text."""
        self._storage.write(_name(run_id), lambda path: _write(path, batches))

    def scan(self, run_id: str) -> pl.LazyFrame | None:
        """Return ``person`` (Binary) and ``batch`` (UInt32) of a run; None if it is forgotten."""
        name = _name(run_id)
        return self._storage.scan(name, _TABLE) if self._storage.exists(name) else None

    def path(self, run_id: str) -> Path | None:
        """Return where the file of a run may be read on this computer; None if it is forgotten."""
        return self._storage.newest(_name(run_id))

    def people_named(self, run_ids: Iterable[str]) -> dict[str, int]:
        """Return how many people each run named, of those whose file is here."""
        paths = ((run_id, self.path(run_id)) for run_id in run_ids)
        return {run_id: int(pq.read_metadata(path).num_rows) for run_id, path in paths if path}

    def take_over(self, other: Members, run_ids: Iterable[str], *, anew: bool) -> None:
        """Copy the files of runs from where they lay, and prove each copy.

        Parameters
        ----------
        anew
            Whether to write over a copy that is there already; else that one counts, for somebody
            may have been forgotten in it since.

        Raises
        ------
        ContractError
            When a copy is not what was copied.
        """
        for run_id in run_ids:
            file = other.path(run_id)
            if file is not None and (anew or not self._storage.exists(_name(run_id))):
                self._storage.copy(file, _name(run_id))

    def forget_run(self, run_id: str) -> bool:
        """Remove a run's file; return whether there was one."""
        there = self._storage.exists(_name(run_id))
        self._storage.remove([_name(run_id)])
        return there

    def forget_person(self, person: bytes) -> int:
        """Remove a person from every file; return from how many."""
        touched = 0
        with self._alone():
            for name in self._storage.names("", ".parquet"):
                path = self._storage.newest(name)
                if path is None:
                    continue
                table = pq.read_table(path)
                others = pl.col("person") != pl.lit(person, pl.Binary)
                kept = pl.DataFrame(table).select(others).to_series()
                if not kept.all():
                    touched += 1
                    rest = table.filter(kept.to_arrow())
                    self._storage.write(name, partial(_save, rest))
        return touched


def _name(run_id: str) -> str:
    return f"{run_id}.parquet"


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
