from __future__ import annotations

import gc
import gzip
import io
import json
import os
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter

from rokt_helpers import prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.files import PassingFolder
from rokt_helpers.tables import Query, json_arrays, open_table
from rokt_helpers.tables.origins import unpacked
from rokt_helpers.tables.unpacking import kept_for
from tests.readers.formats import CANARY, HEADER, ods, zipped

ADDRESS = f"{CANARY}@{CANARY}.example"
TEXT = f"email\n{ADDRESS}\n".encode()


def locked() -> bytes:
    """An archive that says it is locked: bit 0 of the flags is set in both its headers."""
    content = bytearray(zipped({"list.csv": TEXT}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def workbook(**sheets: str | None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, cell in sheets.items():
            sheet = book.add_worksheet(name)
            if cell:
                sheet.write(0, 0, cell)
    return out.getvalue()


def spoilt_zip() -> bytes:
    content = bytearray(zipped({"list.csv": os.urandom(100)}))
    content[60] ^= 0xFF
    return bytes(content)


def parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def parquet_of_one() -> bytes:
    return parquet(pl.DataFrame({"e": [ADDRESS]}))


def stored_twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("list.csv", TEXT)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("list.csv", TEXT)
    return out.getvalue()


BROKEN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip cut short": ("a.csv.gz", lambda: gzip.compress(TEXT * 99)[:-9], "cut short"),
    "gzip spoilt": ("a.csv.gz", lambda: gzip.compress(TEXT)[:-8] + b"\0" * 8, "damaged"),
    "gzip of nothing": ("a.csv.gz", lambda: gzip.compress(b""), "is empty"),
    "no gzip at all": ("a.csv.gz", lambda: TEXT, "what its name says"),
    "gzip of a picture": ("a.csv.gz", lambda: gzip.compress(bytes(range(256))), "not UTF-8"),
    "gzip of a tar": ("a.tar.gz", lambda: gzip.compress(TEXT), "not a kind"),
    "zstd cut short": (
        "a.csv.zst", lambda: pa.compress(TEXT * 99, "zstd", asbytes=True)[:-9], "cut short",
    ),
    "zip locked": ("a.zip", locked, "password"),
    "zip cut short": ("a.zip", lambda: zipped({"a.csv": TEXT})[:-30], "cut short"),
    "zip spoilt": ("a.zip", spoilt_zip, "damaged"),
    "zip of nothing": ("a.zip", partial(zipped, {}), "holds nothing"),
    "zip with a picture": (
        "a.zip", lambda: zipped({"a.csv": TEXT, "b.png": b"\1"}), "'b.png'",
    ),
    "zip with one name twice": ("a.zip", stored_twice, "two members of one name"),
    "spreadsheet spoilt": ("a.xlsx", lambda: b"PK\x03\x04" + TEXT, "damaged"),
    "spreadsheet locked": ("a.xlsx", lambda: b"\xd0\xcf\x11\xe0" + TEXT, "password"),
    "empty sheet": ("a.xlsx", partial(workbook, One=None), "is empty"),
    "two sheets": ("a.xlsx", lambda: workbook(One=ADDRESS, Two=ADDRESS), "'One', 'Two'"),
    "two sheets, no address": ("a.xlsx", lambda: workbook(One="x", Two="y"), "sheet="),
    "sheet without address": ("a.ods", lambda: ods((HEADER, ("1", CANARY))), "No address"),
    "Parquet cut short": ("a.parquet", lambda: parquet(pl.DataFrame({"e": [ADDRESS]}))[:-20],
        "damaged"),
    "Parquet without text": ("a.parquet", lambda: parquet(pl.DataFrame({"n": [1], "l": [[1]]})),
        "No address"),
    "Parquet without columns": ("a.parquet", lambda: parquet(pl.DataFrame()), "no column"),
    "no Parquet at all": ("a.parquet", lambda: TEXT, "what its name says"),
    "Arrow cut short": ("a.arrow", lambda: b"ARROW1\0\0" + TEXT, "damaged"),
    "a JSON array": ("a.jsonl", f'["{ADDRESS}"]\n'.encode, "JSON Lines"),
    "no JSON": ("a.jsonl", lambda: TEXT, "JSON Lines"),
    "a JSON array of addresses": ("a.json", f'["{ADDRESS}"]\n'.encode, "No JSON object"),
    "a JSON array cut short": (
        "a.json", f'[{{"email": "{ADDRESS}"}}, {{"email": "{ADDRESS}'.encode, "after 1 records",
    ),
    "a JSON array without an end": ("a.json", f'[{{"email": "{ADDRESS}"}}'.encode, "cut short"),
    "a JSON array, and more": ("a.json", f'[{{"e": "{ADDRESS}"}}]\n[]'.encode, "damaged"),
    "a JSON array without commas": ("a.json", f'[{{"e": "{ADDRESS}"}} 1]'.encode, "damaged"),
    "a JSON array too deep": ("a.json", lambda: b"[" * 100_000, "damaged"),
    "a JSON array of nothing": ("a.json", lambda: b" [ ] ", "No JSON object"),
    "a JSON array packed and cut short": (
        "a.json.gz", lambda: gzip.compress(b"[" + TEXT * 99)[:-9], "cut short",
    ),
    "Parquet packed and cut short": (
        "a.parquet.gz", lambda: gzip.compress(parquet_of_one())[:-9], "cut short",
    ),
    "Parquet cut short, then packed": (
        "a.parquet.gz", lambda: gzip.compress(parquet_of_one()[:-20]), "a.parquet.gz is damaged",
    ),
    "text packed as Parquet": ("a.zip", lambda: zipped({"b.parquet": TEXT}), "a.zip: b.parquet"),
    "spreadsheet packed, spoilt": (
        "a.zip", lambda: zipped({"b.xlsx": b"PK\x03\x04" + TEXT}), "a.zip: b.xlsx",
    ),
    "spreadsheet packed, locked": (
        "a.zip", lambda: zipped({"b.xlsx": b"\xd0\xcf\x11\xe0" + TEXT}), "password",
    ),
    "spreadsheet packed, two sheets": (
        "a.xlsx.gz", lambda: gzip.compress(workbook(One=ADDRESS, Two=ADDRESS)), "'One', 'Two'",
    ),
    "an archive in an archive": ("a.csv.gz", lambda: gzip.compress(zipped({"a.csv": TEXT})),
        "not a kind"),
    "nothing": ("a.jsonl", lambda: b"", "JSON Lines"),
    "a page": ("a.pdf", lambda: b"%PDF" + TEXT, "not a kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    """The message names the file and what is wrong, and holds no cell of it."""
    file, make, words = BROKEN[name]
    (tmp_path / file).write_bytes(make())
    with pytest.raises(InputError) as caught:
        prepare_audience(tmp_path / file)
    seen = "".join(traceback.format_exception(caught.value))
    assert words in str(caught.value)
    assert file in str(caught.value)
    assert CANARY not in seen.lower()


def test_a_sheet_may_be_picked(tmp_path: Path) -> None:
    """``sheet`` picks one; a name that is not there is refused with those that are."""
    (tmp_path / "a.xlsx").write_bytes(workbook(One=ADDRESS, Two="b@example.com", Three=None))
    rows = open_table(tmp_path / "a.xlsx", sheet="Two").rows("column_1").collect()
    assert rows["text"].to_list() == ["b@example.com"]
    for sheet, words in (("Four", "'One', 'Two', 'Three'"), ("Three", "is empty")):
        with pytest.raises(InputError, match=words):
            open_table(tmp_path / "a.xlsx", sheet=sheet)


def test_what_cannot_be_picked_is_refused(tmp_path: Path) -> None:
    """A sheet of a text, a member of a file and either of a frame are mistakes."""
    (tmp_path / "a.csv").write_bytes(TEXT)
    (tmp_path / "a.zip").write_bytes(zipped({"a.csv": TEXT}))
    with pytest.raises(InputError, match="no sheet"):
        open_table(tmp_path / "a.csv", sheet="One")
    with pytest.raises(InputError, match="no member"):
        open_table(tmp_path / "a.csv", member="One")
    with pytest.raises(InputError, match=r"no member 'b\.csv' \('a\.csv'\)"):
        open_table(tmp_path / "a.zip", member="b.csv")
    with pytest.raises(InputError, match="pick from a file"):
        open_table(pl.DataFrame({"email": [ADDRESS]}), sheet="One")


def test_rows_of_a_spreadsheet_have_its_numbers(tmp_path: Path) -> None:
    """Blank rows above and between the cells are counted, as the spreadsheet shows them."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cell in ((2, "email"), (3, ADDRESS), (5, "no"), (6, 61400000000)):
            sheet.write(row, 1, cell)
    rows = open_table(tmp_path / "a.xlsx").rows("email").collect()
    assert rows["row"].to_list() == [4, 5, 6, 7]
    assert rows["text"].to_list() == [ADDRESS, None, "no", "61400000000"]


def test_what_is_unpacked_is_private_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A packed Parquet file is laid out for its owner only, as long as its rows may be read."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(parquet_of_one()))
    rows = open_table(tmp_path / "a.parquet.gz").rows("e")
    gc.collect()
    (folder,) = place.iterdir()
    (file,) = folder.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (folder, file)] == [0o700, 0o600]
    assert rows.collect()["text"].to_list() == [ADDRESS]
    assert rows.select("text").collect()["text"].to_list() == [ADDRESS]
    del rows
    gc.collect()
    assert list(place.iterdir()) == []


def test_rows_whose_unpacked_file_was_removed_are_refused(tmp_path: Path) -> None:
    """A temporary folder that another program tidied up is an error, not an empty list."""
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(parquet_of_one()))
    folder = PassingFolder("unpacked")
    rows = kept_for(open_table(tmp_path / "a.parquet.gz").rows("e"), folder)
    folder.remove()
    with pytest.raises(InputError, match="removed by another program"):
        rows.collect()


@pytest.mark.parametrize("content", [lambda: parquet_of_one()[:-20], lambda: b"PAR1" + TEXT])
def test_nothing_is_left_of_what_could_not_be_read(
    content: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged file inside an archive leaves no unpacked copy of itself."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    (tmp_path / "a.zip").write_bytes(zipped({"a.parquet": content()}))
    with pytest.raises(InputError, match=r"a\.zip: a\.parquet is damaged"):
        prepare_audience(tmp_path / "a.zip")
    gc.collect()
    assert list(place.iterdir()) == []


def test_a_sheet_of_a_packed_spreadsheet_may_be_picked(tmp_path: Path) -> None:
    """``sheet`` and ``member`` work together; a sheet of a packed text is a mistake."""
    book = workbook(One=ADDRESS, Two="b@example.com")
    (tmp_path / "a.zip").write_bytes(zipped({"a.xlsx": book, "a.csv": TEXT}))
    table = open_table(tmp_path / "a.zip", member="*.xlsx", sheet="Two")
    assert table.rows("column_1").collect()["text"].to_list() == ["b@example.com"]
    with pytest.raises(InputError, match=r"a\.csv is no spreadsheet"):
        open_table(tmp_path / "a.zip", member="a.csv", sheet="Two")


def test_an_item_that_is_no_object_is_an_unreadable_row(tmp_path: Path) -> None:
    """Each item of an array is one row, counted from 1, whatever it is."""
    items = [
        {"email": ADDRESS}, 5, "x", ["y"], None, {"email": {"a": 1}}, {}, {"email": 5},
        {"email": "a\ud800@b.co"},
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(items), encoding="utf-8")
    rows = open_table(tmp_path / "a.json").rows("email").collect()
    assert rows["row"].to_list() == list(range(1, 10))
    assert rows.filter("unreadable")["row"].to_list() == [2, 3, 4, 5, 6, 9]
    assert rows["text"].to_list() == [ADDRESS, *[None] * 6, "5", None]


@pytest.mark.parametrize("piece", [1, 2, 7, 64])
def test_an_array_is_cut_anywhere_and_read_the_same(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a piece of the file ends, in a number, a letter or a blank, the items are whole."""
    items = [{"email": "zo\xeb@b.co", "n": 12345}, 12345, -1.5e10, True, None, '\U0001f600"]', [{}]]
    monkeypatch.setattr(json_arrays, "_PIECE_CHARACTERS", piece)
    for indent, ascii_only in ((None, True), (2, False)):
        text = json.dumps(items, indent=indent, ensure_ascii=ascii_only)
        (tmp_path / "a.json").write_text(f" \n{text}\n ", encoding="utf-8")
        (origin,) = unpacked(tmp_path / "a.json", None, member=None)
        assert json_arrays.is_array(origin)
        assert list(json_arrays.array_items(origin)) == items


def test_an_array_that_breaks_far_below_is_refused_while_it_is_read(tmp_path: Path) -> None:
    """A list is never prepared from the whole part of an array; the message holds no record."""
    records = ",".join(f'{{"email": "{CANARY}{n}@b.co"}}' for n in range(30_000))
    (tmp_path / "a.json").write_text(f'[{records}, {{"email": "{CANARY}', encoding="utf-8")
    with pytest.raises(InputError, match="after 30,000 records") as caught:
        prepare_audience(tmp_path / "a.json")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_json_line_that_is_none_is_an_unreadable_row(tmp_path: Path) -> None:
    """Each line is one row: blank, broken, nested and half characters are told apart."""
    lines = [
        f'{{"email": "{ADDRESS}"}}', "", "{", '["x"]', '{"email": {"a": 1}}',
        '{"email": "a\\ud800@b.co"}', '{"email": 5}', '{"other": 1}', '{"email": null}',
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    rows = open_table(tmp_path / "a.jsonl").rows("email").collect()
    assert rows["row"].to_list() == list(range(1, 10))
    assert rows.filter("unreadable")["row"].to_list() == [3, 4, 5, 6]
    assert rows["text"].to_list() == [ADDRESS, *[None] * 5, "5", None, None]


def test_a_missing_right_is_named(tmp_path: Path) -> None:
    """A file that cannot be opened says why."""
    (tmp_path / "a.csv").symlink_to("/proc/1/mem" if os.geteuid() else "/proc/self/mem")
    with pytest.raises(InputError, match="cannot be"):
        open_table(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("module", "extra"), [("fastexcel", "excel"), ("duckdb", "sql"), ("psycopg", "sql")]
)
def test_a_missing_extra_is_named(
    module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has not installed what a source needs is told what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "a.xlsx").write_bytes(workbook(One=ADDRESS))
    sources = {
        "fastexcel": tmp_path / "a.xlsx",
        "duckdb": Query("duckdb://", "SELECT 1"),
        "psycopg": Query("postgresql://host/db", "SELECT 1"),
    }
    with pytest.raises(InputError, match=f'install the extra "{extra}": `p'):
        open_table(sources[module])


def test_cells_that_are_no_text_are_unreadable_rows(tmp_path: Path) -> None:
    """Lists and bytes in a column file are rows that could not be read; numbers are text."""
    frame = pl.DataFrame({"l": [[1], None], "b": [b"\xff", None], "n": [1, None]})
    frame.write_parquet(tmp_path / "a.parquet")
    table = open_table(tmp_path / "a.parquet")
    for column, wanted in {"l": (None, True), "b": (None, True), "n": ("1", False)}.items():
        rows = table.rows(column).collect()
        assert rows.select("text", "unreadable").rows() == [wanted, (None, False)]
