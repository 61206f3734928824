# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import hashlib
import random
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.reading import REJECT_REASONS, read_referrals
from rokt_helpers.referrals.tidy import SCHEMA
from tests.referrals.downloads import delivered

DIGEST = hashlib.sha256(b"ann@example.com").hexdigest()


def column(name: str, *cells: object, **others: object) -> pl.Series:
    """The tidy column made from these cells, beside other columns that are the same throughout."""
    rows = [(cell, *others.values()) for cell in cells]
    return read_referrals(delivered(*rows, header=(name, *others))).table[name]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("43765.07083", datetime(2019, 10, 27, 1, 42)),
        ("43765", datetime(2019, 10, 27)),
        ("2019-10-27", datetime(2019, 10, 27)),
        ("2019-10-27 01:42", datetime(2019, 10, 27, 1, 42)),
        ("2019-10-27T01:42:05", datetime(2019, 10, 27, 1, 42, 5)),
        ("2019-10-27T01:42:05Z", datetime(2019, 10, 27, 1, 42, 5)),
        ("2019-10-27T01:42:05+10:00", datetime(2019, 10, 26, 15, 42, 5)),
    ],
)
def test_dates_are_read(cell: str, moment: datetime) -> None:
    """Spreadsheet numbers and ISO text give the moment to the second; a named zone gives UTC."""
    assert column("referred_at", cell).to_list() == [moment]


@pytest.mark.parametrize("cell", ["27/10/2019", "2019", "1572140520", "nan", "2019-13-01", "soon"])
def test_other_dates_reject_the_row(cell: str) -> None:
    """What might be one of two days, or no day at all, is rejected rather than guessed."""
    read = read_referrals(delivered((cell, "x"), header=("Date/time", "State")))
    assert read.rejected.rows() == [(2, "bad_date")]


@pytest.mark.parametrize(
    ("name", "cell"),
    [("Age", "2.5"), ("Age", "-1"), ("Bid price", "2,50"), ("Bid price", "nan"), ("Age", "old")],
)
def test_bad_numbers_reject_the_row(name: str, cell: str) -> None:
    """An age or bid price that is no plain number is rejected, so that no sum is wrong."""
    read = read_referrals(delivered((cell, "x"), header=(name, "State")))
    assert read.rejected.rows() == [(2, "bad_number")]


def test_long_ids_keep_every_digit() -> None:
    """A 19-digit audience id is text; as a number it would end in other digits."""
    assert column("audience_id", "2581697744617019994").to_list() == ["2581697744617019994"]


def test_an_id_a_spreadsheet_has_cut_short_is_noted() -> None:
    """An id in scientific notation has lost its digits, and the notes say so."""
    read = read_referrals(delivered(("2.5817E+18",), header=("Audience ID",)))
    assert any("cut short: 1" in note for note in read.notes)


def test_american_postal_codes_get_their_zeros_back() -> None:
    """Leading zeros are put back for the United States only."""
    for country, code in (("USA", "00501"), ("United States", "00501"), ("Australia", "501")):
        assert column("postal_code", "501", country=country).to_list() == [code]


def test_gender_codes_become_labels() -> None:
    """M and F, and the labels in any case, become Male and Female; other words stay."""
    cells = column("gender", "M", "f", "male", "Other", "")
    assert cells.to_list() == ["Male", "Female", "Male", "Other"]


def test_addresses_and_digests_give_the_same_person() -> None:
    """An address, its spellings and its digest in either case are one; rubbish is null."""
    cells = ("ann@example.com", " Ann@Example.COM ", DIGEST.upper(), "ann at home", "0" * 63)
    read = read_referrals(delivered(*((c, "x") for c in cells), header=("Email", "State")))
    assert read.table["email_sha256"].to_list() == [DIGEST, DIGEST, DIGEST, None, None]


def test_headers_are_understood_in_any_spelling() -> None:
    """Display names in any case, our own names, and known variants name the same columns."""
    for header in (("DATE/TIME", "audience name"), ("referred_at", "Audience"), ("Date Time",) * 1):
        cells = ("2019-10-27", "x")[: len(header)]
        table = read_referrals(delivered(cells, header=header)).table
        assert table["referred_at"].null_count() == 0


