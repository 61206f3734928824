from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rokt_helpers.conversions.amounts import Decimal, marks_in, read_amount
from tests.conversions import reference

many = settings(max_examples=200, derandomize=True, deadline=None)
MARKS: tuple[Decimal | None, ...] = (".", ",", None)


def read(texts: list[str | None], mark: Decimal | None, **options: Any) -> list[dict[str, Any]]:
    cells = pl.DataFrame({"cell": texts}, schema={"cell": pl.String})
    return cells.select(read_amount(pl.col("cell"), mark, **options)).to_series().to_list()


@pytest.mark.parametrize("mark", MARKS)
@many
@given(st.text("0019.,. ' -+()€$U SD", min_size=1, max_size=12).map(str.strip).filter(bool))
@example("1,234")
@example("0,125")
@example("1.234.567,89")
@example("1 234")
@example("00.50")
@example("-0")
@example("(1.5)")
@example("12.000000000000002")
@example("0.00000000005")
@example("-0.000000000049")
@example("1,23456789012")
def test_the_expression_and_its_twin_agree(mark: Decimal | None, text: str) -> None:
    """Any text has the value and the fault that the plain twin finds."""
    said = read([text], mark)[0]
    assert (said["value"], said["fault"]) == reference.amount(text, mark)


@many
@given(st.decimals(0, 10**12, places=2), st.sampled_from([(".", ","), (",", "."), (",", " ")]))
def test_an_amount_that_was_written_out_is_read_back(value: Any, marks: tuple[str, str]) -> None:
    """What a spreadsheet writes with thousands and decimals comes to the same value."""
    mark, thousands = marks
    text = f"{value:,.2f}".replace(",", "T").replace(".", mark).replace("T", thousands)
    said = read([text], mark)[0]["value"]  # type: ignore[arg-type]
    assert said == f"{value:.2f}".rstrip("0").rstrip(".")


SAID = {
    "49.99": "49.99", "$1,234.50": "1234.5", "12.00 usd": "12", "US$ 3": "3", "(0.00)": "0",
    ".5": "0.5", "007.10": "7.1", "1'234.5": "1234.5", "1\u202f234.5": "1234.5",
}  # fmt: skip


@pytest.mark.parametrize("text", SAID)
def test_amounts_people_write(text: str) -> None:
    """Signs, codes, brackets and thousands are understood."""
    assert read([text], ".")[0] | {"currency": None} == {
        "value": SAID[text], "fault": None, "currency": None
    }  # fmt: skip


def test_more_decimals_than_money_has_are_rounded() -> None:
    """To ten, half up, whatever the mark: a computed float carries many that mean nothing."""
    texts: list[str | None] = ["0.30000000000000004", "20.833333333333332", "$1,000.99999999995"]
    assert [said["value"] for said in read(texts, ".")] == ["0.3", "20.8333333333", "1001"]
    assert read(["-0.00000000000000005551"], ".")[0] == {
        "value": "0", "fault": None, "currency": None
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["abc", "1e3", "--1", "1,23,456", "1234567890123456", "5.", "12 XYZ", "$1$", "1.234,5", "12 00",
     "nan", "(1", "0x10", "\u0663"],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    """It is refused, not read as far as it goes."""
    assert read([text], ".")[0]["fault"] == "bad_amount"


def test_a_refund_is_no_conversion_but_a_margin_may_be_below_zero() -> None:
    """Less than nothing is a fault of amounts, not of margins; nothing is not less."""
    texts: list[str | None] = ["-3", "(3.10)", "3-", "\N{MINUS SIGN}3", "-0.00"]
    assert [said["fault"] for said in read(texts, ".")] == ["negative_amount"] * 4 + [None]
    margins = read(texts, ".", below_zero=True)
    assert [said["value"] for said in margins] == ["-3", "-3.1", "-3", "-3", "0"]


def test_a_sign_of_one_currency_is_told() -> None:
    """A code and the signs that stand for one currency are; the dollar stands for many."""
    texts: list[str | None] = ["€3", "3 £", "usd 3", "$3", "¥3", "3", None]
    assert [said["currency"] for said in read(texts, ".")] == ["EUR", "GBP", "USD", *[None] * 4]


def test_what_a_column_proves() -> None:
    """A mark is proven by a cell that has one meaning, and never by one that has two."""
    assert marks_in(pl.Series(["1,234", "5", None])) == (set(), 1)
    assert marks_in(pl.Series(["1,234", "5.10"])) == ({"."}, 1)
    assert marks_in(pl.Series(["1.234,5", "0,125"])) == ({","}, 0)
    assert marks_in(pl.Series(["1.5", "1,5"])) == ({".", ","}, 0)
    assert marks_in(pl.Series([], dtype=pl.String)) == (set(), 0)
