"""Keep every delivered referral once, in Parquet files with a manifest beside them.

Law: append-only and crash-safe. The rows are on disk before the manifest names them, so what the
manifest does not name was never collected; folders are open to their owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.files import private_folder, write_private
from rokt_helpers.referrals import tidy
from rokt_helpers.referrals.reading import DeliveredRows, Personal, read_referrals

__all__ = ["KeptFile", "Vault"]

_STALE_SECONDS: Final = 3_600
_FILES_SCHEMA: Final[dict[str, pl.DataType]] = {
    "name": pl.String(),
    "size_bytes": pl.Int64(),
    "modified": pl.Datetime("us", "UTC"),
    "sha256": pl.String(),
    "rows": pl.Int64(),
    "duplicates": pl.Int64(),
    "rejected": pl.Int64(),
    "collected_at": pl.Datetime("us", "UTC"),
    "notes": pl.List(pl.String()),
    "same_as": pl.String(),
}


@dataclass(frozen=True)
class KeptFile:
    """One delivered file as the manifest knows it; moments are UTC, ``rows`` are those kept.

    ``same_as`` names the file that brought the same content before; then nothing was added.
    """

    name: str
    size_bytes: int
    modified: datetime
    sha256: str
    rows: int
    duplicates: int
    rejected: int
    collected_at: datetime
    notes: tuple[str, ...] = ()
    same_as: str | None = None

    @property
    def rows_in(self) -> int:
        """Return how many rows the file delivered."""
        return self.rows + self.duplicates + self.rejected


class Vault:
    """Every referral ever collected, one Parquet file per delivered file.

    Parameters
    ----------
    folder : Path
        Made when missing, for its owner only.
    personal : {"hash", "keep"}
        Whether personal columns are left out (and the address hashed) or kept as delivered.
    """

    def __init__(self, folder: Path, *, personal: Personal = "hash") -> None:
        self.folder = folder
        self.personal: Personal = personal
        self._rows = folder / "rows"
        self._manifest = folder / "manifest.json"
        for path in (folder, self._rows):
            # The folder may have been there before, open to others.
            private_folder(path).chmod(0o700)

    def __repr__(self) -> str:
        return f"Vault({len(self._entries())} files, personal={self.personal!r})"

    def known(self, name: str, size_bytes: int, modified: datetime) -> bool:
        """Say whether this very file has been collected: same name, size and moment."""
        sought = (name, size_bytes, modified.astimezone(UTC))
        return any((e.name, e.size_bytes, e.modified) == sought for e in self._entries())

    def add(self, name: str, content: bytes, *, modified: datetime, now: datetime) -> KeptFile:
        """Read one delivered file and keep its rows; the same content again adds nothing.

        Raises
        ------
        InputError
            The file cannot be read as referrals; the vault is as it was.
        """
        digest = hashlib.sha256(content).hexdigest()
        stamp = KeptFile(
            name=name, size_bytes=len(content), modified=modified.astimezone(UTC), sha256=digest,
            rows=0, duplicates=0, rejected=0, collected_at=now.astimezone(UTC),
        )  # fmt: skip
        first = next((e for e in self._entries() if e.sha256 == digest), None)
        entry = replace(stamp, same_as=first.name) if first else self._keep(stamp, content)
        if not self.known(name, len(content), modified):
            self._write_manifest([*self._entries(), entry])
        return entry

    def read(self) -> pl.DataFrame:
        """Return every referral, oldest first.

        Returns
        -------
        polars.DataFrame
            The tidy columns (``referred_at`` without time zone, ``bid_price`` Float64, ``age``
            Int64, all else text), any ``extra_`` columns, then ``file`` and ``row``, the row as
            a spreadsheet of that file shows it.
        """
        last = ["file", "row"]
        table = self._scan().collect()
        return table.select(pl.exclude(last), *last).sort("referred_at", *last, nulls_last=True)

    def files(self) -> pl.DataFrame:
        """Return one row per delivered file: name, size, moments, digest, rows, and notes."""
        return pl.DataFrame([asdict(e) for e in self._entries()], schema=_FILES_SCHEMA)

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Give a folder inside the vault that is gone afterwards, whatever happens."""
        path = self.folder / f".incoming-{uuid4().hex}"
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path)

    def sweep(self, *, now: datetime) -> None:
        """Remove what an interrupted collection left: half files may hold personal data.

        What is younger than an hour may belong to a collection that runs at this moment.
        """
        for path in (*self.folder.glob(".incoming-*"), *self.folder.rglob(".*.part")):
            if now.timestamp() - path.stat().st_mtime < _STALE_SECONDS:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _keep(self, stamp: KeptFile, content: bytes) -> KeptFile:
        delivered = read_referrals(content, personal=self.personal)
        fresh = self._only_fresh(delivered)
        entry = replace(
            stamp,
            rows=fresh.height,
            duplicates=delivered.table.height - fresh.height,
            rejected=delivered.rejected.height,
            notes=delivered.notes,
        )
        if entry.rows_in != delivered.rows_in:
            raise ContractError("The rows of a referral file do not add up while keeping it.")
        table = fresh.with_columns(pl.lit(stamp.name).alias("file"))
        write_private(self._rows_file(entry), lambda part: _flushed(part, table.write_parquet))
        return entry

    def _only_fresh(self, delivered: DeliveredRows) -> pl.DataFrame:
        """Drop rows an earlier file brought; the n-th equal row is only equal to the n-th.

        Deliveries may overlap, yet a file without addresses may truly hold equal rows. In files
        without dates a person who comes again looks like a row that was delivered again.
        """
        new = delivered.table
        moment = pl.col("referred_at")
        # Equal rows have equal moments, so the rest of the vault need not be read.
        within = moment.is_between(new["referred_at"].min(), new["referred_at"].max())
        kept = self._scan().filter(moment.is_null() | within).collect()
        both = pl.concat([kept.drop("file"), new], how="diagonal")
        is_new = [False] * kept.height + [True] * new.height
        both = both.with_columns(pl.Series("_new", is_new, dtype=pl.Boolean))
        columns = [name for name in both.columns if name not in ("row", "_new")]
        both = both.with_columns(pl.cum_count("row").over([*columns, "_new"]).alias("_nth"))
        earlier = both.filter(~pl.col("_new"))
        keys = [*columns, "_nth"]
        fresh = both.filter("_new").join(earlier, on=keys, how="anti", nulls_equal=True)
        return new.filter(pl.col("row").is_in(fresh["row"].implode()))

    def _scan(self) -> pl.LazyFrame:
        """Return every kept row; personal columns of an earlier setting stay out of sight."""
        columns = tidy.schema(keep_personal=self.personal == "keep")
        none = pl.LazyFrame(schema=columns | {"file": pl.String(), "row": pl.UInt32()})
        files = [pl.scan_parquet(self._rows_file(e)) for e in self._entries() if not e.same_as]
        table = pl.concat([none, *files], how="diagonal")
        hidden = contract.PERSONAL_COLUMNS if self.personal == "hash" else ()
        return table.drop(hidden, strict=False)

    def _rows_file(self, entry: KeptFile) -> Path:
        return self._rows / f"{entry.sha256}.parquet"

    def _entries(self) -> list[KeptFile]:
        if not self._manifest.exists():
            return []
        try:
            listed = json.loads(self._manifest.read_text(encoding="utf-8"))["files"]
            return [_from_json(item) for item in listed]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "The manifest of the referral vault cannot be read. Put back manifest.json from "
                "a backup, or move the vault's folder away and collect again."
            ) from error

    def _write_manifest(self, entries: list[KeptFile]) -> None:
        document = {"version": 1, "files": [asdict(entry) for entry in entries]}
        text = json.dumps(document, indent=1, default=datetime.isoformat, ensure_ascii=False)
        write_private(
            self._manifest,
            lambda part: _flushed(part, lambda to: to.write_text(text + "\n", encoding="utf-8")),
        )


def _flushed(part: Path, write: Callable[[Path], object]) -> None:
    """Write, and wait for the disk: the manifest may only name rows that would survive."""
    write(part)
    with part.open("rb+") as written:
        os.fsync(written.fileno())


def _from_json(item: dict[str, Any]) -> KeptFile:
    moments = {key: datetime.fromisoformat(item[key]) for key in ("modified", "collected_at")}
    return KeptFile(**(item | moments | {"notes": tuple(item["notes"])}))
