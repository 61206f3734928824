# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.analysis.chance import counts_z, shares_z, verdict, wilson
from tests.referrals.analysis_rows import (
    SEEDS,
    Row,
    conversions,
    converted,
    cost,
    delivered,
    grouped,
    quantile,
    table,
)
from tests.referrals.downloads import referrals

WINDOW = 10.0
SLOW = list[tuple[int | None, float | None, str]]


def slow_attribution(rows: list[Row], told: list[Row]) -> SLOW:
    """For each conversion the referral it is due to, the days between, and what became of it."""
    usable = [n for n, c in enumerate(told) if c["email_sha256"] and c["converted_at"]]
    firsts: dict[tuple[str, str], int] = {}
    for n in sorted(usable, key=lambda n: (told[n]["converted_at"], n)):
        if told[n]["confirmationref"] is not None:
            firsts.setdefault((told[n]["email_sha256"], told[n]["confirmationref"]), n)
    found: SLOW = []
    for n, conversion in enumerate(told):
        reference = (conversion["email_sha256"], conversion["confirmationref"])
        if n not in usable:
            found.append((None, None, "unusable"))
            continue
        if conversion["confirmationref"] is not None and firsts[reference] != n:
            found.append((None, None, "counted before"))
            continue
        before = [
            (row["referred_at"], number)
            for number, row in enumerate(rows)
            if row["email_sha256"] == conversion["email_sha256"]
            and row["referred_at"] is not None
            and row["referred_at"] <= conversion["converted_at"]
        ]
        if not before:
            found.append((None, None, "no referral before"))
            continue
        moment, number = max(before)
        days = (conversion["converted_at"] - moment) / timedelta(days=1)
        inside = days <= WINDOW
        found.append((number, days, "attributed") if inside else (None, None, "too late"))
    return found


def attributed(seed: int) -> tuple[list[Row], list[Row], pl.DataFrame]:
    rows, told = delivered(seed), converted(seed)
    found = analysis.attribute(table(rows), conversions(told), window_days=WINDOW)
    return rows, told, found


@pytest.mark.parametrize("seed", SEEDS)
def test_each_conversion_is_due_to_what_a_loop_finds(seed: int) -> None:
    """The last referral in the window, ties, repeated references and gaps, by nested loops."""
    rows, told, found = attributed(seed)
    slow = slow_attribution(rows, told)
    assert found.select("referral", "outcome").rows() == [(n, said) for n, _, said in slow]
    assert found["days"].to_list() == pytest.approx([days for _, days, _ in slow])
    counts = analysis.conversion_totals(found)
    assert counts == {outcome: counts[outcome] for outcome in analysis.OUTCOMES}
    assert {k: n for k, n in counts.items() if n} == Counter(said for _, _, said in slow)
    assert sum(counts.values()) == len(told)


def rest_z(k: int, n: int, rest_k: int, rest_n: int) -> float:
    pooled = (k + rest_k) / (n + rest_n)
    if min(n, rest_n) * min(pooled, 1 - pooled) < 5:
        return 0.0
    return (k / n - rest_k / rest_n) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / rest_n))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["campaign", "audience", "gender"])
def test_rates_are_what_a_loop_counts(name: str, seed: int) -> None:
    """Converted referrals, rate, interval, rest and cost per acquisition of each group."""
    rows, told, found = attributed(seed)
    hits = [number for number, _, _ in slow_attribution(rows, told) if number is not None]
    numbered = [row | {"number": number} for number, row in enumerate(rows)]
    groups = grouped(numbered, lambda row: row[name] or "not given")
    whole = len(set(hits))
    table_ = analysis.conversion_rates(table(rows), found, name)
    assert table_["conversions"].sum() == len(hits)
    for row in table_.iter_rows(named=True):
        mine = {each["number"] for each in groups[row[name]]}
        k, n = len(mine & set(hits)), len(mine)
        assert (row["converted"], row["conversions"]) == (k, sum(h in mine for h in hits))
        assert row["rate"] == pytest.approx(k / n)
        centre = (k + 1.96**2 / 2) / (n + 1.96**2)
        assert row["rate_low"] <= row["rate"] <= row["rate_high"]
        assert (row["rate_low"] + row["rate_high"]) / 2 == pytest.approx(centre, abs=1e-4)
        assert row["rate_of_rest"] == pytest.approx((whole - k) / (len(rows) - n))
        paid = cost(rows[number] for number in mine)
        assert row["cost_per_acquisition"] == (pytest.approx(paid / k) if k else None)
        limit = {"campaign": 2.394, "audience": 2.498, "gender": 2.394}[name]  # 3 or 4 groups
        z = rest_z(k, n, whole - k, len(rows) - n)
        said = (
            "clearly higher" if z > limit else "clearly lower" if z < -limit else "not told apart"
        )
        assert row["compared"] == said


