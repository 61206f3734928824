"""A long column of identifiers, in memory or on disk, that is read in slices.

The law kept here: whoever reads asks for a slice and gets it, wherever the column is kept; only
:meth:`Identifiers.to_series` brings all of it into memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import polars as pl

from rokt_helpers.files import PassingFolder

__all__ = ["Identifiers"]


class Identifiers:
    """The accepted identifiers, each once.

    Parameters
    ----------
    lines
        One column of text, named for what it holds.
    rows
        How many there are.
    folder
        The folder the lines are kept in, if any: it stays as long as this does.
    """

    def __init__(
        self, lines: pl.LazyFrame, rows: int, *, folder: PassingFolder | None = None
    ) -> None:
        self._lines = lines
        self._rows = rows
        self._folder = folder

    @classmethod
    def in_memory(cls, identifiers: pl.Series) -> Identifiers:
        """Keep a column that is in memory."""
        return cls(identifiers.to_frame().lazy(), len(identifiers))

    @classmethod
    def on_disk(cls, files: Sequence[Path], rows: int, *, folder: PassingFolder) -> Identifiers:
        """Keep Arrow files of one column, one after the other, until nobody needs them."""
        return cls(pl.scan_ipc(list(files)), rows, folder=folder)

    def __len__(self) -> int:
        """Return how many identifiers there are."""
        return self._rows

    def slice(self, offset: int, length: int) -> pl.Series:
        """Return ``length`` identifiers from ``offset`` on, as text; fewer at the end."""
        return self._lines.slice(offset, length).collect().to_series()

    def head(self, rows: int) -> Identifiers:
        """Return the first ``rows`` of them; all where there are no more."""
        rows = min(rows, self._rows)
        return Identifiers(self._lines.head(rows), rows, folder=self._folder)

    def to_series(self) -> pl.Series:
        """Return all of them, in memory."""
        return self._lines.collect().to_series()

    @cached_property
    def longest_bytes(self) -> int:
        """The size of the longest identifier in UTF-8; 0 where there is none."""
        longest = self._lines.select(pl.all().str.len_bytes().max()).collect(engine="streaming")
        return int(longest.item() or 0)

    def line_bytes(self) -> pl.Series:
        """Return the size of each in UTF-8 (UInt32), in memory."""
        return self._lines.select(pl.all().str.len_bytes()).collect().to_series()

    def write(self, path: Path) -> None:
        """Write one identifier a line, no header, UTF-8, line feeds."""
        self._lines.sink_csv(path, include_header=False, quote_style="never")
