"""The table of days: pure, exact, and it adds up."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.conversions.daily import by_day

HOUR_MS = 60 * 60 * 1000
COLUMNS = {"timestamp_unixtime_ms": pl.Int64, "currency": pl.String, "amount": pl.String}


def conversions(*rows: tuple[int | None, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def test_money_is_added_by_day_and_currency() -> None:
    """Amounts are added exactly, and never across currencies; what is not known stands last."""
    table = conversions(
        (0, "USD", "0.1"), (HOUR_MS, "USD", "0.2"), (0, "EUR", "5"), (0, None, "7"),
        (30 * HOUR_MS, "USD", None), (None, "USD", "1"),
    )  # fmt: skip
    first, second = date(1970, 1, 1), date(1970, 1, 2)
    assert by_day(table).rows() == [
        (first, "EUR", 1, 5.0), (first, "USD", 2, 0.3), (first, None, 1, 7.0),
        (second, "USD", 1, 0.0), (None, "USD", 1, 1.0),
    ]  # fmt: skip


def test_days_are_those_of_the_time_zone() -> None:
    """What is bought late in the evening in New York is the next day in UTC."""
    table = conversions((2 * HOUR_MS, "USD", "1"))
    assert by_day(table)["day"].item() == date(1970, 1, 1)
    assert by_day(table, time_zone="America/New_York")["day"].item() == date(1969, 12, 31)


def test_a_table_with_none_of_the_columns_is_counted() -> None:
    """Conversions without moment, money and currency are still conversions."""
    table = pl.DataFrame({"row": [2, 3, 4]})
    assert by_day(table).rows() == [(None, None, 3, 0.0)]
    assert by_day(table.clear()).rows() == []


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 10**13),
            st.none() | st.sampled_from(["USD", "EUR"]),
            st.none() | st.integers(0, 10**9).map(lambda cents: f"{cents / 100:.2f}"),
        )
    )
)
def test_the_conversions_add_up(rows: list[tuple[int | None, str | None, str | None]]) -> None:
    """Every conversion is in exactly one line, and each line is of one day and currency."""
    sums = by_day(conversions(*rows))
    assert sums["conversions"].sum() == len(rows)
    assert sums.select("day", "currency").is_unique().all()
