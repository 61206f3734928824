from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from rokt_helpers import prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.tables import Pasted, open_table
from tests.readers.formats import CANARY, FORMATS, HEADER, ROWS, as_text, frame

ACCEPTED = ["ann@example.com", "josé@example.com"]
BY_COLUMN = {"list.jsonl", "list.ndjson.gz", "list.parquet", "parquet.csv"} | {
    "list.arrow", "list.feather", "list.arrows", "list.json", "lines.json", "marked.json",
    "wide.json", "list.json.gz", "list.parquet.gz", "list.arrow.zst", "list.arrows.gz",
    "parquet.zip",
}  # fmt: skip


def put(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(FORMATS[name]())
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_a_list_is_the_same_in_every_form(name: str, tmp_path: Path) -> None:
    """The same people are accepted and the same rows rejected, whatever the file."""
    prepared = prepare_audience(put(tmp_path, name), output="plain")
    assert prepared.to_pandas()["email"].tolist() == ACCEPTED
    assert prepared.summary["duplicates"] == 1
    rows = prepared.rejected["row"].tolist()
    assert rows == [number - (name in BY_COLUMN) for number in (4, 5, 7, 8)]


@pytest.mark.parametrize("name", FORMATS)
def test_the_rows_of_every_form_are_the_same(name: str, tmp_path: Path) -> None:
    """Each row comes out once, in order, however it is collected."""
    table = open_table(put(tmp_path, name))
    assert table.facts.columns[1] == "email"
    rows = table.rows("email")
    whole = rows.collect()
    assert whole["text"].fill_null("").to_list() == [email for _, email in ROWS]
    assert whole["repeated_header"].to_list() == [email == "email" for _, email in ROWS]
    assert not whole["unreadable"].any()
    assert whole.schema["row"] == pl.UInt32
    first = table.facts.first_row
    assert whole["row"].to_list() == list(range(first, first + len(ROWS)))
    assert rows.collect(engine="streaming").equals(whole)
    assert rows.select("text").head(3).collect().equals(whole.select("text").head(3))
    assert rows.select(pl.len()).collect(engine="streaming").item() == len(ROWS)
    good = rows.filter(pl.col("text").str.contains("@")).select("row", "text").collect()
    assert good.equals(whole.filter(whole["text"].str.contains("@")).select("row", "text"))


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("list.csv", "utf-8"),
        ("western.csv", "latin-1"),
        ("windows.csv", "windows-1252"),
        ("bare.txt", "utf-16-le without byte-order mark"),
        ("other.txt", "utf-16-be without byte-order mark"),
        ("list.txt", "utf-16"),
        ("marked.csv.gz", "utf-8 with byte-order mark"),
        ("western.csv.zst", "latin-1"),
        ("list.parquet", None),
    ],
)
def test_the_encoding_is_said(name: str, encoding: str | None, tmp_path: Path) -> None:
    """A person is told how the letters were read."""
    assert open_table(put(tmp_path, name)).facts.encoding == encoding


def test_letters_far_below_decide_the_encoding(tmp_path: Path) -> None:
    """A file that begins in English and is Western far below is decoded whole."""
    text = "email\n" + "ann@example.com\n" * 40_000 + "jos\xe9@example.com\n"
    (tmp_path / "list.csv").write_bytes(text.encode("latin-1"))
    prepared = prepare_audience(tmp_path / "list.csv", output="plain")
    assert prepared.to_pandas()["email"].tolist() == ["ann@example.com", "josé@example.com"]
    assert prepared.summary["source"]["encoding"] == "latin-1"


@pytest.mark.parametrize("shift", range(4))
def test_letters_on_the_edge_of_a_chunk_are_whole(shift: int, tmp_path: Path) -> None:
    """Letters of one to four bytes are read wherever the file is cut for reading."""
    text = "x" * shift + "\n" + "é€😀\n" * 60_000
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    table = open_table(tmp_path / "list.csv", header=False)
    assert table.facts.encoding == "utf-8"
    assert table.rows("column_1").collect()["text"].value_counts().height <= 2


@pytest.mark.parametrize(
    "content",
    [
        "почта@example.com, почтальон".encode("cp1251"),
        "日本語の名前".encode("shift-jis"),
        "jos\xe9 m\xfcller".encode("mac-roman"),
        "jos\xe9 mull\xe9r".encode("cp437"),
        "josé zoë müller ann@example.com\n".encode() * 9 + b"\xff",
        bytes(range(256)),
    ],
)
def test_letters_of_another_kind_are_refused(content: bytes, tmp_path: Path) -> None:
    """A code page that is not Western European, or UTF-8 that is spoilt, is not guessed at."""
    (tmp_path / "list.csv").write_bytes(b"email\n" + content + b"\n")
    with pytest.raises(InputError, match="not UTF-8"):
        open_table(tmp_path / "list.csv")


def test_a_ragged_archive_is_read_like_a_ragged_file(tmp_path: Path) -> None:
    """Rows with too many cells are rejected one by one, packed or not, at any length."""
    text = "email,n\n" + "ann@example.com,1\n" * 300_000 + "bob@example.com,1,2\ncat@example.com\n"
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(text.encode(), 1))
    for name in ("list.csv", "list.csv.gz"):
        rows = open_table(tmp_path / name).rows("email").collect()
        assert rows.filter("unreadable")["row"].to_list() == [300_002]
        assert (len(rows), rows["text"][-1]) == (300_002, "cat@example.com")


@pytest.mark.parametrize("name", ["list.csv", "list.csv.gz", "list.jsonl.gz"])
def test_a_list_of_nobody_has_no_rows(name: str, tmp_path: Path) -> None:
    """A header alone is a table without rows, packed or not."""
    content = b'{"email": null}\n' if "jsonl" in name else b"email\n"
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    rows = open_table(tmp_path / name, header=True).rows("email").collect()
    assert rows["text"].to_list() == [None] * ("jsonl" in name)
    assert rows.columns == ["row", "text", "unreadable", "repeated_header"]


def test_a_pasted_list_is_read_and_never_shown() -> None:
    """Text out of a spreadsheet is a source; its own form shows nothing of it."""
    pasted = Pasted(as_text("\t"))
    assert "example" not in repr(pasted)
    prepared = prepare_audience(pasted, output="plain")
    assert prepared.to_pandas()["email"].tolist() == ACCEPTED
    assert open_table(pasted).facts.kind == "pasted"
    with pytest.raises(InputError, match="half a character"):
        open_table(Pasted(f"email\n{CANARY}\ud800"))


def test_the_looks_of_each_column_are_counted() -> None:
    """The evidence for the choice of a column is counts; it adds up and holds no value."""
    looks = open_table(frame()).looks()
    assert looks == {"n": {"other": 7}, "email": {"email": 4, "other": 2, "blank": 1}}
    assert {sum(found.values()) for found in looks.values()} == {len(ROWS)}


def test_a_frame_may_repeat_its_header() -> None:
    """A cell that is the name of its column is told apart; the name of no column is not."""
    rows = open_table(frame()).rows("email").collect()
    assert rows["repeated_header"].sum() == 1
    assert (
        not open_table(Pasted("ann@example.com\ncolumn_1\n"))
        .rows("column_1")
        .collect()["repeated_header"]
        .any()
    )
    assert HEADER[1] == "email"
