"""What a reader hands on: the facts of a source, a sample of it, and a way to its columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import canonical_text, email_fault, looks_like

__all__ = [
    "SAMPLE_ROWS",
    "Places",
    "Rows",
    "SourceFacts",
    "Table",
    "cell_name",
    "distinct_names",
    "is_header",
    "looks_of",
    "streamed",
]

SAMPLE_ROWS: Final = 10_000

# Rows of the wanted columns: `row` UInt32, `cell_0`, `cell_1` … String in the order in which they
# were asked for, `unreadable` Boolean; what a person gets from `Table` has `repeated_header`
# Boolean besides, and `file` where there are several.
Rows = pl.LazyFrame
# The places of the wanted columns among all columns, from 0.
Places = Sequence[int]


@dataclass(frozen=True)
class SourceFacts:
    """What was found in a source before a single row was judged.

    ``kind`` is ``file``, ``files``, ``frame``, ``pasted`` or ``query``. ``encoding``,
    ``delimiter``, ``header`` and ``sheet`` are None where a source has no such thing.
    ``first_row`` is the number of the first data row as a spreadsheet shows it; ``files`` names
    the parts of a source that has several.
    """

    kind: str
    name: str
    columns: tuple[str, ...]
    first_row: int = 1
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    sheet: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A source that was looked at but not read: its facts, a sample, and a way to a column.

    ``floats`` are the columns that held binary floats before they were text; ``labels`` are what
    pandas calls the columns, where that is no text or not distinct.
    """

    facts: SourceFacts
    sample: pl.DataFrame = field(repr=False)
    _rows: Callable[[Places], Rows] = field(repr=False)
    _titles: tuple[str, ...] | None = field(default=None, repr=False)
    floats: frozenset[str] = frozenset()
    labels: tuple[Hashable, ...] = ()

    def rows(self, column: str) -> Rows:
        """Return the rows of the named column, read when they are collected.

        Returns
        -------
        LazyFrame with ``row`` (UInt32, the number a spreadsheet shows), ``text`` (String),
        ``unreadable`` (Boolean), ``repeated_header`` (Boolean: the cell is the header again) and,
        where ``facts.files`` names any, ``file`` (Enum); ``row`` is then counted in each file.

        Raises
        ------
        InputError
            When the source cannot be cut into rows; also while the rows are collected.
        """
        return self.rows_of([column]).rename({cell_name(0): "text"})

    def rows_of(self, columns: Sequence[str]) -> Rows:
        """Return the rows of several columns, read together when they are collected.

        Parameters
        ----------
        columns
            Names out of ``facts.columns``, each once.

        Returns
        -------
        LazyFrame with ``row``, ``unreadable`` and, where there are several files, ``file``, as
        :meth:`rows` has them; ``cell_0``, ``cell_1`` and so on (String), the cells in the order of
        ``columns``; ``repeated_header`` (Boolean: each of the cells is its header again). A row is
        unreadable when one of its cells is.

        Raises
        ------
        InputError
            As for :meth:`rows`.
        """
        places = [self.facts.columns.index(column) for column in columns]
        rows = self._rows(places)
        if "repeated_header" in rows.collect_schema():
            return rows
        titles = [(self._titles or self.facts.columns)[place].strip("\ufeff") for place in places]
        same = [
            (pl.col(cell_name(i)) == title).fill_null(value=False)
            for i, title in enumerate(titles)
            if title.strip()
        ]
        return rows.with_columns(
            repeated_header=pl.all_horizontal(same) if same else pl.lit(value=False)
        )

    def with_rows(self, hand_on: Callable[[Rows], Rows]) -> Table:
        """Return the same table, whose columns go through ``hand_on`` first."""
        return replace(self, _rows=lambda places: hand_on(self._rows(places)))

    def first(self, column: str, rows: int) -> Table:
        """Return the table of one column's first rows, which are read here and held in memory.

        Raises
        ------
        InputError
            As for :meth:`rows`.
        """
        seen = self.rows_of([column]).head(rows).collect(engine="streaming")
        return replace(
            self,
            facts=replace(self.facts, columns=(column,)),
            sample=self.sample.select(column),
            labels=(),
            _rows=lambda _: seen.lazy(),
        )

    def looks(self) -> dict[str, dict[str, int]]:
        """Return for each column how many cells of the sample look like what; no values.

        Returns
        -------
        Column → look → cells. A look is ``email``, a digest's name, ``other`` or ``blank``.
        """
        return {name: looks_of(self.sample[name]) for name in self.facts.columns}


def looks_of(cells: pl.Series) -> dict[str, int]:
    """Return how many cells look like what, the most frequent look first."""
    looks = cells.to_frame("cell").select(look=looks_like(pl.col("cell")).fill_null("blank"))
    return dict(looks.group_by("look").len().sort("len", "look", descending=[True, False]).rows())


def is_header(first: list[str]) -> bool:
    """Tell whether a first row is a header: none of its cells is an address or a digest."""
    looks = looks_of(pl.Series(first, dtype=pl.String))
    return set(looks) <= {"blank", "other"}


def cell_name(number: int) -> str:
    """Return the name that rows have for the cells of a wanted column, the first being 0."""
    return f"cell_{number}"


def streamed(batches: Callable[[], Iterator[pl.DataFrame]], columns: int) -> Rows:
    """Return rows of so many columns, read a batch at a time each time they are collected."""
    cells = {cell_name(number): pl.String() for number in range(columns)}
    schema = pl.Schema({"row": pl.UInt32(), **cells, "unreadable": pl.Boolean()})

    def read(
        wanted: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        left = n_rows
        for whole in batches():
            frame = whole if left is None else whole.head(left)
            left = None if left is None else left - len(frame)
            frame = frame if predicate is None else frame.filter(predicate)
            yield frame if wanted is None else frame.select(wanted)
            if left == 0:
                return

    return register_io_source(read, schema=schema)


def distinct_names(names: list[str]) -> list[str]:
    """Return names with no blank and no repeat, so that each column can be asked for.

    Raises
    ------
    InputError
        When a name is itself an address or a digest: then it is a row, and would be lost.
    """
    _refuse_identifiers(names)
    distinct: list[str] = []
    for position, raw in enumerate(names, start=1):
        name = raw.strip().strip("\ufeff") or f"column_{position}"
        spellings = (name if n == 1 else f"{name} ({n})" for n in count(1))
        distinct.append(next(spelling for spelling in spellings if spelling not in distinct))
    return distinct


def _refuse_identifiers(names: list[str]) -> None:
    cells = pl.DataFrame({"cell": names}, schema={"cell": pl.String})
    faults = cells.select(email_fault(canonical_text(pl.col("cell")))).to_series()
    for position, fault in enumerate(faults, start=1):
        if fault in {None, "other_digest"}:
            raise InputError(
                f"The name of column {position} is itself an address or a digest: the first row "
                "was taken for a header, and would be lost. Read the list without a header "
                "(header=False here, header=None in pandas)."
            )
