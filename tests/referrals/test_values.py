"""Columns of few different texts are judged text by text, and nobody can tell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.referrals.reading import DeliveredRows, read_referrals
from rokt_helpers.referrals.rows import open_parts
from rokt_helpers.referrals.values import any_value, as_text, each_value

ROWS = 15_000
HEADER = (
    "Date/time", "Audience ID", "Country", "ZIP/postal code", "Gender", "Age", "Bid price",
    "Source", "Tier", "Email",
)  # fmt: skip
# What a column holds in turn; each has few texts, of every kind that is treated otherwise.
KINDS = (
    ("2026-10-01 09:30:00", "46296.5", "2026-10-01T09:30:00+11:00", "", "soon", "2026-10-02"),
    ("2581697744617019994", "2.58E+18", " 17 "),
    ("United States", "Australia", "", "usa"),
    ("2139", " 501", "SW1A 1AA", ""),
    ("M", " f", "Female", "none", ""),
    ("30", "31.0", "old", "200", ""),
    ("1.25", " 2 ", "nan", "", "0.5"),
    ("Confirmation page", "somebody@example.com", '"quoted" words', " ", "a, b"),
    ("gold", "who@example.com"),
    ("One@Example.com ", "two@example.com", "no address", ""),
)


def row(number: int) -> list[str]:
    """The row of this number; the columns turn at different speeds."""
    return [kind[number // (3 + place) % len(kind)] for place, kind in enumerate(KINDS)]


def delivered(rows: list[list[str]], header: tuple[str, ...] = HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def in_parts(rows: list[list[str]], header: tuple[str, ...] = HEADER) -> list[DeliveredRows]:
    """The same rows in files so small that no column is taken for one of few texts."""
    starts = range(0, len(rows), 1_000)
    return [read_referrals(delivered(rows[start : start + 1_000], header)) for start in starts]


@pytest.mark.parametrize("left_out", [(), ("Tier",), ("Source", "Tier", "Date/time")])
def test_a_large_file_is_read_as_its_parts_are(left_out: tuple[str, ...]) -> None:
    """Cells, rejected rows and what the notes count are the same, however the file is read."""
    kept = [place for place, name in enumerate(HEADER) if name not in left_out]
    header = tuple(HEADER[place] for place in kept)
    rows = [[cells[place] for place in kept] for cells in map(row, range(ROWS))]
    assert len(delivered(rows, header)) > 600_000
    whole, parts = read_referrals(delivered(rows, header)), in_parts(rows, header)
    together = pl.concat([part.table for part in parts]).drop("row")
    assert whole.table.drop("row").equals(together)
    assert whole.table.schema == parts[0].table.schema
    assert not any(isinstance(kind, pl.Categorical) for kind in whole.table.dtypes)
    reasons = [reason for part in parts for reason in part.rejected["reason"]]
    assert whole.rejected["reason"].to_list() == reasons
    assert counted(whole) == sum_of([counted(part) for part in parts])


def test_columns_of_few_texts_are_told_from_others(tmp_path: Path) -> None:
    """In a large file they are read as such; dates that all differ stay text, as all in a small."""
    rows = [[f"{number}", *row(number)[1:]] for number in range(ROWS)]
    for count, few in ((ROWS, len(HEADER) - 1), (1_000, 0)):
        path = tmp_path / f"{count}.csv"
        path.write_bytes(delivered(rows[:count]))
        (part,) = open_parts(path)
        kinds = next(part.batches()).dtypes
        assert sum(isinstance(kind, pl.Categorical) for kind in kinds) == few


def counted(rows: DeliveredRows) -> dict[str, int]:
    """What the notes count, by their words."""
    found = [re.match(r"(.*?)([\d,]+)(?:\.| \()", note) for note in rows.notes]
    return {hit[1]: int(hit[2].replace(",", "")) for hit in found if hit}


def sum_of(counts: list[dict[str, int]]) -> dict[str, int]:
    names = {name for count in counts for name in count}
    return {name: sum(count.get(name, 0) for count in counts) for name in names}


def test_a_column_that_turns_out_diverse_is_read_all_the_same() -> None:
    """A column that begins with one text and then never repeats itself keeps every cell."""
    sources = ["page"] * 9_000 + [f"page {number}" for number in range(9_000)]
    rows = [["2026-10-01 09:30:00", source, "x" * 40] for source in sources]
    table = read_referrals(delivered(rows, ("Date/time", "Source", "Browser"))).table
    assert table["source"].to_list() == sources


texts = st.lists(st.none() | st.sampled_from(["", " ", "a", "A ", "é", "10", "@"]), max_size=30)
READERS: list[Callable[[pl.Series], pl.Series]] = [
    lambda cells: cells.str.strip_chars(),
    lambda cells: cells.cast(pl.Float64, strict=False),
    lambda cells: cells.str.contains("a", literal=True),
]


@pytest.mark.parametrize("read", READERS)
@given(cells=texts, others=texts)
def test_each_value_is_each_cell(
    read: Callable[[pl.Series], pl.Series], cells: list[str | None], others: list[str | None]
) -> None:
    """What is made of the different texts is what is made of the cells, nulls and none too."""
    kind = pl.Categorical(pl.Categories.random())
    other = pl.Series("other", others, dtype=pl.String).cast(kind)
    plain = pl.Series("cells", cells, dtype=pl.String)
    few = plain.cast(kind)
    assert each_value(few, read).equals(read(plain), check_names=True, check_dtypes=True)
    assert as_text(pl.DataFrame([few]))["cells"].equals(plain, check_dtypes=True)
    assert len(other) == len(others)


@given(cells=texts, others=texts)
def test_a_text_of_another_column_counts_for_nothing(
    cells: list[str | None], others: list[str | None]
) -> None:
    """Whether any cell passes a test is asked of the cells, not of all texts the file has."""
    kind = pl.Categorical(pl.Categories.random())
    other = pl.Series("other", [*others, "@"], dtype=pl.String).cast(kind)
    few = pl.Series("cells", cells, dtype=pl.String).cast(kind)
    assert any_value(few, lambda found: found.str.contains("@", literal=True)) == ("@" in cells)
    assert any_value(other, lambda found: found == "@")
