# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals import analysis
from tests.referrals.downloads import referrals

TABLES: list[Callable[[pl.DataFrame], pl.DataFrame]] = [
    analysis.by_age_band,
    analysis.by_audience,
    analysis.by_day,
    analysis.by_gender,
    analysis.by_hour,
    analysis.by_state,
    analysis.by_weekday,
]


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "referred_at": maybe(st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1))),
                "audience_id": maybe(st.sampled_from(["1", "2581697744617019994"])),
                "audience": maybe(st.sampled_from(["Everybody", "M/F: 25+"])),
                "state": maybe(st.sampled_from([f"S{number}" for number in range(14)])),
                "age": maybe(st.integers(0, 120)),
                "gender": maybe(st.sampled_from(["Male", "Female"])),
                "bid_price": maybe(st.floats(0, 100)),
            }
        ),
        max_size=40,
    )
)
def test_every_table_adds_up(rows: list[dict[str, object]]) -> None:
    """Whatever was delivered or not, the referrals and cost of each table are the whole."""
    names = ["referred_at", "audience_id", "audience", "state", "age", "gender", "bid_price"]
    frame = referrals(**{name: [row[name] for row in rows] for name in names})
    whole = analysis.totals(frame)
    for make in TABLES:
        table = make(frame)
        assert table["referrals"].sum() == whole["referrals"] == len(rows)
        assert table["cost"].sum() == pytest.approx(whole["cost"])
    assert all(sentence.endswith(".") for sentence in analysis.findings(frame))


def test_a_table_that_does_not_add_up_is_a_bug() -> None:
    """A row less, or a cent more, is noticed before anybody reads it."""
    frame = referrals(state=["CA", "NY"], bid_price=[1.0, 2.0])
    table = analysis.by_state(frame)
    with pytest.raises(ContractError, match="referrals"):
        analysis.check_adds_up(table.head(1), frame)
    with pytest.raises(ContractError, match="cost"):
        analysis.check_adds_up(table.with_columns(pl.col("cost") + 0.01), frame)


def test_audiences_are_told_apart_by_their_whole_id() -> None:
    """Ids that differ in the last digit are two audiences; shares are of the whole."""
    ids: list[object] = ["2581697744617019994", "2581697744617019995", "2581697744617019995", None]
    frame = referrals(
        audience_id=ids, audience=["A", "B", "B", None], bid_price=[3.0, 1.0, None, 0.0]
    )
    table = analysis.by_audience(frame)
    assert table.select("audience_id", "referrals", "cost", "average_bid").rows() == [
        ("2581697744617019995", 2, 1.0, 1.0),
        ("2581697744617019994", 1, 3.0, 3.0),
        ("not given", 1, 0.0, 0.0),
    ]
    assert table["share_of_referrals"].to_list() == [0.5, 0.25, 0.25]
    assert table["share_of_cost"].to_list() == [0.25, 0.75, 0.0]


def test_days_without_referrals_are_shown() -> None:
    """Between the first and the last day every day has a row; no date comes last."""
    frame = referrals(referred_at=[datetime(2026, 11, 1, 5), None, datetime(2026, 11, 3)])
    table = analysis.by_day(frame).select("day", "referrals")
    assert table.rows() == [
        (date(2026, 11, 1), 1), (date(2026, 11, 2), 0), (date(2026, 11, 3), 1), (None, 1),
    ]  # fmt: skip


def test_small_states_are_one_row() -> None:
    """Beyond the busiest n the states are Other, and those without a state stand last."""
    frame = referrals(state=["CA", "CA", "NY", "NY", "TX", "WA", None])
    table = analysis.by_state(frame, top=2).select("state", "referrals")
    assert table.rows() == [("CA", 2), ("NY", 2), ("Other", 2), ("not given", 1)]


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "under 18"), (17, "under 18"), (18, "18-24"), (24, "18-24"), (25, "25-34"),
     (64, "55-64"), (65, "65 and over"), (120, "65 and over"), (None, "not given")],
)  # fmt: skip
def test_an_age_is_in_its_band(age: int | None, band: str) -> None:
    """The bands meet without a gap, on the birthday."""
    table = analysis.by_age_band(referrals(age=[age]))
    assert table.filter(pl.col("referrals") > 0)["age_band"].to_list() == [band]


def test_hours_need_a_time() -> None:
    """Midnight throughout means days were delivered; one other moment means hours were."""
    midnight, later = datetime(2026, 11, 1), datetime(2026, 11, 1, 13, 30)
    days = analysis.by_hour(referrals(referred_at=[midnight, midnight]))
    hours = analysis.by_hour(referrals(referred_at=[midnight, later]))
    assert days.filter(pl.col("referrals") > 0)["hour"].to_list() == ["not given"]
    assert hours.filter(pl.col("referrals") > 0)["hour"].to_list() == ["00", "13"]


def test_totals_count_people_once() -> None:
    """People are distinct digests, days are calendar days, a missing bid is not a zero."""
    moments: list[object] = [datetime(2026, 11, 1, 23), datetime(2026, 11, 3, 1), None]
    frame = referrals(
        referred_at=moments, email_sha256=["a" * 64, "a" * 64, None], bid_price=[2.0, None, 4.0]
    )
    assert analysis.totals(frame) == {
        "referrals": 3, "cost": 6.0, "average_bid": 3.0, "people": 1, "audiences": 0, "days": 3,
        "first_day": date(2026, 11, 1), "last_day": date(2026, 11, 3), "undated": 1,
    }  # fmt: skip


def test_referrals_without_a_date_are_told_apart() -> None:
    """Days are said of those that have one; the sum is of all."""
    frame = referrals(referred_at=[datetime(2026, 11, 1), datetime(2026, 11, 2), None])
    assert analysis.findings(frame)[0].startswith(
        "3 referrals (1 of them without a date) in 2 days, 2026-11-01 to 2026-11-02"
    )


def four_weeks() -> pl.DataFrame:
    """From a Monday: 2 referrals a day, 4 on Fridays, twice as many in the second half."""
    first = datetime(2026, 10, 5, 12)
    days = [first + timedelta(days=number) for number in range(28)]
    moments: list[object] = [
        day
        for number, day in enumerate(days)
        for _ in range((4 if day.weekday() == 4 else 2) * (2 if number >= 14 else 1))
    ]
    names: list[object] = ["Dear" if number % 4 == 0 else "Cheap" for number in range(len(moments))]
    bids: list[object] = [4.0 if name == "Dear" else 1.0 for name in names]
    return referrals(referred_at=moments, audience=names, audience_id=names, bid_price=bids)


def test_the_findings_say_what_the_tables_show() -> None:
    """Size, busiest and dearest audience, trend and weekday are stated with their numbers."""
    assert analysis.findings(four_weeks(), currency="AUD") == [
        "96 referrals in 28 days, 2026-10-05 to 2026-11-01, cost 168.00 AUD.",
        "The busiest audience is Cheap: 72 referrals, 75% of all.",
        "The dearest audience is Dear: 4.00 AUD per referral, 129% above the average of 1.75 AUD.",
        "The last 14 days brought 64 referrals, 100% more than the first 14 (32).",
        "Friday is the best weekday: 6.0 referrals on average, against 3.4 over all days.",
    ]


def test_no_referrals_are_no_findings() -> None:
    """Without data one sentence says so, and no currency is invented when none is known."""
    assert analysis.findings(referrals(state=[])) == ["There are no referrals yet."]
    said = analysis.findings(referrals(bid_price=[2.0]))
    assert said == ["1 referral cost 2.00 in the account's currency."]
