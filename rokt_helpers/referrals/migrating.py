"""Bring a vault of the first layout to the present one: one Parquet file a delivered file, to days.

Law: the new manifest is put in place after all rows are, and the old files go after that. Whatever
stops it, it begins again, or finds nothing left to do.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.manifest import KeptFile, Manifest, kept_from
from rokt_helpers.referrals.matching import day_of
from rokt_helpers.referrals.storing import DayWriter
from rokt_helpers.storage import LocalStorage

__all__ = ["migrate"]

_ROUTE: Final = "sftp"  # the only one there was


def migrate(old: Path, rows: LocalStorage, manifest: Manifest, *, passing: Path) -> None:
    """Bring the rows that the old manifest names to the folders of their days.

    Parameters
    ----------
    old
        ``manifest.json``; it is removed at the end.
    rows
        The folder of rows, old and new.
    passing
        A folder for what is being written.

    Raises
    ------
    InputError
        The old manifest cannot be read; nothing was changed.
    """
    entries = _entries(old)
    moved = [entry if entry.same_as else _moved(entry, rows, passing) for entry in entries]
    manifest.write_all(moved)
    for entry in entries:
        _before(entry, rows.folder).unlink(missing_ok=True)
    old.unlink()


def _entries(old: Path) -> list[KeptFile]:
    try:
        return [kept_from(item) for item in json.loads(old.read_text(encoding="utf-8"))["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "The manifest of the referral vault cannot be read. Put back manifest.json from a "
            "backup, or move the vault's folder away and collect again."
        ) from error


def _moved(entry: KeptFile, rows: LocalStorage, passing: Path) -> KeptFile:
    folder = passing / entry.sha256
    folder.mkdir(mode=0o700, exist_ok=True)
    before = pl.read_parquet(_before(entry, rows.folder), hive_partitioning=False)
    table = before.with_columns(_day=day_of())
    writer = DayWriter(folder, entry.sha256)
    writer.add(table)
    own = ("row", "file", "_day")
    filled = [s.name for s in table if s.name not in own and s.null_count() < len(s)]
    return replace(
        entry,
        route=_ROUTE,
        columns=tuple(filled),
        days=tuple(sorted(table["_day"].unique())),
        parts=tuple(writer.place(rows, hidden=())),
    )


def _before(entry: KeptFile, rows: Path) -> Path:
    return rows / f"{entry.sha256}.parquet"
