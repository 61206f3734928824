# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.errors import InputError
from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import (
    SEEDS,
    Row,
    bids,
    cost,
    delivered,
    grouped,
    heads,
    mean,
    table,
)
from tests.referrals.downloads import referrals

DEVICES = {"Chrome Mobile": "mobile", "Chrome": "desktop", "iPad": "tablet", "Lynx": "other"}
BANDS = [
    (18, "under 18"),
    (25, "18-24"),
    (35, "25-34"),
    (45, "35-44"),
    (55, "45-54"),
    (65, "55-64"),
]


def band(row: Row) -> str:
    if row["age"] is None:
        return "not given"
    return next((name for end, name in BANDS if row["age"] < end), "65 and over")


def hour(row: Row) -> str:
    return f"{row['referred_at']:%H}" if row["referred_at"] else "not given"


def weekday(row: Row) -> str:
    return f"{row['referred_at']:%A}" if row["referred_at"] else "not given"


def cell(name: str, row: Row) -> str:
    return row[name] or "not given"


KEYS: dict[str, Callable[[Row], str]] = {
    **{
        name: partial(cell, name)
        for name in ("campaign", "source", "country", "browser", "ad_text", "gender")
    },
    "age_band": band,
    "device": lambda row: DEVICES.get(row["browser"], "not given"),
    "hour": hour,
    "weekday": weekday,
    "all": lambda _: "all",
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", KEYS)
def test_a_segment_is_what_a_loop_counts(name: str, seed: int) -> None:
    """Referrals, people, cost, average bid and shares of each group are those of a plain loop."""
    rows = delivered(seed)
    found = analysis.by_segment(table(rows), name)
    slow = grouped(rows, KEYS[name])
    assert set(found[name]) == set(slow)
    for group, count, people, money, average, of_all, of_cost in found.iter_rows():
        mine = slow[group]
        assert (count, people) == (len(mine), heads(mine))
        assert money == pytest.approx(cost(mine))
        assert average == pytest.approx(mean(bids(mine)))
        assert of_all == pytest.approx(len(mine) / len(rows))
        assert of_cost == pytest.approx(cost(mine) / cost(rows))


@pytest.mark.parametrize("seed", SEEDS)
def test_two_keys_are_what_a_loop_counts(seed: int) -> None:
    """A creative is a text and a response; an hour of the week is a weekday and an hour."""
    rows = delivered(seed)
    creatives = grouped(
        rows, lambda row: tuple(row[k] or "not given" for k in ("ad_text", "ad_response"))
    )
    found = analysis.by_creative(table(rows)).select(
        "ad_text", "ad_response", "referrals", "people"
    )
    assert {row[:2]: row[2:] for row in found.iter_rows()} == {
        key: (len(mine), heads(mine)) for key, mine in creatives.items()
    }
    hours = grouped(rows, lambda row: (weekday(row), hour(row)))
    week = analysis.by_hour_and_weekday(table(rows))
    assert week.filter(pl.col("weekday") != "not given").height == 7 * 24
    assert {row[:2]: row[2:4] for row in week.iter_rows() if row[2]} == {
        key: (len(mine), heads(mine)) for key, mine in hours.items()
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_people_of_the_rest_are_counted_once(seed: int) -> None:
    """Who is in two of the small groups is one person of Other."""
    rows = delivered(seed)
    found = analysis.by_segment(table(rows), "state", top=3)
    names = found["state"].to_list()
    assert names[-2:] == ["Other", "not given"]
    rest = [row for row in rows if row["state"] not in (None, *names[:3])]
    assert found.filter(state="Other").select("referrals", "people").row(0) == (
        len(rest), heads(rest),
    )  # fmt: skip
    assert min(found["referrals"][:3]) >= max(
        len(mine) for mine in grouped(rest, lambda row: row["state"]).values()
    )


@pytest.mark.parametrize(
    ("browser", "device"),
    [
        ("Chrome Mobile", "mobile"), ("Mobile Safari", "mobile"), ("Samsung Internet", "mobile"),
        ("Android Webview", "mobile"), ("Chrome", "desktop"), ("Microsoft Edge", "desktop"),
        ("Internet Explorer", "desktop"), ("Safari", "desktop"), ("Firefox", "desktop"),
        ("Amazon Silk", "tablet"), ("iPad", "tablet"), ("Googlebot", "other"), (None, "not given"),
    ],
)  # fmt: skip
def test_a_browser_tells_the_device(browser: str | None, device: str) -> None:
    """The family's name tells a hand-held browser from one at a desk."""
    frame = referrals(browser=[browser])
    assert analysis.by_device(frame)["device"].to_list() == [device]


def test_an_unknown_segment_names_those_there_are() -> None:
    """Whoever mistypes a column reads which ones can be used."""
    with pytest.raises(InputError, match=r"'campain'.*campaign.*device"):
        analysis.by_segment(referrals(state=["CA"]), "campain")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=12), st.integers(1, 8))
