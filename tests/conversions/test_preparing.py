from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract, hash_email
from rokt_helpers.conversions import PreparedConversions, prepare_conversions, preparing
from rokt_helpers.errors import Cancelled, ContractError, InputError
from rokt_helpers.identifiers import hash_attribute
from rokt_helpers.progress import Progress

ORDERS = """\
Order ID,E-mail,Total,Currency,Order date,SKUs,First name,Zip,Country,Phone,Notes
1,Ann@Example.com ,"$1,234.50",USD,2026-01-31 10:00,A1;B2,Ann,10014,US,(212) 555-0100,first
1,ann@example.com,12.00,usd,2026-01-31 10:00,,Ann,10014,US,,again
2,bob@example.com,12.00,EUR,2026-01-31 11:00,,Bob,10014-1234,US,,
3,,12.00,USD,2026-01-31 11:00,,Cat,10014,US,2125550100,
4,nobody,12.00,USD,2026-01-31 11:00,,Dev,10014,US,2125550100,
5,eve@example.com,-3,USD,2026-01-31 11:00,,Eve,10014,US,2125550100,
6,,3,USD,2026-01-31 11:00,,Fay,10014,US,,
,eve@example.com,€3,USD,2026-01-31 11:00,,Eve,10014,US,,
,,,,,,,,,,
,zoe@example.com,,,,,,,,,
"""
ZONE = "America/New_York"
# One bad cell for each attribute that has a rule, beside a person who is well known.
BAD_CELLS = {
    "email": ("nobody", "bad_email"), "emailsha256": ("abc", "bad_digest"),
    "rclid": ("a b", "bad_tracking_id"), "mobile": ("555", "bad_mobile"),
    "idfa": ("xyz", "bad_advertising_id"), "firstname": ("123", "bad_name"),
    "zipcode": ("ABC", "bad_zip"), "ipaddress": ("here", "bad_ip"),
    "country": ("USA", "bad_country"),
    "eventtime": ("yesterday", "bad_time"), "amount": ("abc", "bad_amount"),
    "currency": ("$$", "bad_currency"), "quantity": ("2.5", "bad_number"),
    "sku": ("a,b;c", "bad_sku_list"), "city": ("x ann@example.com", "address_in_text"),
}  # fmt: skip
GOOD_CELLS = {
    "email": "ann@example.com", "emailsha256": hash_email("ann@example.com"), "rclid": "abc",
    "mobile": "2125550100", "idfa": "EA7583CD-A667-48BC-B806-42ECB2B48606", "firstname": "Ann",
    "zipcode": "10014", "ipaddress": "192.0.2.1", "country": "US", "eventtime": "2026-01-31T10:00Z",
    "amount": "1.50", "currency": "USD", "quantity": "1", "sku": "a,b", "city": "Rome",
}  # fmt: skip


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def of_rows(rows: list[dict[str, Any]], **options: Any) -> PreparedConversions:
    return prepare_conversions(pl.DataFrame(rows), **options)


def test_a_list_of_orders(orders: Path) -> None:
    """Every row is accounted for, and what was found is said."""
    prepared = prepare_conversions(orders, time_zone=ZONE, defaults={"conversiontype": "purchase"})
    s = prepared.summary
    assert (s["rows_in"], s["accepted"], s["duplicates"], s["rejected"]) == (10, 4, 1, 5)
    assert s["rejected_by_reason"] == {
        "empty_row": 1, "bad_email": 1, "negative_amount": 1, "currency_conflict": 1,
        "no_identifier": 1,
    }  # fmt: skip
    assert s["defaults_used"] == {"conversiontype": 4}
    assert s["source"]["forms"] == {"Total": {"decimal": "."}}
    assert s["source"]["mapping"]["Notes"] is None
    assert prepared.rejected.fillna({"column": ""}).to_dict("list") == {
        "row": [6, 7, 8, 9, 10],
        "reason": [
            "bad_email",
            "negative_amount",
            "no_identifier",
            "currency_conflict",
            "empty_row",
        ],
        "column": ["E-mail", "Total", "", "Total", ""],
    }


def test_what_goes_on_is_hashed(orders: Path) -> None:
    """The columns are Rokt's, the digests those of audiences, the values of their types."""
    table = prepare_conversions(orders, time_zone=ZONE).table
    assert table.columns == [
        "row", "emailsha256", "mobilesha256", "firstnamesha256", "zipsha256", "zip4sha256",
        "country", "timestamp_unixtime_ms", "confirmationref", "amount", "currency", "sku",
    ]  # fmt: skip
    assert table.row(0, named=True) == {
        "row": 2,
        "emailsha256": hash_email("ann@example.com"),
        "mobilesha256": hash_attribute("mobile", "2125550100"),
        "firstnamesha256": hash_attribute("first_name", "Ann"),
        "zipsha256": hash_attribute("zip", "10014"),
        "zip4sha256": None,
        "country": "US",
        "timestamp_unixtime_ms": 1_769_871_600_000,
        "confirmationref": "1",
        "amount": "1234.5",
        "currency": "USD",
        "sku": ["A1", "B2"],
    }
    assert table["zip4sha256"].to_list()[1] == hash_attribute("zip4", "10014-1234")
    types = table.schema
    assert [types[name] for name in ("row", "timestamp_unixtime_ms", "sku")] == [
        pl.UInt32(), pl.Int64(), pl.List(pl.String())
    ]  # fmt: skip


