"""Keep every delivered referral once, in Parquet files by day with a manifest beside them.

Law: append-only and crash-safe. The rows are on disk before the manifest names them, so what the
manifest does not name was never collected; folders are open to their owner only.

::

    manifest.jsonl                         one line a delivered file
    rows/day=2026-11-21/<digest>.parquet   the rows of that day that the file brought first
    rows/day=unknown/…                     rows without a date
    quarantine/                            files that could not be read, each with its reason
    incoming/                              downloads that are not whole yet

DuckDB reads it with ``read_parquet('rows/*/*.parquet', union_by_name=true,
hive_partitioning=true)``, Polars with :meth:`Vault.scan`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import filelock
import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.files import digest_of, private_folder
from rokt_helpers.referrals import tidy
from rokt_helpers.referrals.content import named_copy
from rokt_helpers.referrals.drift import drift_of
from rokt_helpers.referrals.fields import FieldRules
from rokt_helpers.referrals.manifest import KeptFile, Manifest, files_table
from rokt_helpers.referrals.matching import KnownRows, day_of
from rokt_helpers.referrals.migrating import migrate
from rokt_helpers.referrals.quarantine import Quarantine, SetAside
from rokt_helpers.referrals.reading import Delivery, Personal, check_fields, mask_of
from rokt_helpers.referrals.storing import DayWriter, without
from rokt_helpers.storage import LocalStorage, Storage

__all__ = ["Alone", "KeptFile", "Vault"]

# Waits until nobody else changes the vault; what it gives proves that this still holds.
Alone = Callable[[], AbstractContextManager[Callable[[], None]]]

_STALE_SECONDS: Final = 3_600
_STALE_DOWNLOAD_SECONDS: Final = 2 * 24 * 3_600  # long enough to go on with it the next day


class Vault:
    """Every referral ever collected; a vault of an older layout is brought up to date.

    Parameters
    ----------
    folder : Path
        Made when missing, for its owner only. What is not whole yet lies here, and all the rest,
        unless the vault is shared.
    personal : {"hash", "mask", "keep"}
        Whether personal columns are left out (and the address hashed), masked, or kept as
        delivered. What an earlier setting kept stays on disk, and out of sight.
    fields : FieldRules
        The client's own names and values; what is collected from now on is read by them.
    shared
        Where the vault of a team lies, and how one of them is alone on it for a while.
    """

    def __init__(
        self,
        folder: Path,
        *,
        personal: Personal = "hash",
        fields: FieldRules | None = None,
        shared: tuple[Storage, Alone] | None = None,
    ) -> None:
        self.folder = folder
        self.personal: Personal = personal
        self.fields = fields or FieldRules()
        check_fields(self.fields, personal)
        # The folder may have been there before, open to others.
        private_folder(folder).chmod(0o700)
        own: tuple[Storage, Alone] = (LocalStorage(folder), self._alone_here)
        self._storage, self._alone = shared or own
        self._rows = self._storage.below("rows")
        self._manifest = Manifest(self._storage)
        self._quarantine = Quarantine(self._storage.below("quarantine"))
        self._lock = filelock.FileLock(folder / ".lock", mode=0o600)
        self._swept = False
        self._is_shared = shared is not None
        if not self._is_shared:
            self._close_to_others()
            self._migrate(LocalStorage(folder / "rows"))

    def __repr__(self) -> str:
        return f"Vault({len(self._manifest.entries())} files, personal={self.personal!r})"

    # --- adding -------------------------------

    def known(self, name: str, size_bytes: int, modified: datetime) -> bool:
        """Say whether this very file was collected or set aside: same name, size and moment."""
        sought = (name, size_bytes, modified.astimezone(UTC))
        return self._manifest.knows(*sought) or sought in {
            (f.name, f.size_bytes, f.modified) for f in self._quarantine.known()
        }

    def add(
        self,
        name: str,
        content: bytes | Path,
        *,
        modified: datetime,
        now: datetime,
        route: str = "sftp",
    ) -> KeptFile:
        """Read one delivered file and keep its rows; the same content again adds nothing.

        Rows that an earlier file brought are counted and not kept again, see
        :mod:`rokt_helpers.referrals.matching` for when two rows are one referral.

        Parameters
        ----------
        content
            The bytes, or the path of a file that holds them.
        route
            How it came, for the list of files.

        Raises
        ------
        InputError
            The file cannot be read as referrals; the vault is as it was.
        """
        with self._alone() as prove_alone, self.incoming() as folder:
            self._sweep_once()
            path = named_copy(folder, name, content)
            stamp = KeptFile(
                name=name, size_bytes=path.stat().st_size, modified=modified.astimezone(UTC),
                sha256=digest_of(path), rows=0, duplicates=0, rejected=0,
                collected_at=now.astimezone(UTC), route=route,
            )  # fmt: skip
            first = self._manifest.first_with(stamp.sha256)
            entry = replace(stamp, same_as=first.name) if first else self._keep(stamp, path, folder)
            if not self._manifest.knows(name, stamp.size_bytes, stamp.modified):
                prove_alone()
                self._manifest.add(entry)
        return entry

    def _keep(self, stamp: KeptFile, path: Path, folder: Path) -> KeptFile:
        delivery = Delivery(path, personal=self.personal, fields=self.fields)
        known = KnownRows(delivery.columns, self._rows, self._manifest.parts_by_day())
        writer = DayWriter(folder, stamp.sha256)
        days: set[str] = set()
        duplicates = 0
        for batch in delivery.batches():
            name = f"{stamp.name}: {batch.member}" if batch.member else stamp.name
            table = batch.table.with_columns(pl.lit(name).alias("file"), _day=day_of())
            days |= set(table["_day"].unique())
            again = known.duplicates(table)
            duplicates += int(again.sum())
            writer.add(table.filter(~again) if again.any() else table)
        rejected = delivery.rejected
        entry = replace(
            stamp,
            rows=writer.rows,
            duplicates=duplicates,
            rejected=rejected.height,
            rejected_by_reason=tuple(rejected.group_by("reason").len().sort("reason").rows()),
            notes=delivery.notes,
            days=tuple(sorted(days)),
            columns=delivery.columns,
            headers=tuple(delivery.headers.items()),
            fields=self.fields.fingerprint,
        )
        if entry.rows_in != delivery.rows_in:
            raise ContractError("The rows of a referral file do not add up while keeping it.")
        return replace(entry, parts=tuple(writer.place(self._rows, hidden=delivery.hidden)))

    # --- what could not be read ---------------

    def set_aside(
        self,
        name: str,
        content: bytes | Path,
        *,
        modified: datetime,
        now: datetime,
        reason: str,
        route: str = "sftp",
    ) -> None:
        """Keep a file that cannot be read, whole, with the reason; it is not collected again."""
        with self._alone(), self.incoming() as folder:
            path = named_copy(folder, name, content)
            file = SetAside(
                name=name, size_bytes=path.stat().st_size, modified=modified.astimezone(UTC),
                sha256=digest_of(path), reason=reason, set_aside_at=now.astimezone(UTC),
                route=route,
            )  # fmt: skip
            self._quarantine.add(file, path)

    def quarantined(self) -> pl.DataFrame:
        """Return one row per file that was set aside: name, size, moments, digest, reason."""
        return self._quarantine.table()

    def retry(self, name: str, *, now: datetime) -> KeptFile:
        """Read a file that was set aside once more, by the rules of today.

        Parameters
        ----------
        name
            Its name, or the first eight or more digits of its digest; here and for
            :meth:`discard`.

        Raises
        ------
        InputError
            None of this name was set aside, or it still cannot be read; then it stays there.
        """
        file = self._quarantine.find(name)
        content = self._quarantine.content(file)
        kept = self.add(file.name, content, modified=file.modified, now=now, route=file.route)
        with self._alone():
            self._quarantine.remove(file)
        return kept

    def discard(self, name: str, *, now: datetime) -> None:
        """Remove a file that was set aside; while it lies there as it is, it is not collected.

        Raises
        ------
        InputError
            None of this name was set aside.
        """
        with self._alone():
            self._quarantine.discard(self._quarantine.find(name), now=now.astimezone(UTC))

    # --- looking ------------------------------

    def scan(self) -> pl.LazyFrame:
        """Return every referral, read when it is collected, in no order.

        Returns
        -------
        polars.LazyFrame
            The columns of :meth:`read`.
        """
        personal = contract.PERSONAL_COLUMNS if self.personal != "hash" else ()
        entries = self._manifest.entries()
        extras = {name for e in entries for name in e.columns if name.startswith("extra_")}
        names = dict.fromkeys([*tidy.SCHEMA, *personal, *sorted(extras)], pl.String())
        types = {name: tidy.SCHEMA.get(name, text) for name, text in names.items()}
        types |= {"file": pl.String(), "row": pl.UInt32()}
        parts = self._rows.fetch([part for entry in entries for part in entry.parts])
        if not parts:
            return pl.LazyFrame(schema=types)
        table = pl.scan_parquet(
            parts, schema=types, missing_columns="insert", extra_columns="ignore",
            hive_partitioning=False,
        )  # fmt: skip
        return table.with_columns(map(mask_of, personal)) if self.personal == "mask" else table

    def read(self) -> pl.DataFrame:
        """Return every referral, oldest first, in memory.

        Returns
        -------
        polars.DataFrame
            The tidy columns (``referred_at`` without time zone, ``bid_price`` Float64, ``age``
            Int64, all else text), any ``extra_`` columns, then ``file`` and ``row``, the row as
            a spreadsheet of that file shows it.
        """
        table = self.scan().collect(engine="streaming")
        return table.sort("referred_at", "file", "row", nulls_last=True)

    def files(self) -> pl.DataFrame:
        """Return one row per delivered file: name, size, moments, digest, rows, and notes."""
        return files_table(self._manifest.entries())

    def drift(self) -> pl.DataFrame:
        """Return how the columns changed from file to file, each route by itself.

        Returns
        -------
        polars.DataFrame
            ``file``, ``column`` (the header as delivered), ``what`` (``new``, ``missing`` or
            ``renamed_to``) and ``to`` (the new header of one renamed, else null).
        """
        return drift_of(self._manifest.entries())

    # --- erasing ------------------------------

    def erase_person(self, digest: str) -> int:
        """Erase every row of a person; return how many there were.

        Whatever stops it, each row is there or erased, and calling it again finishes it. Files
        that were set aside lie there as they were delivered: read them (:meth:`retry`) or
        remove them (:meth:`discard`). A later delivery may bring the person again.

        Parameters
        ----------
        digest
            The SHA-256 of the canonical address, as ``email_sha256`` has it.

        Raises
        ------
        InputError
            It is no SHA-256.
        """
        sought = digest.strip().lower()
        if re.fullmatch("[0-9a-f]{64}", sought) is None:
            raise InputError("A person is named by the SHA-256 of the address, 64 hex digits.")
        is_them = pl.col("email_sha256").eq_missing(pl.lit(sought))
        with self._alone() as prove_alone, self.incoming() as folder:
            self._sweep()
            changed = {}
            for entry in self._manifest.entries():
                parts, gone = without(is_them, entry.parts, rows=self._rows, passing=folder)
                if gone:
                    changed[entry.sha256] = (parts, gone)
            if changed:
                prove_alone()
                self._manifest.erased(changed)
                self._sweep()
        return sum(gone for _, gone in changed.values())

    # --- tidying up ---------------------------

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Give a folder inside the vault that is gone afterwards, whatever happens."""
        path = self.folder / f".incoming-{uuid4().hex}"
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path)

    @property
    def downloads(self) -> Path:
        """The folder of downloads that are not whole yet; they may be gone on with."""
        return private_folder(self.folder / "incoming")

    def sweep(self, *, now: datetime) -> None:
        """Remove what an interrupted collection left: half files may hold personal data.

        What is younger than an hour may belong to a collection that runs at this moment; half a
        download is kept for two days, to be gone on with.
        """
        with self._alone():
            self._sweep()
            if self._is_shared:
                self._storage.sweep()
        stale = [(path, _STALE_SECONDS) for path in self.folder.glob(".incoming-*")]
        stale += [(path, _STALE_SECONDS) for path in self.folder.rglob(".*.part")]
        stale += [(path, _STALE_DOWNLOAD_SECONDS) for path in self.downloads.iterdir()]
        for path, seconds in stale:
            if now.timestamp() - path.stat().st_mtime >= seconds:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _sweep_once(self) -> None:
        if not self._swept:
            self._sweep()
            self._swept = True

    def _sweep(self) -> None:
        """Remove rows the manifest does not name; whoever calls it holds the lock."""
        named = {part for entry in self._manifest.entries() for part in entry.parts}
        there = self._rows.names("", ".parquet")
        self._rows.remove(name for name in there if name not in named)
        self._quarantine.sweep()

    @contextmanager
    def _alone_here(self) -> Iterator[Callable[[], None]]:
        with self._lock:
            yield lambda: None

    def _close_to_others(self) -> None:
        for name in ("rows", "quarantine"):
            if (self.folder / name).is_dir():
                (self.folder / name).chmod(0o700)
            elif name == "rows":
                private_folder(self.folder / name)

    def _migrate(self, rows: LocalStorage) -> None:
        old = self.folder / "manifest.json"
        if not old.exists():
            return
        with self._alone(), self.incoming() as folder:
            if not old.exists():  # somebody else has just done it
                return
            if (self.folder / "manifest.jsonl").exists():  # it was stopped at the very end
                old.unlink()
            else:
                migrate(old, rows, self._manifest, passing=folder)
