# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import (
    PEOPLE,
    SEEDS,
    START,
    Row,
    conversions,
    converted,
    cost,
    delivered,
    grouped,
    heads,
    table,
)
from tests.referrals.downloads import referrals
from tests.referrals.test_analysis_leaks import SCHEMA, stretches

HOUR = timedelta(hours=1)


def slow_kind(row: Row, rows: list[Row], sold: list[Row], days: float, hours: float) -> str:
    """Look at everything that happened to a person before one referral."""
    who, moment = row["email_sha256"], row["referred_at"]
    if who is None or moment is None:
        return "not given"
    ago = [
        moment - other["referred_at"]
        for other in rows
        if other["email_sha256"] == who and other["referred_at"] is not None
    ]
    referred = any(hours * HOUR <= gap <= timedelta(days=days) for gap in ago)
    bought = any(
        each["email_sha256"] == who
        and each["converted_at"] is not None
        and moment - each["converted_at"] >= hours * HOUR
        for each in sold
    )
    if referred and bought:
        return "referred and bought before"
    return "bought before" if bought else "referred before" if referred else "first time"


@pytest.mark.parametrize(("days", "hours"), [(30.0, 24.0), (3.0, 7.0), (0.25, 24.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_each_referral_is_marked_as_a_loop_marks_it(seed: int, days: float, hours: float) -> None:
    """Whether a list could have held the person is what two nested loops say, row by row."""
    rows, sold = delivered(seed), converted(seed)
    marked = analysis.mark_avoidable(table(rows), conversions(sold), days=days, hours=hours)
    slow = [slow_kind(row, rows, sold, days, hours) for row in rows]
    assert marked["kind"].to_list() == slow
    assert marked.drop("kind").equals(table(rows))
    assert {*slow} >= {"first time", "bought before", "not given"}
    alone = analysis.mark_avoidable(table(rows), days=days, hours=hours)
    assert alone["kind"].to_list() == [slow_kind(row, rows, [], days, hours) for row in rows]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_list_could_spare_adds_up(seed: int) -> None:
    """Referrals, people and money of each kind are a loop's, and together they are the whole."""
    rows, sold = delivered(seed), converted(seed)
    marked = analysis.mark_avoidable(table(rows), conversions(sold))
    found = analysis.avoidable_cost(marked)
    slow = grouped(rows, lambda row: slow_kind(row, rows, sold, 30, 24))
    for kind, count, people, money, of_referrals, of_cost in found.iter_rows():
        mine = slow.pop(kind, [])
        assert (count, people) == (len(mine), heads(mine))
        assert money == pytest.approx(cost(mine))
        assert of_referrals == pytest.approx(len(mine) / len(rows))
        assert of_cost == pytest.approx(cost(mine) / cost(rows))
    assert slow == {}
    assert found["referrals"].sum() == len(rows)
    assert found["cost"].sum() == pytest.approx(cost(rows))


@pytest.mark.parametrize("seed", SEEDS)
def test_before_and_after_are_what_a_loop_counts(seed: int) -> None:
    """Each period has its referrals, what a list could spare, and what it did not keep away."""
    rows, sold = delivered(seed), converted(seed)
    lists = pl.DataFrame(stretches(seed), schema=SCHEMA)
    first = START + timedelta(days=20)
    marked = analysis.mark_avoidable(table(rows), conversions(sold))
    leaks = analysis.find_leaks(marked, lists)
    found = analysis.before_and_after(marked, leaks, first)
    numbers = {*leaks["referral"]}
    each: list[Row] = [
        row | {"kind": slow_kind(row, rows, sold, 30, 24), "leaked": n in numbers}
        for n, row in enumerate(rows)
    ]

    def period(row: Row) -> str:
        if row["referred_at"] is None:
            return "not given"
        return "since the list" if row["referred_at"] >= first else "before the list"

    slow = grouped(each, period)
    for row in found.to_dicts():
        mine = slow.pop(row["period"], [])
        spared = [one for one in mine if "before" in one["kind"]]
        leaked = [one for one in mine if one["leaked"]]
        assert (row["referrals"], row["people"]) == (len(mine), heads(mine))
        assert (row["avoidable"], row["leaked"]) == (len(spared), len(leaked))
        assert row["cost"] == pytest.approx(cost(mine))
        assert row["cost_avoidable"] == pytest.approx(cost(spared))
        assert row["cost_leaked"] == pytest.approx(cost(leaked))
        assert row["avoidable_per_1000"] == pytest.approx(1000 * len(spared) / len(mine))
        assert row["leaked_per_1000"] == pytest.approx(1000 * len(leaked) / len(mine))
    assert slow == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_who_goes_in_is_what_sets_say(seed: int) -> None:
    """Each person is in one part, and new is who is not on the list, by set arithmetic."""
    referred = table(delivered(seed))["email_sha256"].head(40)
    bought = conversions(converted(seed))["email_sha256"].head(12)
    on_list = pl.Series(PEOPLE[::3])
    a, b, there = ({*part} - {None} for part in (referred, bought, on_list))
    assert analysis.going_in(referred, bought, on_list).rows() == [
        ("referred only", len(a - b), len(a - b - there)),
        ("referred and bought", len(a & b), len((a & b) - there)),
        ("bought only", len(b - a), len(b - a - there)),
    ]


def test_a_day_by_hand() -> None:
    """Next morning is too soon for a list made once a day; the day after is not."""
    day = datetime(2026, 11, 3, 12)
    moments: list[object] = [day, day + 20 * HOUR, day + 24 * HOUR, day + timedelta(days=40)]
    frame = referrals(referred_at=moments, email_sha256=["ann"] * 4, bid_price=[1.0, 2.0, 4.0, 8.0])
    kinds = analysis.mark_avoidable(frame)["kind"].to_list()
    assert kinds == ["first time", "first time", "referred before", "first time"]
    sold = conversions([{"email_sha256": "ann", "converted_at": day}])
    kinds = analysis.mark_avoidable(frame, sold)["kind"].to_list()
    assert kinds == [
        "first time", "first time", "referred and bought before", "bought before",
    ]  # fmt: skip
    # By the clock of Sydney every referral was eleven hours sooner in UTC; the purchase was not.
    sydney = analysis.mark_avoidable(frame, sold, referral_time_zone="Australia/Sydney")
    assert sydney["kind"].to_list() == [
        "first time",
        "first time",
        "referred before",
        "bought before",
    ]


def test_nothing_comes_of_nothing() -> None:
    """No referrals are no rows, and the tables stand with zeros."""
    marked = analysis.mark_avoidable(table([]), conversions([]))
    assert analysis.avoidable_cost(marked)["referrals"].sum() == 0
    leaks = analysis.find_leaks(marked, pl.DataFrame(schema=SCHEMA))
    found = analysis.before_and_after(marked, leaks, START)
    assert found["avoidable_per_1000"].to_list() == [None, None]


def test_a_list_at_once_is_refused() -> None:
    """A list that has a person at the very moment cannot be, and the message says so."""
    with pytest.raises(InputError, match="more than 0 hours"):
        analysis.mark_avoidable(table([]), hours=0)