def test_plain_keeps_what_was_read(orders: Path) -> None:
    """The address in its canonical form, as the Event and Audience API needs it."""
    prepared = prepare_conversions(orders, time_zone=ZONE, output="plain")
    first = prepared.table.row(0, named=True)
    assert (first["email"], first["mobile"], first["zipcode"]) == (
        "ann@example.com", "2125550100", "10014"
    )  # fmt: skip
    assert first["firstname"] == "Ann"
    assert not [name for name in prepared.table.columns if name.endswith("sha256")]


def test_nothing_shows_a_person(orders: Path) -> None:
    """Neither the object's forms, nor its summary, mapping and report hold a value of a cell."""
    prepared = prepare_conversions(orders, time_zone=ZONE)
    shown = f"{prepared!r}{prepared._repr_html_()}{prepared.summary}{prepared.mapping!r}"
    shown += prepared.rejected.to_string() + prepared.to_pandas().to_string()
    for word in ("example.com", "nobody", "Ann", "2125550100", "10014", "555-0100"):
        assert word not in shown
    assert repr(prepared) == (
        "<PreparedConversions 4 conversions from 10 rows: 1 duplicate, 5 rejected>"
    )


@pytest.mark.parametrize("column", BAD_CELLS)
def test_a_bad_cell_rejects_its_row_and_names_its_column(column: str) -> None:
    """However optional the value is: a hole nobody knows of is worse."""
    bad, reason = BAD_CELLS[column]
    rows = [GOOD_CELLS, GOOD_CELLS | {column: bad}, GOOD_CELLS | {column: ""}]
    prepared = of_rows(rows)
    assert prepared.table["row"].to_list() == [1, 3]
    assert prepared.rejected.to_dict("list") == {"row": [2], "reason": [reason], "column": [column]}


@pytest.mark.parametrize("column", ["email", "emailsha256", "rclid", "idfa", "mobile"])
def test_one_identifier_is_enough(column: str) -> None:
    """A row with that alone is a conversion; one with none is not."""
    row = {column: GOOD_CELLS[column], "country": "US", "amount": "1"}
    prepared = of_rows([row, row | {column: None}])
    assert prepared.table["row"].to_list() == [1]
    assert prepared.rejected["reason"].to_list() == ["no_identifier"]


def test_a_mobile_needs_a_country() -> None:
    """Its own, or the one that is given for all."""
    rows = [{"mobile": "2125550100", "amount": "1"}]
    assert of_rows(rows).summary["rejected_by_reason"] == {"no_identifier": 1}
    assert of_rows(rows, defaults={"country": "us"}).table["country"].to_list() == ["US"]


def test_a_value_and_its_digest_must_belong_together() -> None:
    """A row with the SHA-256 of another person is refused; one of both is enough."""
    ann, bob = hash_email("ann@example.com"), hash_email("bob@example.com")
    rows = [
        {"email": "ann@example.com", "emailsha256": ann},
        {"email": "ann@example.com", "emailsha256": bob},
        {"email": None, "emailsha256": bob}, {"email": "ann@example.com", "emailsha256": None},
    ]  # fmt: skip
    prepared = of_rows(rows)
    assert prepared.table["emailsha256"].to_list() == [ann, bob, ann]
    assert prepared.rejected["reason"].to_list() == ["digest_conflict"]


def test_the_first_of_each_purchase_is_kept() -> None:
    """Repeats are told by type and reference; without a reference there are none."""
    pairs = [("buy", "1"), ("buy", "1"), ("book", "1"), ("buy", None), ("buy", None), (None, "1"),
             (None, "1"), ("buy", "2"), ("buy", "1")]  # fmt: skip
    rows = [
        {"email": "ann@example.com", "conversiontype": a, "confirmationref": b} for a, b in pairs
    ]
    prepared = of_rows(rows)
    assert prepared.table["row"].to_list() == [1, 3, 4, 5, 6, 8]
    assert prepared.summary["duplicates"] == 3


