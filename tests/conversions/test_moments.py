from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.conversions.moments import (
    DateOrder,
    check_time_zone,
    orders_in,
    read_day,
    read_moment,
    without_zone,
)
from rokt_helpers.errors import InputError
from tests.conversions import reference

many = settings(max_examples=200, derandomize=True, deadline=None)
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")
OFFSETS: dict[str, int | None] = {
    "": None,
    "Z": 0,
    "+02:00": 120,
    "-0530": -330,
    " UTC": 0,
    "+14": 840,
}
CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M%p")
DAYS: dict[str, DateOrder | None] = {
    "%Y-%m-%d": None, "%Y/%m/%d": None, "%d/%m/%Y": "dmy", "%m/%d/%Y": "mdy", "%d.%m.%Y": None,
    "%d-%m-%y": "dmy",
}  # fmt: skip


def read(
    texts: list[str | None], order: DateOrder | None = None, zone: str | None = "UTC"
) -> list[dict[str, Any]]:
    cells = pl.DataFrame({"cell": texts}, schema={"cell": pl.String})
    return cells.select(read_moment(pl.col("cell"), order, zone)).to_series().to_list()


@many
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001  a clock on a wall
    st.sampled_from([*DAYS]),
    st.sampled_from(CLOCKS),
    st.sampled_from([*OFFSETS]),
    st.sampled_from(ZONES),
)
def test_the_expression_and_its_twin_agree(
    moment: datetime, day: str, clock: str, offset: str, zone: str
) -> None:
    """However a moment is written, it comes to the milliseconds that Python's own clock gives."""
    shown = (
        moment.replace(microsecond=0) if "%S" in clock else moment.replace(second=0, microsecond=0)
    )
    text = f"{shown.strftime(f'{day} {clock}')}{offset}"
    said = read([text], DAYS[day], zone)[0]
    wanted = reference.moment(shown, OFFSETS[offset], zone)
    assert said == {"value": wanted, "fault": "skipped_hour" if wanted is None else None}


@many
@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)))  # noqa: DTZ001
def test_numbers_are_moments_too(moment: datetime) -> None:
    """Milliseconds since 1970 are themselves; a serial is right to the second."""
    exact = reference.moment(moment, 0, "UTC")
    assert exact is not None
    seconds = exact // 1000 * 1000
    if exact > 10**12:
        assert read([str(exact)])[0]["value"] == exact
    days = (moment.replace(microsecond=0) - datetime(1899, 12, 30)).total_seconds() / 86_400  # noqa: DTZ001
    assert read([f"{days:.8f}"])[0]["value"] == seconds


@many
@given(st.text("0123456789-/.: TZ+aApPmM", max_size=25).map(str.strip).filter(bool))
def test_any_text_is_a_moment_or_has_a_fault(text: str) -> None:
    """Never both, never neither, whatever the text."""
    said = read([text])[0]
    assert (said["value"] is None) == (said["fault"] is not None)


def test_the_first_meaning_of_each_form() -> None:
    """A day alone is its first moment; a fraction is cut at milliseconds; noon is 12 PM."""
    texts: list[str | None] = [
        "2026-01-31", "20260131", "2026-01-31T00:00:00.1239Z", "1769817600", "1/31/2026 12:00 AM",
        "46053", None,
    ]  # fmt: skip
    midnight = 1_769_817_600_000
    said = [one["value"] for one in read(texts, "mdy")]
    assert said == [midnight, midnight, midnight + 123, *[midnight] * 3, None]
    assert read(["1/31/2026 12:00 PM"], "mdy")[0]["value"] == midnight + 12 * 3_600_000


BAD = [
    "2026-02-30", "31/31/2026", "2026-01-31 24:00", "2026-01-31 10:00:61", "13:00", "yesterday",
    "1/1/2026 13:00 PM", "1/1/2026 0:30 AM", "0001-01-01", "9999-12-31", "2026-01-31T10:00+15:00",
    "2026-01-31T10:00+01:75", "2026-1-31-", "99999999", "123", "2026-W05-1",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_moment(text: str) -> None:
    """A moment that there is not, or in a form that is not read, is refused."""
    assert read([text], "dmy")[0] == {"value": None, "fault": "bad_time"}


def test_day_and_month_are_never_guessed() -> None:
    """Without an order a date is read only where it has one meaning."""
    texts: list[str | None] = ["02/03/2026", "13/03/2026", "03/13/2026", "05/05/2026", "02.03.2026"]
    faults = [one["fault"] for one in read(texts)]
    assert faults == ["ambiguous_date", None, None, None, None]
    assert read(["03/13/2026"], "dmy")[0]["fault"] == "bad_time"


def test_a_time_zone_is_never_guessed() -> None:
    """A time without a zone is read in the one that was given, and otherwise not at all."""
    texts: list[str | None] = ["2026-07-01 12:00", "46053.5", "2026-07-01T12:00Z", "1769817600000"]
    assert [one["fault"] for one in read(texts, zone=None)] == ["no_time_zone"] * 2 + [None] * 2
    assert read(texts, zone="Asia/Tokyo")[0]["value"] == 1_782_874_800_000
    assert without_zone(pl.Series([*texts, "nonsense", None])) == 2


def test_the_hours_in_which_clocks_change() -> None:
    """The hour that comes twice is its first pass; the one that is skipped is refused."""
    texts: list[str | None] = ["2026-10-25 02:30:00", "2026-03-29 02:30:00"]
    twice, skipped = read(texts, zone="Europe/Berlin")
    assert twice == {"value": 1_792_888_200_000, "fault": None}
    assert skipped == {"value": None, "fault": "skipped_hour"}


def test_days_of_birth() -> None:
    """They are yyyymmdd whatever the form; a time, a short year or a serial is none."""
    texts = ["19900517", "1990-05-17", "17/05/1990", "1990-05-17 00:00:00", "1990-05-17 10:00",
             "17/05/90", "33010", "18800101", None]  # fmt: skip
    cells = pl.DataFrame({"cell": texts})
    said = cells.select(read_day(pl.col("cell"), "dmy")).to_series().to_list()
    assert [one["value"] for one in said] == ["19900517"] * 4 + [None] * 5
    assert [one["fault"] for one in said] == [None] * 4 + ["bad_date"] * 4 + [None]


def test_what_a_column_proves() -> None:
    """An order is proven by a number above twelve, and never by dates with dots."""
    assert orders_in(pl.Series(["02/03/2026", "2026-01-31"])) == (set(), 1)
    assert orders_in(pl.Series(["02/03/2026", "13/03/2026"])) == ({"dmy"}, 1)
    assert orders_in(pl.Series(["13/03/2026", "03/13/2026"])) == ({"dmy", "mdy"}, 0)
    assert orders_in(pl.Series(["02.03.2026", "13.03.2026"])) == (set(), 0)


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
    """The message names some that there are."""
    check_time_zone("Europe/Berlin")
    with pytest.raises(InputError, match="'America/New_York'"):
        check_time_zone("Mars/Olympus")
