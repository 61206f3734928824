# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from statistics import variance

import polars as pl
import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import (
    SEEDS,
    Row,
    bids,
    conversions,
    converted,
    cost,
    delivered,
    mean,
    table,
)
from tests.referrals.downloads import referrals

EARLIER = (date(2026, 10, 2), date(2026, 10, 20))
LATER = (date(2026, 10, 21), date(2026, 11, 20))
LIMIT = 2.394  # three tests in one table


def within(rows: list[Row], period: analysis.Period) -> list[int]:
    return [
        number
        for number, row in enumerate(rows)
        if row["referred_at"] and period[0] <= row["referred_at"].date() <= period[1]
    ]


def said(z: float) -> str:
    return "clearly higher" if z > LIMIT else "clearly lower" if z < -LIMIT else "not told apart"


@pytest.mark.parametrize("seed", SEEDS)
def test_two_periods_are_what_a_loop_counts(seed: int) -> None:
    """Every figure of both periods, and what is said of volume and bids, is a loop's."""
    rows = delivered(seed, 400)
    found = analysis.attribute(table(rows), conversions(converted(seed)))
    hits = set(found["referral"].drop_nulls())
    figures = analysis.compare_periods(table(rows), EARLIER, LATER, attributed=found)
    got = {row["figure"]: row for row in figures.iter_rows(named=True)}
    facts = {}
    for side, period, days in (("earlier", EARLIER, 19), ("later", LATER, 31)):
        numbers = within(rows, period)
        mine = [rows[number] for number in numbers]
        people = {row["email_sha256"] for row in mine} - {None}
        won = len(hits & set(numbers))
        facts[side] = mine
        expected = {
            "days": days, "referrals": len(mine), "referrals per day": len(mine) / days,
            "people": len(people), "cost": cost(mine), "cost per day": cost(mine) / days,
            "average bid": mean(bids(mine)), "converted": won, "conversion rate": won / len(mine),
        }  # fmt: skip
        assert {name: row[side] for name, row in got.items()} == pytest.approx(expected)
    for row in got.values():
        assert row["change"] == pytest.approx(row["later"] - row["earlier"])
        assert row["relative_change"] == pytest.approx(row["later"] / row["earlier"] - 1)
    n1, n2 = len(facts["earlier"]), len(facts["later"])
    part = 31 / 50
    z = (n2 - (n1 + n2) * part) / math.sqrt((n1 + n2) * part * (1 - part))
    assert got["referrals per day"]["compared"] == said(z)
    b1, b2 = bids(facts["earlier"]), bids(facts["later"])
    error = math.sqrt(variance(b1) / len(b1) + variance(b2) / len(b2))
    assert got["average bid"]["compared"] == said((sum(b2) / len(b2) - sum(b1) / len(b1)) / error)
    assert got["cost"]["compared"] is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["audience", "state"])
def test_effects_on_cost_add_up(name: str, seed: int) -> None:
    """Volume, mix and price of each group are a loop's, and their sum is the change."""
    rows = delivered(seed)
    sides = [[rows[number] for number in within(rows, period)] for period in (EARLIER, LATER)]
    grown = len(sides[1]) / len(sides[0])
    found = analysis.cost_change(table(rows), EARLIER, LATER, name)
    assert found["change"].sum() == pytest.approx(cost(sides[1]) - cost(sides[0]))
    for row in found.iter_rows(named=True):
        one, two = ([r for r in side if (r[name] or "not given") == row[name]] for side in sides)
        c1, c2 = cost(one), cost(two)
        p2 = c2 / len(two) if two else 0.0
        p1 = c1 / len(one) if one else p2
        assert row["volume_effect"] == pytest.approx((grown - 1) * c1)
        assert row["mix_effect"] == pytest.approx((len(two) - grown * len(one)) * p1)
        assert row["price_effect"] == pytest.approx(len(two) * (p2 - p1))
        total = row["volume_effect"] + row["mix_effect"] + row["price_effect"]
        assert total == pytest.approx(row["change"]) == pytest.approx(c2 - c1)


def days_of(counts: dict[date, int], price: float = 1.0) -> pl.DataFrame:
    moments: list[object] = [
        datetime.combine(day, datetime.min.time())
        for day, many in counts.items()
        for _ in range(many)
    ]
    return referrals(
        referred_at=moments, audience=["A"] * len(moments), bid_price=[price] * len(moments)
    )


def test_twice_as_long_is_not_twice_as_much() -> None:
    """Ten a day in one week and in two weeks is the same volume; twenty a day clearly is not."""
    start = date(2026, 11, 2)
    even = days_of({start + timedelta(days=n): 10 for n in range(21)})
    week, fortnight = (start, start + timedelta(6)), (start + timedelta(7), start + timedelta(20))
    figures = analysis.compare_periods(even, week, fortnight)
    per_day = figures.filter(figure="referrals per day").row(0, named=True)
    assert (per_day["earlier"], per_day["later"]) == (10.0, 10.0)
    assert per_day["compared"] == "not told apart"
    uneven = pl.concat([even, even.filter(pl.col("referred_at") >= datetime(2026, 11, 9))])
    figures = analysis.compare_periods(uneven, week, fortnight)
    assert figures.filter(figure="referrals per day")["compared"].to_list() == ["clearly higher"]


def test_a_change_of_cost_by_hand() -> None:
    """Ten at 1.00 become five at 1.00 and five at 3.00 of a new group: all of it is mix."""
    first, second = date(2026, 11, 1), date(2026, 11, 2)
    frame = pl.concat(
        [
            days_of({first: 10, second: 5}),
            days_of({second: 5}, 3.0).with_columns(audience=pl.lit("B")),
        ]
    )
    found = analysis.cost_change(frame, (first, first), (second, second))
    columns = ("audience", "change", "volume_effect", "mix_effect", "price_effect")
    assert found.select(columns).rows() == [
        ("B", 15.0, 0.0, 15.0, 0.0), ("A", -5.0, 0.0, -5.0, 0.0),
    ]  # fmt: skip
    nothing_before = analysis.cost_change(
        frame, (date(2026, 1, 1), date(2026, 1, 2)), (second, second)
    )
    assert nothing_before["volume_effect"].sum() == nothing_before["change"].sum() == 20.0


@pytest.mark.parametrize(
    ("later", "word"),
    [((date(2026, 10, 20), date(2026, 10, 30)), "share days"), (EARLIER[::-1], "before it begins")],
)
def test_periods_that_cannot_be_compared_are_refused(later: analysis.Period, word: str) -> None:
    """A day is in one period only, and a period has a first day and a last."""
    with pytest.raises(InputError, match=word):
        analysis.compare_periods(table(delivered(0)), EARLIER, later)
    with pytest.raises(InputError, match=word):
        analysis.cost_change(table(delivered(0)), EARLIER, later)