def test_a_rejected_row_makes_no_duplicate() -> None:
    """The repeat of a row that was no conversion is the first of its purchase."""
    rows = [{"email": e, "confirmationref": "1"} for e in ("nobody", "ann@example.com", "b@b.co")]
    assert of_rows(rows).table["row"].to_list() == [2]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ann@example.com", "x", "", None]),
            st.sampled_from(["1", "2", None]),
            st.sampled_from(["1.50", "-1", "abc", "1,50", None]),
        ),
        max_size=30,
    )
)
def test_the_sums_of_any_list_add_up(rows: list[tuple[str | None, ...]]) -> None:
    """Each row is a conversion, a duplicate, or has one reason of the closed set."""
    first = ("zoe@example.com", None, "9.99")
    table = pl.DataFrame(
        [first, first, *rows],
        schema=dict.fromkeys(("email", "order_id", "amount"), pl.String),
        orient="row",
    )
    mapping = {"email": "email", "amount": "amount"}  # whatever is in them
    prepared = prepare_conversions(table, decimal=".", mapping=mapping)
    s = prepared.summary
    assert s["rows_in"] == len(rows) + 2 == s["accepted"] + s["duplicates"] + s["rejected"]
    assert {*prepared.rejected["reason"]} <= {*contract.CONVERSION_REASONS}
    numbers = [*prepared.table["row"], *prepared.rejected["row"]]
    assert len(numbers) == len({*numbers}) == s["rows_in"] - s["duplicates"]


def test_batches_make_no_difference(orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcome is the same whether a list is judged whole or two rows at a time."""
    whole = prepare_conversions(orders, time_zone=ZONE)
    monkeypatch.setattr(preparing, "_BATCH_ROWS", 2)
    parts = prepare_conversions(orders, time_zone=ZONE)
    assert parts.table.equals(whole.table)
    assert parts.rejected.equals(whole.rejected)


def test_a_default_fills_what_is_missing() -> None:
    """Only there, and it is counted; a bad one, or one for a person, is refused."""
    rows: list[dict[str, Any]] = [
        {"email": "a@b.co", "currency": "EUR"}, {"email": "b@b.co", "currency": None}
    ]  # fmt: skip
    prepared = of_rows(rows, defaults={"currency": "usd", "amount": "1.50"})
    assert prepared.table["currency"].to_list() == ["EUR", "USD"]
    assert prepared.summary["defaults_used"] == {"amount": 2, "currency": 1}
    for wrong in ({"currency": "US$"}, {"email": "a@b.co"}, {"firstname": "x"}, {"colour": "red"}):
        with pytest.raises(InputError, match=r"default"):
            of_rows(rows, defaults=wrong)


def test_a_list_of_nothing_is_a_list(tmp_path: Path) -> None:
    """A file of a header alone has no conversions, and columns all the same."""
    path = tmp_path / "none.csv"
    path.write_text("email,amount\n", encoding="utf-8")
    prepared = prepare_conversions(path)
    assert (len(prepared), prepared.summary["rows_in"]) == (0, 0)
    assert prepared.to_pandas().columns.to_list() == ["row", "emailsha256", "amount"]


def test_rows_that_cannot_be_read_and_headers_inside_have_their_reason(tmp_path: Path) -> None:
    """They come before what is in the cells."""
    path = tmp_path / "odd.csv"
    path.write_text("email,amount\na@b.co,1\nemail,amount\nb@b.co,2,3\n", encoding="utf-8")
    prepared = prepare_conversions(path)
    assert prepared.rejected["reason"].to_list() == ["repeated_header", "unreadable"]


def test_several_files_are_one_list(tmp_path: Path) -> None:
    """A purchase that is in two of them is one, and each row keeps its file."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(
            "email,order_id\na@b.co,1\nnobody,2\n", encoding="utf-8"
        )
    prepared = prepare_conversions(tmp_path / "*.csv")
    assert prepared.table.select("file", "row").rows() == [("a.csv", 2)]
    assert prepared.rejected["file"].to_list() == ["a.csv", "b.csv"]


def test_pandas_and_json_are_sources_too(tmp_path: Path) -> None:
    """Numbers keep their digits, times their zone."""
    moment = pd.Timestamp("2026-01-31T10:00:00Z")
    frame = pd.DataFrame({"email": ["a@b.co"], "amount": [49.99], "eventtime": [moment]})
    row = prepare_conversions(frame).table.row(0, named=True)
    assert (row["amount"], row["timestamp_unixtime_ms"]) == ("49.99", 1_769_853_600_000)
    path = tmp_path / "orders.jsonl"
    path.write_text('{"email": "a@b.co", "amount": 49.9, "sku": "[\\"x\\"]"}\n', encoding="utf-8")
    row = prepare_conversions(path).table.row(0, named=True)
    assert (row["amount"], row["sku"]) == ("49.9", ["x"])


