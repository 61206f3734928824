from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers import contract, hash_email, normalise_email
from rokt_helpers.conversions.attributes import Kind
from rokt_helpers.conversions.values import filled, reading
from tests.conversions import reference

many = settings(max_examples=100, derandomize=True, deadline=None)


def read(kind: Kind, texts: list[str | None], *, plain: bool = False) -> list[tuple[Any, Any]]:
    cells = pl.DataFrame({"cell": texts}, schema={"cell": pl.String})
    said = cells.select(reading(kind, filled(pl.col("cell")), plain=plain)).to_series()
    return [(one["value"], one["fault"]) for one in said.to_list()]


@many
@given(st.text("uUsSdDeErR ", max_size=5))
def test_currencies_and_their_twin_agree(text: str) -> None:
    """A code is one of ISO 4217 in capitals, whatever it was written in."""
    value, fault = read("currency", [text])[0]
    assert value == reference.currency(text)
    assert (fault == "bad_currency") == (bool(text.strip()) and value is None)


def test_codes_of_countries_and_currencies() -> None:
    """Names, signs, metals and codes that people invent are none."""
    assert read("country", ["us", "UK", "NA", "USA"]) == [
        ("US", None), (None, "bad_country"), ("NA", None), (None, "bad_country")
    ]  # fmt: skip
    faults = [fault for _, fault in read("currency", ["$", "XAU", "XXX", "US Dollar", "eur"])]
    assert faults == ["bad_currency"] * 4 + [None]
    assert (len(contract.COUNTRIES), len(contract.CURRENCIES)) == (249, 154)


@pytest.mark.parametrize("word", [*contract.EMPTY_WORDS, "  ", "\N{NO-BREAK SPACE}", None])
def test_words_for_no_value_are_empty(word: str | None) -> None:
    """A cell that exports write for "nothing" is neither a value nor a fault."""
    for kind in ("email", "amount", "text", "moment", "skus"):
        assert read(kind, [word]) == [(None, None)]


@many
@given(st.text("aA@.bc -\N{ZERO WIDTH SPACE}é", max_size=12))
def test_addresses_are_those_of_audiences(text: str) -> None:
    """The same expressions decide, so the same person has the same digest in both rooms."""
    address = normalise_email(text)
    value, fault = read("email", [text])[0]
    assert value == address
    assert fault == ("bad_email" if address is None and filled_text(text) else None)
    assert (hash_email(text) is None) == (value is None)


def filled_text(text: str) -> bool:
    return bool(text.strip(contract.WHITE_SPACE + contract.INVISIBLE))


SKUS = {
    "A1,B2": ["A1", "B2"], "A1; B2 ;": ["A1", "B2"], "A|B||C": ["A", "B", "C"], "one": ["one"],
    "two words, three": ["two words", "three"], '["x", " y "]': ["x", "y"],
    "[1, 2.50]": ["1", "2.50"],
}  # fmt: skip


@pytest.mark.parametrize("text", SKUS)
def test_lists_of_articles(text: str) -> None:
    """One separator or a JSON array; blank items are left out, numbers keep their digits."""
    assert read("skus", [text, "A,B", None]) == [
        (SKUS[text], None),
        (["A", "B"], None),
        (None, None),
    ]


@pytest.mark.parametrize("text", ["A,B;C", ",,", "[]", '[{"a": 1}]', "[true]", "[1,", "[NaN]"])
def test_what_is_no_list(text: str) -> None:
    """Two separators, nothing but separators, or JSON of something else."""
    assert read("skus", [text]) == [(None, "bad_sku_list")]


@many
@given(st.lists(st.text("AB1- ", min_size=1).filter(lambda t: bool(t.strip())), min_size=1))
def test_json_and_separators_say_the_same(items: list[str]) -> None:
    """A list has the same items however it was written."""
    wanted = [item.strip() for item in items]
    for text in (json.dumps(items), "|".join(items), ";".join(items)):
        assert read("skus", [text]) == [(wanted, None)]


def test_whole_numbers_and_ages() -> None:
    """A spreadsheet's zero goes; fractions, signs and ages of nobody are faults."""
    assert [value for value, _ in read("whole", ["3.0", "007", "0"])] == ["3", "7", "0"]
    assert {fault for _, fault in read("whole", ["-1", "2.5", "1e3", "9999999999"])} == {
        "bad_number"
    }
    assert read("age", ["34", "130"]) == [("34", None), (None, "bad_number")]


def test_a_number_that_lost_digits_is_no_text() -> None:
    """What a float or a spreadsheet makes of a long number is not what the shop wrote."""
    lost: list[str | None] = ["1.2345678901234568e+16", "1.23457E+16", "9007199254740994.0"]
    for kind in ("text", "skus"):
        assert read(kind, lost) == [(None, "bad_number")] * 3
    assert {fault for _, fault in read("text", ["7e12", "1.5", "9007199254740994"])} == {None}


def test_identifiers_that_are_no_address() -> None:
    """Each kind has its own rule and its own reason."""
    zero, guid = contract.NO_ADVERTISING_ID, "EA7583CD-A667-48BC-B806-42ECB2B48606"
    assert read("advertising", [guid, zero, "x"]) == [
        (guid, None), (None, None), (None, "bad_advertising_id")
    ]  # fmt: skip
    assert read("tracking", ["abc-1", "a b", "a@b"])[1:] == [(None, "bad_tracking_id")] * 2
    assert read("mobile", ["(212) 555-0100", "+1 212 555 0100", "555"]) == [
        ("2125550100", None), ("2125550100", None), (None, "bad_mobile")
    ]  # fmt: skip
    assert read("digest", ["A" * 64, "b" * 63])[1] == (None, "bad_digest")
    assert read("zip", ["814", "100141234", "SW1A 1AA"]) == [
        ("00814", None), ("10014-1234", None), (None, "bad_zip")
    ]  # fmt: skip
    ips = read("ip", ["192.0.2.1", "2001:DB8::1", "300.1.1.1", "here"])
    assert [value for value, _ in ips] == ["192.0.2.1", "2001:db8::1", None, None]


def test_an_address_in_other_text_is_a_fault_unless_plain() -> None:
    """Nothing raw goes on by the back door of a free text."""
    for kind in ("text", "skus"):
        assert read(kind, ["vip ann@example.com"]) == [(None, "address_in_text")]
        assert read(kind, ["vip ann@example.com"], plain=True)[0][1] is None
    assert read("text", ["@home", "a @ b"]) == [("@home", None), ("a @ b", None)]
