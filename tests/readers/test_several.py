from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.tables import open_table
from tests.readers.formats import CANARY, zipped

ONE = "email\nann@example.com\nbob@example.com\n"
TWO = "n,email\n1,cat@example.com\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder with two lists, and what is none."""
    (tmp_path / "one.csv").write_text(ONE, encoding="utf-8")
    (tmp_path / "two.csv").write_text(TWO, encoding="utf-8")
    (tmp_path / "_SUCCESS").touch()
    return tmp_path


def rows_of(table: object) -> list[tuple[object, ...]]:
    rows = open_table(table).rows("email").select("file", "row", "text").collect()
    return rows.rows()


WANTED = [
    ("one.csv", 2, "ann@example.com"),
    ("one.csv", 3, "bob@example.com"),
    ("two.csv", 2, "cat@example.com"),
]


def test_a_pattern_is_one_source(inbox: Path) -> None:
    """Each row keeps the name of its file and its number there."""
    assert rows_of(f"{inbox}/*.csv") == WANTED
    assert rows_of([inbox / "one.csv", str(inbox / "two.csv")]) == WANTED
    facts = open_table(inbox / "*.csv").facts
    assert (facts.kind, facts.name, facts.columns) == ("files", "2 files", ("email",))
    assert (facts.files, facts.encoding) == (("one.csv", "two.csv"), "utf-8")


def test_one_file_is_no_several(inbox: Path) -> None:
    """A pattern that finds one file has no column of files."""
    rows = open_table(inbox / "o*.csv").rows("email")
    assert rows.collect_schema().names() == ["row", "text", "unreadable", "repeated_header"]


def test_a_name_with_brackets_is_a_file(tmp_path: Path) -> None:
    """A file whose name looks like a pattern is read as itself."""
    (tmp_path / "list[1].csv").write_text(ONE, encoding="utf-8")
    (tmp_path / "list1.csv").write_text(TWO, encoding="utf-8")
    assert len(open_table(tmp_path / "list[1].csv").rows("email").collect()) == 2
    pl.DataFrame({"email": ["a@b.co"]}).write_parquet(tmp_path / "x[1].parquet")
    assert len(open_table(tmp_path / "x[1].parquet").rows("email").collect()) == 1


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two files of one name in two folders are named with their folders."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_text(ONE, encoding="utf-8")
    assert open_table(tmp_path / "*" / "x.csv").facts.files == ("a/x.csv", "b/x.csv")


def test_the_members_of_an_archive_are_one_source(tmp_path: Path) -> None:
    """All members are read; ``member`` picks one, or some by a pattern."""
    path = tmp_path / "list.zip"
    path.write_bytes(zipped({"one.csv": ONE, "two.csv": TWO}))
    assert [row[1:] for row in rows_of(path)] == [row[1:] for row in WANTED]
    assert open_table(path).facts.files == ("list.zip: one.csv", "list.zip: two.csv")
    picked = open_table(path, member="two.csv").rows("email").collect()
    assert picked["text"].to_list() == ["cat@example.com"]
    assert open_table(path, member="*.csv").facts.kind == "files"


def test_members_and_files_are_joined(inbox: Path) -> None:
    """An archive of two beside a file makes three parts, none of which is lost."""
    (inbox / "z.zip").write_bytes(zipped({"one.csv": ONE, "two.csv": TWO}))
    facts = open_table([inbox / "one.csv", inbox / "z.zip"]).facts
    assert facts.files == ("one.csv", "z.zip: one.csv", "z.zip: two.csv")
    assert len(rows_of([inbox / "one.csv", inbox / "z.zip"])) == 5


def test_the_part_files_of_a_cluster_are_one_source(tmp_path: Path) -> None:
    """A folder of part files is a list; what a cluster puts beside them is not read."""
    for number in range(2):
        frame = pl.DataFrame({"sha256": [f"{number}" * 64]})
        frame.write_parquet(tmp_path / f"part-{number}.parquet")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".part-0.parquet.crc").touch()
    table = open_table(tmp_path)
    assert table.rows("sha256").collect()["text"].to_list() == ["0" * 64, "1" * 64]


def refusal(source: object, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        open_table(source, **options)  # type: ignore[arg-type]
    assert CANARY not in str(caught.value)
    return str(caught.value)


def test_what_does_not_belong_together_is_refused(inbox: Path) -> None:
    """No column in common, a header in one only, one file twice: each says what to do."""
    (inbox / "other.csv").write_text(f"name\n{CANARY}\n", encoding="utf-8")
    (inbox / "bare.csv").write_text(f"{CANARY}@example.com\n", encoding="utf-8")
    one = inbox / "one.csv"
    assert "no column in common: one.csv has '" in refusal([one, inbox / "other.csv"])
    assert "one.csv has a header and bare.csv has none" in refusal([one, inbox / "bare.csv"])
    assert "one.csv is named twice" in refusal([one, inbox / "*.csv"])
    assert "no file" in refusal([one, inbox / "gone.csv"])
    assert "a folder" in refusal(inbox)
    assert "no file" in refusal(inbox / "*.xlsx")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (f"{CANARY}@example.com", "an address or a digest"),
        ([f"{CANARY}@example.com"], "an address or a digest"),
        (f"email\n{CANARY}@example.com\n", "Pasted(text)"),
        (f"postgresql://me:{CANARY}@host/db", "Query(url, sql)"),
        ("x" * 5000, "Pasted(text)"),
        ([], "type list"),
        ([1], "type list"),
    ],
)
def test_what_is_no_path_is_not_repeated(source: object, words: str) -> None:
    """An address, a text or a secret in place of a path is refused without showing it."""
    assert words in refusal(source)
    assert os.sep + CANARY not in refusal(source)