def test_whole_numbers_in_a_column_of_floats_have_no_point(tmp_path: Path) -> None:
    """As pandas makes them where one is missing; beyond what a float can hold they are refused."""
    ids = [1001.0, None, 12345678901234567.0, 1004.5]
    frame = pd.DataFrame({"email": [f"{n}@b.co" for n in range(4)], "order_id": ids, "sku": 12.0})
    frame.to_parquet(tmp_path / "orders.parquet")
    nullable = frame.astype({"order_id": "Float64", "sku": "Float64"})
    for source in (frame, nullable, pl.from_pandas(frame), tmp_path / "orders.parquet"):
        prepared = prepare_conversions(source)
        assert prepared.table["confirmationref"].to_list() == ["1001", None, "1004.5"]
        assert prepared.table["sku"].to_list() == [["12"]] * 3
        assert prepared.rejected.to_dict("list") == {
            "row": [3], "reason": ["bad_number"], "column": ["order_id"]
        }  # fmt: skip


def test_amounts_that_were_computed_are_read() -> None:
    """Floats have a point, whatever the text of other columns has, and decimals without meaning."""
    amounts = [0.1 * 3, 10 * 1.2, 20 / 3, 12.125, 1234.0, 1e-17]
    frame = pd.DataFrame({"email": [f"{n}@b.co" for n in range(6)], "total": amounts})
    wished: tuple[dict[str, Any], ...] = ({}, {"decimal": ","})
    for options in wished:
        prepared = prepare_conversions(frame, **options)
        assert prepared.table["amount"].to_list() == [
            "0.3", "12", "6.6666666667", "12.125", "1234", "0"
        ]  # fmt: skip
    assert prepare_conversions(frame[3:5]).table["amount"].to_list() == ["12.125", "1234"]


ASKED = [
    ({"eventtime": ["2026-01-31 10:00"]}, r"name no time zone.*time_zone='America/New_York'"),
    ({"eventtime": ["02/03/2026 10:00 Z"]}, r"read in two ways.*date_order='dmy'"),
    ({"amount": ["1,234"]}, r"read in two ways.*decimal='\.'"),
]


@pytest.mark.parametrize(("columns", "question"), ASKED)
def test_ambiguity_asks(columns: dict[str, list[str]], question: str) -> None:
    """The error names the column and says what to pass; passing it is enough."""
    table = pl.DataFrame({"email": ["a@b.co"], **columns})
    with pytest.raises(InputError, match=question) as asked:
        prepare_conversions(table)
    assert repr(next(iter(columns))) in str(asked.value)
    prepared = prepare_conversions(table, time_zone="UTC", date_order="dmy", decimal=".")
    assert len(prepared) == 1


def test_what_was_not_ambiguous_at_first_is_rejected_later() -> None:
    """Beyond the first rows nobody can be asked, so nothing is guessed there either."""
    count = 10_000
    table = pl.DataFrame(
        {
            "email": ["a@b.co"] * (count + 1),
            "amount": ["5"] * count + ["1,234"],
            "eventtime": ["2026-01-31T10:00Z"] * count + ["02/03/2026"],
        }
    )
    first = {"row": [count + 1], "reason": ["ambiguous_date"], "column": ["eventtime"]}
    assert prepare_conversions(table).rejected.to_dict("list") == first
    second = prepare_conversions(table.drop("eventtime")).rejected["reason"].to_list()
    assert second == ["ambiguous_amount"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"output": "md5"}, "output is 'sha256' or 'plain', not 'md5'"),
    ({"date_order": "ymd"}, "date_order is None or 'dmy' or 'mdy'"),
    ({"decimal": ";"}, r"decimal is None or '\.' or ','"),
    ({"time_zone": "Mars/X"}, "There is no time zone 'Mars/X'"),
    ({"mapping": {"email": "mail"}}, "Rokt has no conversion attribute 'mail'"),
    ({"mapping": {"mail": "email"}}, "names a column 'mail'"),
    ({"mapping": {"email": None}}, "No column of the source says who bought"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_a_wrong_call_says_what_is_right(options: dict[str, Any], said: str) -> None:
    """Nothing is read then."""
    with pytest.raises(InputError, match=said):
        of_rows([{"email": "a@b.co"}], **options)


def test_whoever_watches_hears_of_it_and_may_stop(orders: Path) -> None:
    """Readings run from nothing to all rows; a stop sign stops it."""
    heard: list[Progress] = []
    prepare_conversions(orders, time_zone=ZONE, progress=heard.append)
    assert (heard[0].done, heard[-1].done, heard[-1].total) == (0, 10, 10)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled, match="Nothing was written"):
        prepare_conversions(orders, time_zone=ZONE, cancel=stop)


def test_sums_that_do_not_add_up_are_a_bug(orders: Path) -> None:
    """The object proves its sums when it is made."""
    prepared = prepare_conversions(orders, time_zone=ZONE)
    with pytest.raises(ContractError, match="please report it"):
        dataclasses.replace(prepared, summary={**prepared.summary, "rows_in": 11})
