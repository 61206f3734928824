# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import (
    PEOPLE,
    SEEDS,
    START,
    Row,
    cost,
    delivered,
    grouped,
    heads,
    table,
)
from tests.referrals.downloads import referrals


def each_person(rows: list[Row]) -> list[list[Row]]:
    """The referrals of each known person, first to last; no date comes last."""
    known = [row for row in rows if row["email_sha256"]]
    known.sort(key=lambda row: (row["referred_at"] is None, row["referred_at"] or START))
    return list(grouped(known, lambda row: row["email_sha256"]).values())


@pytest.mark.parametrize("seed", SEEDS)
def test_repeats_are_what_a_loop_counts(seed: int) -> None:
    """How often people were referred, and what all but their first cost, a loop finds too."""
    rows = delivered(seed)
    people, sums = Counter[str](), Counter[str]()
    for mine in each_person(rows):
        times = "5 and more" if len(mine) >= 5 else str(len(mine))
        people[times] += 1
        sums[times] += cost(mine[1:])  # type: ignore[assignment]
    found = analysis.repeat_counts(table(rows))
    blind = [row for row in rows if not row["email_sha256"]]
    for row in found.iter_rows(named=True):
        if row["times"] == "not given":
            assert (row["people"], row["cost_of_repeats"]) == (len(blind), 0.0)
        else:
            assert row["people"] == people[row["times"]]
            assert row["cost_of_repeats"] == pytest.approx(sums[row["times"]])
    assert found["referrals"].sum() == len(rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_days_between_are_what_a_loop_counts(seed: int) -> None:
    """Each repeat is in the band of its calendar days after the one before."""
    rows = delivered(seed)
    ends = [(0, "same day"), (1, "1 day"), (7, "2-7 days"), (30, "8-30 days"), (90, "31-90 days")]
    slow = Counter[str]()
    spent = Counter[str]()
    for mine in each_person(rows):
        for before, after in pairwise(mine):
            name = "not given"
            if before["referred_at"] and after["referred_at"]:
                days = (after["referred_at"].date() - before["referred_at"].date()).days
                name = next((band for end, band in ends if days <= end), "more than 90 days")
            slow[name] += 1
            spent[name] += after["bid_price"] or 0
    found = analysis.days_between(table(rows))
    assert {name: n for name, n in found.select("days_between", "repeats").iter_rows() if n} == slow
    for name, money in found.select("days_between", "cost").iter_rows():
        assert money == pytest.approx(spent[name])


@pytest.mark.parametrize("seed", SEEDS)
def test_repeats_count_where_they_happened(seed: int) -> None:
    """A repeat is charged to its own campaign, whatever campaign had the first referral."""
    rows = delivered(seed)
    again = [row for mine in each_person(rows) for row in mine[1:]]
    slow = grouped(again, lambda row: row["campaign"] or "not given")
    for row in analysis.repeats_by(table(rows)).iter_rows(named=True):
        mine = slow.get(row["campaign"], [])
        assert row["repeats"] == len(mine)
        assert row["cost_of_repeats"] == pytest.approx(cost(mine))
        assert row["share_repeats"] == pytest.approx(len(mine) / row["referrals"])


def kind(row: Row, customers: dict[str, list[datetime | None]], hours: int) -> str:
    if row["email_sha256"] is None:
        return "untold"
    if row["email_sha256"] not in customers:
        return "new"
    since = customers[row["email_sha256"]]
    if None in since:
        return "known"
    if row["referred_at"] is None:
        return "untold"
    first = min(moment for moment in since if moment)
    return "known" if first <= row["referred_at"] - timedelta(hours=hours) else "new"


@pytest.mark.parametrize("seed", SEEDS)
def test_known_customers_are_what_a_loop_finds(seed: int) -> None:
    """New, known and untold referrals, in all and by campaign, are those of a plain loop."""
    rows = delivered(seed)
    dice = random.Random(seed)
    listed = [
        (dice.choice(PEOPLE), dice.choice([None, START, START + timedelta(hours=690)]))
        for _ in range(20)
    ]
    customers: dict[str, list[datetime | None]] = {}
    for who, since in listed:
        customers.setdefault(who, []).append(since)
    frame = pl.DataFrame(
        listed, schema={"email_sha256": pl.String, "since": pl.Datetime("us")}, orient="row"
    )
    zone = "Etc/GMT-10"  # ten hours ahead of UTC, all year
    found = analysis.new_and_known(table(rows), frame, referral_time_zone=zone)
    slow = grouped(rows, lambda row: kind(row, customers, 10))
    for row in found.iter_rows(named=True):
        mine = slow.get(row["customer"], [])
        assert (row["referrals"], row["people"]) == (len(mine), heads(mine))
        assert row["cost"] == pytest.approx(cost(mine))
    by = analysis.known_customers_by(table(rows), frame, referral_time_zone=zone)
    for row in by.iter_rows(named=True):
        here = [r for r in rows if (r["campaign"] or "not given") == row["campaign"]]
        kinds = grouped(here, lambda r: kind(r, customers, 10))
        for name in ("new", "known", "untold"):
            assert row[name] == len(kinds.get(name, []))
            assert row[f"cost_on_{name}"] == pytest.approx(cost(kinds.get(name, [])))


def test_customers_without_since_are_always_known() -> None:
    """A plain list of digests is enough, and the order of many referrals is kept."""
    many = 3_000
    digests: list[object] = [f"{number * 7_919 % many:064x}" for number in range(many)]
    prices: list[object] = [float(str(digest)[-1] in "02468ace") for digest in digests]
    frame = referrals(email_sha256=digests, bid_price=prices)
    even = sorted(str(digest) for digest, price in zip(digests, prices, strict=True) if price)
    found = analysis.new_and_known(frame, pl.DataFrame({"email_sha256": even}))
    assert found.select("customer", "referrals", "cost").rows() == [
        ("new", many // 2, 0.0), ("known", many // 2, many / 2), ("untold", 0, 0.0),
    ]  # fmt: skip


def test_three_referrals_by_hand() -> None:
    """Ann comes at 9, again at 9, and the next day; only her first is none of the repeats."""
    nine = datetime(2026, 11, 2, 9)
    moments: list[object] = [nine + timedelta(days=1), nine, nine, nine]
    frame = referrals(
        referred_at=moments,
        email_sha256=["ann", "ann", "ann", "bob"],
        bid_price=[4.0, 1.0, 2.0, 8.0],
    )
    counts = analysis.repeat_counts(frame).select("times", "people", "cost_of_repeats")
    assert [row for row in counts.rows() if row[1]] == [("1", 1, 0.0), ("3", 1, 6.0)]
    days = analysis.days_between(frame).select("days_between", "repeats", "people", "cost")
    assert [row for row in days.rows() if row[1]] == [("same day", 1, 1, 2.0), ("1 day", 1, 1, 4.0)]


def test_of_equal_moments_the_first_that_stands_is_the_first() -> None:
    """Ten thousand people come twice at one moment: the second row of each is the repeat."""
    people: list[object] = [f"{number % 10_000:064x}" for number in range(20_000)]
    days = [START + timedelta(days=number % 3) for number in range(10_000)]
    moments: list[object] = [*days, *days]
    prices: list[object] = [*[1.0] * 10_000, *[2.0] * 10_000]
    frame = referrals(referred_at=moments, email_sha256=people, bid_price=prices)
    twice = analysis.repeat_counts(frame).filter(times="2").row(0, named=True)
    assert (twice["people"], twice["cost_of_repeats"]) == (10_000, 20_000.0)
    assert analysis.repeats_by(frame, "all")["cost_of_repeats"].to_list() == [20_000.0]
    same = analysis.days_between(frame).row(0, named=True)
    assert (same["repeats"], same["cost"]) == (10_000, 20_000.0)


def test_a_customer_is_known_from_the_very_moment() -> None:
    """One second before ``since`` the person is new, at ``since`` known; without a date untold."""
    since = datetime(2026, 11, 2, 9)
    moments: list[object] = [since - timedelta(seconds=1), since, None]
    frame = referrals(referred_at=moments, email_sha256=["ann"] * 3)
    customers = pl.DataFrame({"email_sha256": ["ann"], "since": [since]})
    found = analysis.new_and_known(frame, customers).select("customer", "referrals")
    assert found.rows() == [("new", 1), ("known", 1), ("untold", 1)]