@pytest.mark.parametrize("seed", SEEDS)
def test_values_are_added_within_a_currency(seed: int) -> None:
    """Value by campaign and currency is a loop's, and only the account's has a return."""
    rows, told, found = attributed(seed)
    slow: dict[tuple[str, str], list[Row]] = {}
    for (number, _, _), conversion in zip(slow_attribution(rows, told), told, strict=True):
        if number is not None:
            key = rows[number]["campaign"] or "not given", conversion["currency"] or "not given"
            slow.setdefault(key, []).append(conversion)
    paid = {
        key: cost(mine)
        for key, mine in grouped(rows, lambda r: r["campaign"] or "not given").items()
    }
    table_ = analysis.conversion_values(table(rows), found, "campaign", currency="AUD")
    assert {(r["campaign"], r["currency"]) for r in table_.iter_rows(named=True)} == {
        *slow, *((campaign, "AUD") for campaign in paid),
    }  # fmt: skip
    for row in table_.iter_rows(named=True):
        mine = slow.get((row["campaign"], row["currency"]), [])
        values = [c["value"] for c in mine if c["value"] is not None]
        assert (row["conversions"], row["valued"]) == (len(mine), len(values))
        assert row["people"] == len({c["email_sha256"] for c in mine})
        assert row["value"] == pytest.approx(sum(values))
        back = sum(values) / paid[row["campaign"]] if row["currency"] == "AUD" else None
        assert row["return_on_ad_spend"] == pytest.approx(back)
    unknown = analysis.conversion_values(table(rows), found, "campaign")
    assert unknown["return_on_ad_spend"].null_count() == unknown.height == len(slow)


@pytest.mark.parametrize("seed", SEEDS)
def test_lags_are_what_a_loop_finds(seed: int) -> None:
    """Quantiles of days by campaign, and the bands of all, are those of sorted lists."""
    rows, told, found = attributed(seed)
    pairs = [(n, days) for n, days, _ in slow_attribution(rows, told) if n is not None]
    slow: dict[str, list[float]] = {}
    for number, days in pairs:
        slow.setdefault(rows[number]["campaign"] or "not given", []).append(days or 0.0)
    lags = analysis.conversion_lags(table(rows), found, "campaign")
    assert set(lags["campaign"]) == set(slow)
    for row in lags.iter_rows(named=True):
        days_ = sorted(slow[row["campaign"]])
        assert row["conversions"] == len(days_)
        assert row["days_p50"] == pytest.approx(quantile(days_, 0.5))
        assert row["days_p90"] == pytest.approx(quantile(days_, 0.9))
    ends = [1 / 24, 1, 2, 7, 30, math.inf]
    bands = Counter(next(i for i, end in enumerate(ends) if (days or 0) < end) for _, days in pairs)
    by_lag = analysis.conversions_by_lag(found)
    assert by_lag["conversions"].to_list() == [bands[i] for i in range(6)]
    assert by_lag["share_so_far"][-1] == pytest.approx(1)


@pytest.mark.parametrize("seed", SEEDS)
def test_cohorts_are_what_a_loop_follows(seed: int) -> None:
    """People, converted so far, value so far and ripeness of each cell, person by person."""
    rows, told = delivered(seed), converted(seed)
    until = datetime(2026, 12, 10, 5)
    found = analysis.cohorts(
        table(rows), conversions(told), weeks=5, known_until=until, currency="AUD"
    )
    firsts: dict[str, datetime] = {}
    for row in rows:
        if row["email_sha256"] and row["referred_at"]:
            moment = firsts.get(row["email_sha256"], row["referred_at"])
            firsts[row["email_sha256"]] = min(moment, row["referred_at"])
    monday = {who: m.date() - timedelta(days=m.weekday()) for who, m in firsts.items()}
    assert set(found["week"]) == set(monday.values())
    for row in found.iter_rows(named=True):
        who = [person for person, week in monday.items() if week == row["week"]]
        assert row["people"] == len(who)
        start = datetime.combine(row["week"], datetime.min.time())
        if start + timedelta(days=7 * (row["weeks_after"] + 2)) > until:
            assert (row["converted"], row["share_converted"], row["value"]) == (None, None, None)
            continue
        mine = [
            c
            for c in told
            if c["email_sha256"] in who
            and c["converted_at"] is not None
            and timedelta(0)
            <= c["converted_at"] - firsts[c["email_sha256"]]
            < timedelta(days=7 * (row["weeks_after"] + 1))
        ]
        assert row["converted"] == len({c["email_sha256"] for c in mine})
        assert row["share_converted"] == pytest.approx(row["converted"] / len(who))
        value = sum(c["value"] or 0 for c in mine if c["currency"] == "AUD")
        assert row["value"] == pytest.approx(value)


def test_cohorts_add_no_two_currencies() -> None:
    """Where conversions are in two currencies, one has to be named; the error names both."""
    told = conversions(converted(1))
    with pytest.raises(InputError, match=r"AUD, USD.*currency="):
        analysis.cohorts(table(delivered(1)), told)


