"""Lay out a packed Parquet, Arrow or spreadsheet file where its reader can jump about in it.

The law kept here: what was unpacked lies in a private folder, and is gone with its last reader.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.files import PassingFolder
from rokt_helpers.tables.origins import Origin
from rokt_helpers.tables.table import Rows, streamed

__all__ = ["kept_for", "unpack"]


def unpack(origin: Origin, folder: PassingFolder) -> Path:
    """Write the bytes of an origin into the folder, readable by its owner only.

    Raises
    ------
    InputError
        When they are damaged or locked, or there is no room for them.
    """
    target = folder.path / f"list{origin.suffix}"
    with origin.open() as packed, os.fdopen(_private(target), "wb") as plain:
        try:
            shutil.copyfileobj(packed, plain)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise InputError(
                f"There is no room in {folder.path.parent} to unpack {origin.name}. Make some, or "
                "name another folder with the variable TMPDIR."
            ) from None
    return target


def _private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)


def kept_for(rows: Rows, folder: PassingFolder) -> Rows:
    """Return the same rows, which keep the folder for as long as anybody may collect them."""

    def batches() -> Iterator[pl.DataFrame]:
        if not folder.path.exists():  # naming the folder here is what keeps it
            raise InputError(
                "What was unpacked has been removed by another program. Open the list once more."
            )
        yield from rows.collect_batches(maintain_order=True)

    columns = len(rows.collect_schema()) - 2  # `row` and `unreadable` are no cells
    return streamed(batches, columns)
