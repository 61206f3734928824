"""Keep each identifier once, however many there are.

The law kept here: two identifiers are one only when they are the same text. A 64-bit hash sorts
them into those that stand alone and those to be compared; it never decides.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.files import PassingFolder

__all__ = ["SPILL_ROWS", "EachOnce"]

# Up to here everything stays in memory, up to 1.5 GB of it; above, on disk.
SPILL_ROWS: Final = 10_000_000
_FLUSH_ROWS: Final = 2_000_000
_PARTS: Final = 64
_WORKERS: Final = 2  # each holds one part in memory
_PLAIN_TEXT: Final = pl.CompatLevel.oldest()  # a fifth faster to write than with views


class EachOnce:
    """Takes identifiers piece by piece and keeps each once.

    Up to ``spill_rows`` they stay in memory and in the order of their first row. Above that they
    are parted by their hash into files of a private folder, so that equal ones lie in one file;
    then their order is that of the files, and no more than a few million are in memory at a time.

    Parameters
    ----------
    name
        The name of the column of identifiers.
    spill_rows
        From how many rows on the disk is used; None is ``SPILL_ROWS``.
    """

    def __init__(self, name: str, *, spill_rows: int | None = None) -> None:
        self._name = name
        self._spill_rows = SPILL_ROWS if spill_rows is None else spill_rows
        self._pieces: list[pl.DataFrame] = []
        self._rows_in_memory = 0
        self._folder: PassingFolder | None = None
        self._flushes = 0
        self.rows = 0

    def add(self, piece: pl.DataFrame) -> None:
        """Take identifiers: ``identifier`` (String) and ``key``, its 64-bit hash."""
        self._pieces.append(piece)
        self._rows_in_memory += len(piece)
        self.rows += len(piece)
        if self._folder is None and self.rows > self._spill_rows:
            self._folder = PassingFolder("spill")
        if self._folder is not None and self._rows_in_memory >= _FLUSH_ROWS:
            self._flush(self._folder)

    def discard(self) -> None:
        """Forget everything; the folder goes, too."""
        self._pieces = []
        if self._folder is not None:
            self._folder.remove()

    def finish(self, told: Callable[[int], None]) -> Identifiers:
        """Return each identifier once; ``told`` hears of how many rows that is settled."""
        if self._folder is None:
            kept = _first_of_each(self._pieces)
            self._pieces = []
            told(self.rows)
            return Identifiers.in_memory(kept.alias(self._name))
        self._flush(self._folder)
        return self._finish_on_disk(self._folder, told)

    # --- on disk ------------------------------

    def _flush(self, folder: PassingFolder) -> None:
        """Write what is in memory, and give the memory back piece by piece."""
        self._rows_in_memory = 0
        while self._pieces:
            piece = _take(self._pieces, _FLUSH_ROWS).with_columns(part=pl.col("key") % _PARTS)
            parts = piece.partition_by("part", as_dict=True, include_key=False)
            for (part,), rows in parts.items():
                target = folder.path / f"{part:02}-{self._flushes:06}.arrow"
                rows.write_ipc(target, compat_level=_PLAIN_TEXT)
            self._flushes += 1

    def _finish_on_disk(self, folder: PassingFolder, told: Callable[[int], None]) -> Identifiers:
        files, rows, done = [], 0, 0
        with ThreadPoolExecutor(_WORKERS) as pool:
            # Not named, so that an error drops it, and with it what has not begun.
            for file, kept, of in pool.map(self._settle, [folder.path] * _PARTS, range(_PARTS)):
                rows, done = rows + kept, done + of
                files += [file] if kept else []
                told(done)
        return Identifiers.on_disk(files, rows, folder=folder)

    def _settle(self, folder: Path, part: int) -> tuple[Path, int, int]:
        """Reduce the files of one part to one; return it with its rows after and before."""
        target = folder / f"{part:02}.arrow"
        sources = sorted(folder.glob(f"{part:02}-*.arrow"))
        pieces = [pl.read_ipc(source) for source in sources]
        kept = _first_of_each(pieces).alias(self._name)
        kept.to_frame().write_ipc(target, compat_level=_PLAIN_TEXT, record_batch_size=100_000)
        for source in sources:
            source.unlink()
        return target, len(kept), sum(len(piece) for piece in pieces)


def _take(pieces: list[pl.DataFrame], rows: int) -> pl.DataFrame:
    """Take pieces off the front of a list until there are so many rows, or none is left."""
    count, taken = 0, 0
    while taken < len(pieces) and count < rows:
        count += len(pieces[taken])
        taken += 1
    whole = pl.concat(pieces[:taken])
    del pieces[:taken]
    return whole


def _first_of_each(pieces: list[pl.DataFrame]) -> pl.Series:
    """Return each identifier once, in the order of its first row."""
    if not pieces:
        return pl.Series("identifier", [], dtype=pl.String)
    whole = pl.concat(pieces)
    ordered = whole["key"].sort()  # sorting numbers is several times faster than a table of them
    twice = ordered.filter(ordered == ordered.shift())
    kept = ~_on_all_cores(whole.lazy().select(pl.col("key").is_in(twice.implode())))
    shared = (~kept).arg_true()
    texts = whole["identifier"].gather(shared).to_frame().lazy().with_row_index("place")
    firsts = _on_all_cores(texts.group_by("identifier").agg(pl.col("place").min()).select("place"))
    return whole["identifier"].filter(kept.scatter(shared.gather(firsts), values=True))


def _on_all_cores(plan: pl.LazyFrame) -> pl.Series:
    return plan.collect(engine="streaming").to_series()
