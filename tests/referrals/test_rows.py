from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.reading import read_referrals
from rokt_helpers.referrals.rows import open_parts

ROWS = b"State,Suburb,Age\nNSW,Sydney,30\nVIC,Melbourne,40\n"


def rows_of(content: bytes, *, piece_bytes: int = 64) -> list[tuple[object, ...]]:
    """The rows, each with its number and fault, read in pieces so small that most are cut."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(content)
        (part,) = open_parts(path, piece_bytes=piece_bytes)
        return [row for batch in part.batches() for row in batch.rows()]


cells = st.text(st.sampled_from('ab ,;"\n\r\té'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=30), st.integers(8, 200))
def test_pieces_of_any_size_give_the_same_rows(rows: list[list[str]], piece_bytes: int) -> None:
    """Wherever the text is cut, the cells are those the standard library reads, row by row."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([["State", "Age", "Suburb"], *rows])
    text = out.getvalue()
    expected = [
        (number, *(cell.strip() or None for cell in row), None)
        for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), 1)
        if number > 1 and any(cell.strip() for cell in row)
    ]
    assert rows_of(text.encode(), piece_bytes=piece_bytes) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), max_size=80), st.integers(8, 200))
def test_no_row_is_swallowed(body: str, piece_bytes: int) -> None:
    """Whatever is quoted wrongly: no row is lost in a cell, or the file is refused as strictly."""
    text = f"State,Age\n{body}\n"
    try:
        found = rows_of(text.encode(), piece_bytes=piece_bytes)
    except InputError:
        with pytest.raises(csv.Error):
            list(csv.reader(io.StringIO(text, newline=""), strict=True))
        return
    whole = rows_of(text.encode(), piece_bytes=1_000_000)
    assert found == whole
    # Line ends inside sound quotation marks are the only ones that end no row.
    inside = sum(cell.count("\n") for row in found for cell in row[1:3] if isinstance(cell, str))
    faults = sum(row[-1] is not None for row in found)
    last = max((int(str(row[0])) for row in found), default=1)
    assert last + inside <= text.count("\n")
    assert faults <= text.count('"') + text.count(",")


def test_an_odd_row_costs_itself_only() -> None:
    """A mark out of place, or a cell too many, rejects that row; those around it are kept."""
    content = b'State,Age\nCA,30\n"Big" Apple,40\nNY,50\nTX,60,more\nWA,70\n'
    read = read_referrals(content)
    assert read.table.select("row", "state").rows() == [(2, "CA"), (4, "NY"), (6, "WA")]
    assert read.rejected.rows() == [(3, "unreadable"), (5, "unreadable")]


@pytest.mark.parametrize("end", [b"NY", b'NY,"5', b'NY,5,"quo'])
def test_a_file_cut_off_in_mid_row_keeps_what_is_before(end: bytes) -> None:
    """The row in which the file ends is rejected with its number; a whole last row is not."""
    read = read_referrals(b"State,Age,Suburb\nCA,30,x\n" + end)
    assert read.table["state"].to_list() == ["CA"]
    assert read.rejected.rows() == [(3, "cut_off")]
    assert read_referrals(b"State,Age\nCA,30\nNY,5").rejected.height == 0


def test_a_quotation_that_never_ends_refuses_the_file() -> None:
    """Rows cannot be told apart any more, so none of them is taken, however long the file is."""
    content = b'State,Age\nCA,30\nNY,"never closed\n' + b"TX,40\n" * 300_000
    with pytest.raises(InputError, match="quotation mark"):
        read_referrals(content)


@pytest.mark.parametrize("kind", ["gz", "zip", "xlsx", "old mac", "parquet", "jsonl"])
def test_other_kinds_of_file_give_the_same_rows(tmp_path: Path, kind: str) -> None:
    """Packed, as a spreadsheet or with the line ends of an old Mac, the rows are the same."""
    path = tmp_path / f"a.{kind if kind != 'old mac' else 'csv'}"
    table = pl.read_csv(ROWS, infer_schema=False)
    if kind == "gz":
        path.write_bytes(gzip.compress(ROWS))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("b.csv", ROWS)
    elif kind == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([table.columns, *table.rows()]):
                sheet.write_row(number, 0, row)
    elif kind == "old mac":
        path.write_bytes(ROWS.replace(b"\n", b"\r"))
    elif kind == "parquet":
        table.write_parquet(path)
    else:
        table.write_ndjson(path)
    read = read_referrals(path)
    assert read.table.select("state", "suburb", "age").rows() == [
        ("NSW", "Sydney", 30),
        ("VIC", "Melbourne", 40),
    ]


def test_blank_rows_count_and_are_left_out() -> None:
    """A line of nothing, or of delimiters only, has a number; the header need not be the first."""
    assert rows_of(b"\n,,\nState,Age\nCA,30\n\n,\nNY,40") == [
        (4, "CA", "30", None),
        (7, "NY", "40", None),
    ]


def test_members_of_an_archive_are_read_one_by_one(tmp_path: Path) -> None:
    """Members may have different columns; each keeps its own."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", "State,Age\nCA,30\n")
        archive.writestr("two.csv", "State,Bid price\nNY,2.5\n")
    assert [part.name for part in open_parts(path)] == ["one.csv", "two.csv"]
    table = read_referrals(path).table
    assert table.select("state", "age", "bid_price").rows() == [("CA", 30, None), ("NY", None, 2.5)]
