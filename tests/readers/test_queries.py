from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import psycopg
import pytest

from rokt_helpers import prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.tables import Query, open_table
from tests.readers.formats import CANARY, ROWS
from tests.real_parts.postgres import PostgresServer

TABLE = "CREATE TABLE people (n INTEGER, email TEXT)"
SELECT = "SELECT n, email FROM people ORDER BY n"
PEOPLE = [(int(n), email or None) for n, email in ROWS]


def sqlite_url(folder: Path, _: PostgresServer) -> str:
    path = folder / "list.db"
    if not path.exists():
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(TABLE)
            connection.executemany("INSERT INTO people VALUES (?, ?)", PEOPLE)
        connection.close()
    return f"sqlite:///{path}"


def duckdb_url(folder: Path, _: PostgresServer) -> str:
    path = folder / "list.duckdb"
    if not path.exists():
        with duckdb.connect(str(path)) as connection:
            connection.execute(TABLE)
            connection.executemany("INSERT INTO people VALUES (?, ?)", PEOPLE)
    return f"duckdb:///{path}"


def postgres_url(_: Path, server: PostgresServer) -> str:
    with psycopg.connect(server.url) as connection:
        connection.execute("DROP TABLE IF EXISTS people")
        connection.execute(TABLE)
        connection.cursor().executemany("INSERT INTO people VALUES (%s, %s)", PEOPLE)
    return server.url


DATABASES: dict[str, Callable[[Path, PostgresServer], str]] = {
    "sqlite": sqlite_url,
    "duckdb": duckdb_url,
    "postgresql": postgres_url,
}


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> str:
    """The url of a real database with the list in it."""
    return DATABASES[request.param](tmp_path, postgres)


def count(url: str) -> int:
    return len(open_table(Query(url, SELECT)).rows("email").collect())


def test_a_query_gives_the_same_list_as_a_file(url: str) -> None:
    """The same people are accepted and the same rows rejected, whichever database answers."""
    prepared = prepare_audience(Query(url, SELECT), output="plain")
    assert prepared.to_pandas()["email"].tolist() == ["ann@example.com", "josé@example.com"]
    assert prepared.rejected["row"].tolist() == [3, 4, 6, 7]
    assert open_table(Query(url, SELECT)).facts.columns == ("n", "email")


def test_a_query_is_passed_on_as_it_is(url: str) -> None:
    """Per cent signs, colons and question marks in a query mean what the database says."""
    sql = "SELECT email FROM people WHERE email LIKE '%@example.com' AND email <> ':a ?'"
    rows = open_table(Query(url, sql)).rows("email").collect()
    assert len(rows) == 2


def test_a_query_cannot_write(url: str) -> None:
    """Deleting, dropping and changing are refused by the database, and nothing is changed."""
    for sql in ("DELETE FROM people", "DROP TABLE people", "UPDATE people SET email = 'x'"):
        with pytest.raises(InputError):
            open_table(Query(url, sql)).rows("email").collect()
    assert count(url) == len(ROWS)


def test_a_wrong_query_says_so_and_shows_nothing(url: str) -> None:
    """Neither the query, nor the secret in the url, nor what the database said is shown."""
    query = Query(url, f"SELECT {CANARY} FROM people")  # noqa: S608
    with pytest.raises(InputError, match="did not answer") as caught:
        open_table(query)
    seen = f"{caught.value} {caught.value!r} {query!r} {caught.value.__suppress_context__}"
    assert CANARY not in seen.lower()


def test_a_fault_in_the_middle_shows_nothing(url: str) -> None:
    """A value that stops the database half-way does not get into the message."""
    sql = "SELECT CAST(email AS INTEGER) AS email FROM people ORDER BY n"
    if url.startswith("sqlite"):  # which casts anything; a wrong function stops it half-way
        sql = "SELECT CASE WHEN n < 7 THEN email ELSE json(email) END AS email FROM people"
    with pytest.raises(InputError, match="did not answer") as caught:
        open_table(Query(url, sql)).rows("email").collect()
    assert "example" not in str(caught.value).lower()


def test_values_that_are_no_text_are_told_apart(url: str) -> None:
    """Numbers become text, bytes are unreadable rows, NULL is an empty one."""
    binary = "X'ff'" if url.startswith("sqlite") else "'x'::bytea"
    binary = "'x'::BLOB" if url.startswith("duckdb") else binary
    sql = f"SELECT {binary} AS v, 1 AS n, 'a@b.co' AS e, NULL AS z"
    table = open_table(Query(url, sql))
    assert table.rows("v").collect().row(0)[:3] == (1, None, True)
    assert table.rows("n").collect().row(0)[:3] == (1, "1", False)
    assert table.rows("z").collect().row(0)[:3] == (1, None, False)


def test_a_long_answer_comes_in_batches(url: str) -> None:
    """Every row of a long answer is read once, in order."""
    numbers = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 120000) "
        "SELECT x FROM c"
    )
    numbers = "SELECT x FROM range(1, 120001) t(x)" if url.startswith("duckdb") else numbers
    rows = open_table(Query(url, numbers)).rows("x").collect(engine="streaming")
    assert rows["row"].to_list() == list(range(1, 120_001))
    assert rows["text"].cast(pl.Int64).to_list() == list(range(1, 120_001))


def test_a_wrong_password_is_not_shown(postgres: PostgresServer) -> None:
    """A login that fails says that the database did not answer, without the url."""
    wrong = Query(postgres.url.replace(postgres.password, f"{CANARY}word"), SELECT)
    with pytest.raises(InputError, match="OperationalError") as caught:
        open_table(wrong)
    assert CANARY not in str(caught.value) + repr(wrong)
    assert count(postgres.url.replace("postgresql://", "postgres://")) == len(ROWS)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"mysql://me:{CANARY}@host/db", "cannot be asked"),
        (f"{CANARY}", "cannot be asked"),
        (f"postgresql://me:{CANARY}@host:port/db", "not one of a database"),
        ("sqlite:///gone.db", "no database file gone.db"),
        ("duckdb:///gone.duckdb", "no database file gone.duckdb"),
    ],
)
def test_a_wrong_url_is_refused_without_showing_it(url: str, words: str) -> None:
    """A database that is not there is not made, and a secret is not repeated."""
    with pytest.raises(InputError, match=words) as caught:
        open_table(Query(url, "SELECT 1"))
    assert CANARY not in str(caught.value)
    assert not list(Path.cwd().iterdir())


def test_duckdb_reads_files_by_itself(tmp_path: Path) -> None:
    """A query without a database reads files."""
    pl.DataFrame({"email": ["a@b.co"]}).write_parquet(tmp_path / "a.parquet")
    query = Query("duckdb://", f"SELECT email FROM '{tmp_path}/a.parquet'")  # noqa: S608
    assert len(prepare_audience(query)) == 1
