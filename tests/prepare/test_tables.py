from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rokt_helpers import prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.tables import open_table
from tests.prepare import reference
from tests.prepare.zoo import GOOD

PROPERTY = settings(max_examples=80, derandomize=True, deadline=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("name", GOOD)
def test_an_awkward_file_is_read_as_a_spreadsheet_shows_it(name: str, tmp_path: Path) -> None:
    """Each row comes out once, with its number; each address is accepted, in order."""
    animal = GOOD[name]
    prepared = prepare_audience(animal.put(tmp_path), output="plain")
    assert prepared.to_pandas()["email"].tolist() == list(animal.accepted)
    assert list(prepared.rejected.itertuples(index=False, name=None)) == list(animal.rejected)
    assert prepared.summary["rows_in"] == animal.rows
    assert prepared.summary["source"].items() >= dict(animal.found).items()
    assert prepared.summary["source"]["name"] == "my list.csv"


@pytest.mark.parametrize("name", GOOD)
def test_a_file_named_otherwise_is_the_same(name: str, tmp_path: Path) -> None:
    """The content decides, not whether the name ends in .csv, .tsv or .TXT."""
    animal = GOOD[name]
    for suffix in (".tsv", ".TXT"):
        prepared = prepare_audience(str(animal.put(tmp_path, f"list{suffix}")))
        assert len(prepared) == len(animal.accepted)


@pytest.mark.parametrize(
    ("header", "rows", "column"), [(True, 1, "first"), (False, 2, "column_1"), (None, 1, "first")]
)
def test_a_person_may_know_better_about_the_header(
    header: bool | None, rows: int, column: str, tmp_path: Path
) -> None:
    """``header`` overrules the look of the first row, which is then a row or a name."""
    (tmp_path / "list.txt").write_text("first\nann@example.com\n", encoding="utf-8")
    summary = prepare_audience(tmp_path / "list.txt", header=header).summary
    assert (summary["rows_in"], summary["source"]["column"]) == (rows, column)


CELLS = st.lists(
    st.sampled_from([*" \t\n\",;|'@.x", "ann@example.com", "\r\n", "é", "\u2028", "\0", "\ufeff"]),
    max_size=6,
).map("".join)


@PROPERTY
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    blank=st.integers(0, 2),
)
def test_what_was_written_is_read(
    rows: list[tuple[str, str]], delimiter: str, line_end: str, encoding: str, blank: int,
    folder: Path,
) -> None:  # fmt: skip
    """Any cells, written quoted with any delimiter, line end and encoding, come back counted."""
    cells = [("ann@example.com", "first"), *rows]
    path = folder / "written.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        stream.write(line_end * blank)
        writer = csv.writer(
            stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL
        )
        writer.writerows([("email", "note"), *cells])
    prepared = prepare_audience(path, column="email", output="plain")
    faults = [reference.fault(reference.canonical(email)) for email, _ in cells]
    wanted = [(row, fault) for row, fault in enumerate(faults, start=blank + 2) if fault]
    assert list(prepared.rejected.itertuples(index=False, name=None)) == wanted
    assert prepared.summary["rows_in"] == len(cells)
    good = dict.fromkeys(reference.canonical(email) for email, _ in cells)
    assert prepared.to_pandas()["email"].tolist() == [c for c in good if not reference.fault(c)]


TOKENS = st.lists(
    st.sampled_from(["a@b.co", "x", *",, \n\n", '"', '""', '"q,r"', '"q\nr"', "\r\n"]),
    max_size=14,
).map("".join)  # fmt: skip


@settings(PROPERTY, max_examples=300)
@given(body=TOKENS, mac=st.booleans(), column=st.integers(0, 1))
def test_rubbish_is_cut_like_the_standard_library_cuts_it(
    body: str, mac: bool, column: int, folder: Path
) -> None:
    """However quotes and line ends are strewn, fast and forgiving reading find the same rows."""
    path = folder / "rubbish.csv"
    text = "email,note\nann@example.com,1\n" + (body.replace("\n", "\r") if mac else body)
    path.write_bytes(text.encode())
    try:
        table = open_table(path, header=True)
        assume(table.facts.columns == ("email", "note"))
        rows = table.rows(("email", "note")[column]).drop("repeated_header").collect()
    except InputError:
        assert text.count('"') % 2 == 1
        return
    wanted = [
        (number, row[column] if column < len(row) else "", any(cell.strip() for cell in row[2:]))
        for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), start=1)
    ]
    assert rows.with_columns(pl.col("text").fill_null("")).rows() == wanted[1:]


FAR = 12_000  # below the sample, where only the whole file shows what it is


@pytest.mark.parametrize(
    ("stray", "rows", "accepted", "reason"),
    [
        ('cat@example.com,5" screen', 1, 1, None),
        ('cat@example.com,5"\ndog@example.com,6"', 2, 2, None),
        ("cat@example.com,5\rdog@example.com,6", 2, 2, None),
        ('cat@example.com,"5\n6"', 1, 1, None),
        ("cat@example.com,5,6", 1, 0, "unreadable"),
        ("cat@example.com,5,,6", 1, 0, "unreadable"),
        ("\n\n", 3, 0, "empty"),
        ("cat@example.com", 1, 1, None),
    ],
)
def test_what_goes_wrong_far_below_is_noticed(
    stray: str, rows: int, accepted: int, reason: str | None, tmp_path: Path
) -> None:
    """A single odd row far below the sample neither swallows its neighbours nor slips through."""
    many = "ann@example.com,1\n" * FAR
    text = f"email,n\n{many}{stray}\nzoe@example.com,2\n"
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    prepared = prepare_audience(tmp_path / "list.csv")
    assert prepared.summary["rows_in"] == FAR + rows + 1
    assert prepared.summary["accepted"] == 2 + accepted
    assert set(prepared.rejected["reason"]) == ({reason} if reason else set())
    assert set(prepared.rejected["row"]) <= set(range(FAR + 2, FAR + 2 + rows))
