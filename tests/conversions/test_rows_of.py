from __future__ import annotations

import gzip
import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from rokt_helpers.tables import Query, Table, open_table

ROWS = [("ann@example.com", "1", "x"), ("bob@example.com", "2", "y")]
CSV = "email,n,t\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)
FRAME = pl.DataFrame(ROWS, schema=["email", "n", "t"], orient="row")


def _csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _written(path: Path, write: Callable[[Path], object]) -> Path:
    write(path)
    return path


def _database(path: Path) -> Query:
    with sqlite3.connect(path) as connection:
        connection.execute("create table p (email, n, t)")
        connection.executemany("insert into p values (?, ?, ?)", ROWS)
    connection.close()
    return Query(f"sqlite:///{path}", "select * from p")


def _packed(path: Path) -> Path:
    buffer = io.BytesIO()
    FRAME.write_parquet(buffer)
    path.write_bytes(gzip.compress(buffer.getvalue()))
    return path


SOURCES: dict[str, Callable[[Path], object]] = {
    "scanned": lambda place: _csv(place / "a.csv", CSV),
    "quoted": lambda place: _csv(place / "a.csv", CSV.replace(",x", ',"x"')),
    "cell by cell": lambda place: _csv(place / "a.csv", CSV.replace("1,x", '"1\n1",x')),
    "packed text": lambda place: _written(
        place / "a.csv.gz", lambda path: path.write_bytes(gzip.compress(CSV.encode()))
    ),
    "parquet": lambda place: _written(place / "a.parquet", FRAME.write_parquet),
    "packed parquet": lambda place: _packed(place / "a.parquet.gz"),
    "spreadsheet": lambda place: _written(place / "a.xlsx", FRAME.write_excel),
    "json lines": lambda place: _written(place / "a.jsonl", FRAME.write_ndjson),
    "query": lambda place: _database(place / "a.db"),
    "polars": lambda _: FRAME,
    "pandas": lambda _: FRAME.to_pandas(),
}  # fmt: skip


@pytest.mark.parametrize("kind", SOURCES)
def test_several_columns_are_read_together(kind: str, tmp_path: Path) -> None:
    """Whatever the source, the cells of a row stay together and in the order asked for."""
    table = open_table(SOURCES[kind](tmp_path))
    rows = table.rows_of(["t", "email"]).collect()
    assert rows.columns == ["row", "cell_0", "cell_1", "unreadable", "repeated_header"]
    assert rows.select("cell_0", "cell_1").rows() == [(t, email) for email, _, t in ROWS]
    assert rows["row"].to_list() == table.rows("email").collect()["row"].to_list()
    assert not rows["unreadable"].any()


def test_a_row_is_unreadable_when_one_of_its_cells_is() -> None:
    """Only of the columns that are asked for."""
    frame = pd.DataFrame({"email": ["a@b.co", "b@b.co"], "n": [["list"], "2"], "t": ["x", "y"]})
    table = open_table(pl.DataFrame({"email": ["a@b.co"], "n": [["list"]]}))
    assert table.rows_of(["email", "n"]).collect()["unreadable"].to_list() == [True]
    assert table.rows_of(["email"]).collect()["unreadable"].to_list() == [False]
    assert (
        open_table(frame).rows_of(["email", "t"]).collect()["unreadable"].to_list() == [False] * 2
    )


def test_a_header_is_repeated_when_every_cell_is_its_own() -> None:
    """A city called like its column makes no header of a row."""
    table: Table = open_table(pl.DataFrame({"city": ["city", "city"], "n": ["n", "2"]}))
    assert table.rows_of(["city", "n"]).collect()["repeated_header"].to_list() == [True, False]
    assert table.rows("city").collect()["repeated_header"].to_list() == [True, True]