def test_no_small_group_is_left(groups: list[tuple[int, int]], fewest: int) -> None:
    """Sums stay, nobody's group shows, and the folded row is large enough where it can be."""
    frame = pl.DataFrame(
        {
            "state": [f"S{number}" for number in range(len(groups))],
            "referrals": [people + more for people, more in groups],
            "people": [people for people, _ in groups],
            "cost": [people * 1.5 for people, _ in groups],
            "average_bid": [1.5] * len(groups),
        },
        schema={
            "state": pl.String, "referrals": pl.Int64, "people": pl.Int64, "cost": pl.Float64,
            "average_bid": pl.Float64,
        },
    )  # fmt: skip
    shown = analysis.hide_small(frame, fewest=fewest)
    for name in ("referrals", "people", "cost"):
        assert shown[name].sum() == pytest.approx(frame[name].sum())
    named = shown.filter(~pl.col("state").str.starts_with("fewer"))
    assert all(people == 0 or people >= fewest for people in named["people"])
    folded = shown.filter(pl.col("state").str.starts_with("fewer"))
    assert folded.height == any(0 < people < fewest for people, _ in groups)
    if folded.height:
        assert folded["people"][0] >= min(fewest, sum(people for people, _ in groups))
        assert folded["average_bid"].to_list() == [None]
    # Nothing is hidden that need not be: without its largest group the rest were too few.
    hidden = frame.filter(~pl.col("state").is_in(named["state"].implode()))
    large = hidden.filter(pl.col("people") >= fewest)
    assert large.height <= 1
    assert hidden.filter((pl.col("people") > 0) & (pl.col("people") < fewest))["people"].sum() < (
        fewest if large.height else 10**9
    )


def test_one_small_group_takes_the_next_with_it() -> None:
    """One hidden group could be told from the total, so the next smallest hides with it."""
    frame = pl.DataFrame(
        {
            "state": ["CA", "NY", "TX"],
            "referrals": [9, 2, 6],
            "people": [9, 1, 6],
            "cost": [9.0, 2, 6],
        }
    )
    assert analysis.hide_small(frame).rows() == [
        ("CA", 9, 9, 9.0),
        ("fewer than 5 and others", 8, 7, 8.0),
    ]


def test_currencies_are_hidden_apart() -> None:
    """The folded row of one currency holds no money of another."""
    frame = pl.DataFrame(
        {
            "campaign": ["A", "B", "A", "B"], "currency": ["AUD", "AUD", "USD", "USD"],
            "people": [2, 4, 3, 3], "conversions": [2, 4, 3, 3], "value": [1.0, 2.0, 10.0, 20.0],
        }
    )  # fmt: skip
    assert analysis.hide_small(frame).rows() == [
        ("fewer than 5", "AUD", 6, 6, 3.0), ("fewer than 5", "USD", 6, 6, 30.0),
    ]  # fmt: skip


def test_a_table_without_people_is_left_alone() -> None:
    """Where nobody is counted nobody can be hidden."""
    frame = pl.DataFrame({"outcome": ["kept"], "rows": [1]})
    assert analysis.hide_small(frame) is frame


def test_days_that_are_hours_at_midnight_have_no_hour() -> None:
    """A file of days puts every referral of a weekday at no hour."""
    week = analysis.by_hour_and_weekday(referrals(referred_at=[datetime(2026, 11, 2)] * 2))
    assert week.filter(pl.col("referrals") > 0).select("weekday", "hour", "referrals").rows() == [
        ("Monday", "not given", 2)
    ]