def test_a_conversion_by_hand() -> None:
    """Ann is referred on the 1st and the 3rd and buys on the 4th: that of the 3rd did it."""
    moments: list[object] = [datetime(2026, 11, 1), datetime(2026, 11, 3), datetime(2026, 11, 5)]
    frame = referrals(
        referred_at=moments, email_sha256=["ann", "ann", "bob"], campaign=["A", "B", "B"],
        bid_price=[2.0, 3.0, 5.0],
    )  # fmt: skip
    told: list[Row] = [
        {"email_sha256": "ann", "converted_at": datetime(2026, 11, 4), "value": 40.0,
         "currency": "AUD", "conversiontype": None, "confirmationref": None},
    ]  # fmt: skip
    found = analysis.attribute(frame, conversions(told), window_days=1)
    assert found.select("referral", "days", "outcome").rows() == [(1, 1.0, "attributed")]
    rates = analysis.conversion_rates(frame, found, "campaign")
    columns = ("campaign", "referrals", "converted", "rate", "cost_per_acquisition")
    assert rates.select(columns).rows() == [("B", 2, 1, 0.5, 8.0), ("A", 1, 0, 0.0, None)]
    values = analysis.conversion_values(frame, found, "campaign", currency="AUD")
    assert values.select("campaign", "value", "return_on_ad_spend").rows() == [
        ("B", 40.0, 5.0), ("A", 0.0, 0.0),
    ]  # fmt: skip
    one = analysis.attribute(frame, conversions(told), window_days=0.99)
    assert one["outcome"].to_list() == ["too late"]


def test_weeks_by_hand() -> None:
    """Two people of one week, one converting on day 6, the other on day 7 after the first."""
    first = datetime(2026, 11, 2, 12)
    frame = referrals(referred_at=[first, first], email_sha256=["ann", "bob"])
    told: list[dict[str, Any]] = [
        {"email_sha256": who, "converted_at": first + timedelta(days=days), "value": 1.0,
         "currency": "AUD", "conversiontype": None, "confirmationref": None}
        for who, days in (("ann", 6), ("bob", 7))
    ]  # fmt: skip
    found = analysis.cohorts(frame, conversions(told), weeks=2, known_until=datetime(2026, 11, 23))
    assert found.select("week", "weeks_after", "people", "converted", "value").rows() == [
        (date(2026, 11, 2), 0, 2, 1, 1.0),
        (date(2026, 11, 2), 1, 2, 2, 2.0),
        (date(2026, 11, 2), 2, 2, None, None),
    ]


def one(expression: pl.Expr) -> Any:
    return pl.select(expression).item()


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_wilson_gives_published_intervals(hits: int, trials: int, low: float, high: float) -> None:
    """The intervals are those printed for the same counts."""
    ends = wilson(pl.lit(hits), pl.lit(trials))
    assert [one(end) for end in ends] == pytest.approx([low, high], abs=5e-5)


def test_wilson_stays_between_nothing_and_all() -> None:
    """No interval leaves 0 to 1, and of no trials there is none."""
    assert [one(end) for end in wilson(pl.lit(20), pl.lit(20))][1] == 1.0
    assert [one(end) for end in wilson(pl.lit(0), pl.lit(0))] == [None, None]


@pytest.mark.parametrize(
    ("hits", "trials", "other", "of", "z"),
    [
        (60, 100, 40, 100, 2.8284), (40, 100, 60, 100, -2.8284), (2, 100, 1, 100, None),
        (5, 5, 0, 5, None),
    ],
)  # fmt: skip
def test_shares_differ_by_known_errors(
    hits: int, trials: int, other: int, of: int, z: float | None
) -> None:
    """Two shares worked out by hand; with too few in a cell nothing is said."""
    found = one(shares_z(pl.lit(hits), pl.lit(trials), pl.lit(other), pl.lit(of)))
    assert found == (pytest.approx(z, abs=1e-4) if z else None)


@pytest.mark.parametrize(
    ("count", "other", "part", "z"),
    [(130, 100, 0.5, 1.9781), (100, 100, 0.5, 0.0), (3, 1, 0.5, None), (40, 40, 1 / 3, 3.1623)],
)
def test_counts_differ_by_known_errors(
    count: int, other: int, part: float, z: float | None
) -> None:
    """Two counts worked out by hand, also over unequal times."""
    found = one(counts_z(pl.lit(count), pl.lit(other), part=part))
    assert found == (None if z is None else pytest.approx(z, abs=1e-4))


def test_many_tests_ask_for_more() -> None:
    """What is clear in one test is not in twenty, and nothing known is not told apart."""
    z = pl.lit(2.5)
    assert one(verdict(z)) == analysis.HIGHER
    assert one(verdict(-z)) == analysis.LOWER
    assert one(verdict(z, tests=20)) == one(verdict(pl.lit(None, pl.Float64))) == analysis.NOT_TOLD
