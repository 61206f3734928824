"""Read the answer of a database to a query, a batch at a time.

The laws kept here: a query reads and never writes, by the database's own rule; and neither the
address of the database, nor the query, nor what the database says of it enters a message: each
may hold a secret or a person's data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.extras import load, missing
from rokt_helpers.tables.table import (
    SAMPLE_ROWS,
    Places,
    Rows,
    SourceFacts,
    Table,
    cell_name,
    distinct_names,
    streamed,
)

__all__ = ["Query", "open_query"]

_BATCH_ROWS: Final = 50_000
_KINDS: Final = ("duckdb", "postgresql", "sqlite")
_Answer = tuple[list[str], Iterator[tuple[Any, ...]]]


@dataclass(frozen=True)
class Query:
    """A question to a database, as a source of rows.

    Parameters
    ----------
    url
        ``postgresql://user:password@host/name``, ``sqlite:///file.db``, ``duckdb:///file.duckdb``
        or ``duckdb://`` (DuckDB in memory, to query files). It never shows in the object's own
        form, in a message or in a log.
    sql
        One statement that reads. Rows are numbered as they come: add ORDER BY to repeat the order.
    """

    url: str = field(repr=False)
    sql: str = field(repr=False)

    @property
    def kind(self) -> str:
        """Return the kind of database.

        Raises
        ------
        InputError
            When it is one that cannot be asked.
        """
        kind = self.url.partition(":")[0].partition("+")[0]
        kind = "postgresql" if kind == "postgres" else kind
        if kind not in _KINDS:
            raise InputError(
                f"This kind of database cannot be asked. The url of a Query begins with "
                f"{', '.join(known + '://' for known in _KINDS)}."
            )
        return kind


def open_query(query: Query) -> Table:
    """Ask the database for the first rows; the whole answer is read when the rows are collected.

    Raises
    ------
    InputError
        When the database cannot be reached or does not take the query; also while the rows are
        collected.
    """
    with _asked(query) as (names, answer):
        first = [[_text_of(cell)[0] for cell in row] for row in islice(answer, SAMPLE_ROWS)]
    if not names:
        raise InputError("The query gives no columns. Ask with SELECT.")
    columns = tuple(distinct_names(names))
    sample = pl.DataFrame(first, schema=dict.fromkeys(columns, pl.String), orient="row")
    facts = SourceFacts("query", f"{query.kind} query", columns)

    def rows(places: Places) -> Rows:
        return streamed(lambda: _batches(query, places), len(places))

    return Table(facts, sample, rows)


def _batches(query: Query, places: Places) -> Iterator[pl.DataFrame]:
    row = 1
    names = [cell_name(i) for i in range(len(places))]
    schema = {**dict.fromkeys(names, pl.String), "unreadable": pl.Boolean}
    with _asked(query) as (_, answer):
        while found := list(islice(answer, _BATCH_ROWS)):
            columns = [[_text_of(cells[place]) for cells in found] for place in places]
            texts = {
                name: [text for text, _ in column]
                for name, column in zip(names, columns, strict=True)
            }
            unreadable = [any(bad for _, bad in cells) for cells in zip(*columns, strict=True)]
            frame = pl.DataFrame({**texts, "unreadable": unreadable}, schema=schema)
            yield frame.with_row_index("row", offset=row)
            row += len(found)


def _text_of(value: object) -> tuple[str | None, bool]:
    """Return a value as text, and whether it could not be read as such."""
    if value is None or isinstance(value, str):
        return value, False
    if isinstance(value, bytes | bytearray | memoryview | list | tuple | dict | set):
        return None, True
    return str(value), False


# --- the databases ------------------------------


@contextmanager
def _asked(query: Query) -> Iterator[_Answer]:
    ask: Callable[[Query], Any] = _ask_duckdb if query.kind == "duckdb" else _ask_sqlalchemy
    with ask(query) as answer:
        yield answer


@contextmanager
def _ask_duckdb(query: Query) -> Iterator[_Answer]:
    duckdb: Any = load("duckdb", extra="sql", purpose="from DuckDB")
    place = query.url.partition("://")[2].removeprefix("/")
    if place:
        _need_file(place)
    try:
        with duckdb.connect(place or ":memory:", read_only=bool(place)) as connection:
            found = connection.execute(query.sql)
            names = [column[0] for column in found.description or ()]
            yield names, _fetched(found)
    except duckdb.Error as error:
        _refuse(error)


@contextmanager
def _ask_sqlalchemy(query: Query) -> Iterator[_Answer]:
    sqlalchemy: Any = load("sqlalchemy", extra="sql", purpose="from a database")
    try:
        url = sqlalchemy.make_url(query.url)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise InputError("The url of the Query is not one of a database. Check its form.") from None
    if query.kind == "sqlite" and url.database not in {None, "", ":memory:"}:
        _need_file(str(url.database))
    if query.kind == "postgresql":
        url = url.set(drivername="postgresql+psycopg")  # the one that the extra brings
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    except ImportError:
        raise missing(extra="sql", purpose="from PostgreSQL") from None
    options = {"postgresql_readonly": True} if query.kind == "postgresql" else {}
    try:
        with engine.connect().execution_options(
            stream_results=True, no_parameters=True, yield_per=_BATCH_ROWS, **options
        ) as connection:
            if query.kind == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            with closing(connection.exec_driver_sql(query.sql)) as answer:
                yield (list(answer.keys()), iter(answer)) if answer.returns_rows else ([], iter(()))
    except sqlalchemy.exc.SQLAlchemyError as error:
        _refuse(getattr(error, "orig", None) or error)


def _fetched(found: Any) -> Iterator[tuple[Any, ...]]:
    while batch := found.fetchmany(_BATCH_ROWS):
        yield from batch


def _need_file(place: str) -> None:
    # The drivers would make an empty database where there is none.
    if not Path(place).is_file():
        raise InputError(f"There is no database file {Path(place).name}. Give its whole path.")


def _refuse(error: BaseException) -> NoReturn:
    code = getattr(error, "sqlstate", None)
    known = f"{type(error).__name__}, code {code}" if code else type(error).__name__
    raise InputError(
        f"The database did not answer the query ({known}). Its own words are left out, because "
        "they may hold what is in the list. Try the query where you wrote it."
    ) from None