def test_every_table_has_the_same_columns() -> None:
    """Missing columns are null and named, unknown ones are kept as text and named."""
    read = read_referrals(delivered(("CA", "gold"), header=("State", "Loyalty tier")))
    assert read.table.columns == ["row", *SCHEMA, "extra_loyalty_tier"]
    assert read.table["campaign"].to_list() == [None]
    assert "Columns Rokt's list does not name: extra_loyalty_tier." in read.notes
    assert any("not delivered" in note and "bid_price" in note for note in read.notes)


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    """The header is row 1, and a blank line has a number but is no row."""
    content = b"State,Age\nCA,30\n\nNY,old\nTX,40,too many\n"
    read = read_referrals(content)
    assert read.table["row"].to_list() == [2]
    assert read.rejected.rows() == [(4, "bad_number"), (5, "unreadable")]
    assert read.rows_in == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found(encoding: str, delimiter: str) -> None:
    """The same rows come out whatever the file was written with."""
    text = f"State{delimiter}Suburb\nNSW{delimiter}Zürich\n"
    assert read_referrals(text.encode(encoding)).table["suburb"].to_list() == ["Zürich"]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04\x00\x00zip",
        b"a,b\n1,2\n",
        b"ann@example.com,Ann\nbob@example.com,Bob\n",
        b'State,Suburb\nCA,"never closed\nNY,x\n',
        b"\xff\xfeS",
    ],
    ids=["zip", "unknown header", "no header", "cut off", "half a character"],
)
def test_what_is_no_referral_file_is_refused(content: bytes) -> None:
    """A file that cannot be trusted is refused as a whole, and its text is not repeated."""
    with pytest.raises(InputError) as refusal:
        read_referrals(content)
    assert "ann" not in str(refusal.value).lower().replace("cannot", "")


def test_an_empty_file_holds_no_rows(tmp_path: Path) -> None:
    """A day without referrals may be a file without a byte, and a path may be given."""
    path = tmp_path / "empty.csv"
    path.touch()
    read = read_referrals(path)
    assert (read.rows_in, read.notes[0]) == (0, "The file is empty.")


def test_unknown_columns_that_may_be_personal_are_left_out() -> None:
    """By its name or by what is in it, a column may be personal; then it is not kept."""
    header = ("State", "Contact phone", "Notes", "Tier")
    content = delivered(("CA", "5550100", "call ann@example.com", "gold"), header=header)
    assert [c for c in read_referrals(content).table.columns if c[:5] == "extra"] == ["extra_tier"]
    kept = read_referrals(content, personal="keep").table
    assert kept["extra_contact_phone"].to_list() == ["5550100"]


def test_personal_columns_can_be_kept() -> None:
    """With personal="keep" the delivered cells stand beside the digest; birthdays become ISO."""
    header = ("Email", "First name", "Birth date", "Age")
    content = delivered(("ann@example.com", "Ann", "33569", "27"), header=header)
    row = read_referrals(content, personal="keep").table.row(0, named=True)
    found = [row[name] for name in ("email", "first_name", "birth_date", "email_sha256")]
    assert found == ["ann@example.com", "Ann", "1991-11-27", DIGEST]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["43765.07083", "2019-10-27", "27/10/2019", "", "x"]),
            st.sampled_from(["1.5", "", "nan", "2,5", "-1"]),
            st.sampled_from(["30", "2.5", ""]),
            st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8),
        )
    )
)
def test_every_row_is_in_one_place(rows: list[tuple[str, str, str, str]]) -> None:
    """Whatever is in the cells, each row is in the table or rejected with one known reason."""
    header = ("Date/time", "Bid price", "Age", "Suburb")
    # A mark in the last column keeps a row of blanks a row.
    marked = [(*cells[:3], f"-{cells[3]}") for cells in rows]
    read = read_referrals(delivered(*marked, header=header))
    numbers = [*read.table["row"], *read.rejected["row"]]
    assert sorted(numbers) == list(range(2, len(rows) + 2))
    assert set(read.rejected["reason"]) <= set(REJECT_REASONS)


def test_many_rows_are_read_in_their_order() -> None:
    """Ten thousand rows come out in the order they were delivered."""
    ages = random.Random(3).choices(range(100), k=10_000)
    assert column("age", *ages, state="CA").to_list() == ages
