# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.analysis.cost import Every
from tests.referrals.analysis_rows import (
    SEEDS,
    Row,
    bids,
    cost,
    delivered,
    grouped,
    heads,
    mean,
    quantile,
    table,
)
from tests.referrals.downloads import referrals


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["campaign", "audience"])
def test_bids_spread_as_a_loop_finds(name: str, seed: int) -> None:
    """Quantiles, counts and averages of bids are those of sorted lists."""
    rows = delivered(seed)
    slow = grouped(rows, lambda row: row[name] or "not given")
    found = analysis.bid_quantiles(table(rows), name)
    assert set(found[name]) == set(slow)
    for row in found.iter_rows(named=True):
        mine = slow[row[name]]
        assert (row["referrals"], row["people"]) == (len(mine), heads(mine))
        assert row["priced"] == len(bids(mine))
        assert row["average_bid"] == pytest.approx(mean(bids(mine)))
        for part in analysis.QUANTILES:
            assert row[f"bid_p{part * 100:g}"] == pytest.approx(quantile(bids(mine), part))


def start_of(day: date, every: str) -> date:
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_cost_over_time_is_what_a_loop_adds(every: Every, seed: int) -> None:
    """Each stretch from the first to the last is there, with its figures; no date comes last."""
    rows = delivered(seed)

    def start(row: Row) -> date | None:
        return start_of(row["referred_at"].date(), every) if row["referred_at"] else None

    slow = grouped(rows, start)
    found = analysis.cost_over_time(table(rows), every=every)
    starts = found["start"].to_list()
    assert starts[-1] is None
    dated = starts[:-1]
    assert dated == sorted(
        {start_of(dated[0] + timedelta(n), every) for n in range((dated[-1] - dated[0]).days + 1)}
    )
    for row in found.iter_rows(named=True):
        mine = slow.pop(row["start"], [])
        assert (row["referrals"], row["people"]) == (len(mine), heads(mine))
        assert row["cost"] == pytest.approx(cost(mine))
        assert row["average_bid"] == pytest.approx(mean(bids(mine)))
    assert slow == {}


def test_days_without_a_file_are_marked() -> None:
    """A gap is marked inside and beyond the referrals; a quiet day with a file is no gap."""
    moments: list[object] = [datetime(2026, 11, 2, 9), datetime(2026, 11, 5), None]
    frame = referrals(referred_at=moments, bid_price=[2.0, None, 1.0])
    gaps = pl.DataFrame({"day": [date(2026, 11, 4), date(2026, 11, 6), date(2026, 11, 4)]})
    found = analysis.volume_and_cost(frame, gaps).select("day", "referrals", "cost", "gap")
    assert found.rows() == [
        (date(2026, 11, 2), 1, 2.0, False),
        (date(2026, 11, 3), 0, 0.0, False),
        (date(2026, 11, 4), 0, 0.0, True),
        (date(2026, 11, 5), 1, 0.0, False),
        (date(2026, 11, 6), 0, 0.0, True),
        (None, 1, 1.0, False),
    ]


def test_without_gaps_nothing_is_marked() -> None:
    """No list of gaps, or none in it, marks no day; without referrals there is no day."""
    frame = referrals(referred_at=[datetime(2026, 11, 2, 9)])
    assert analysis.volume_and_cost(frame)["gap"].to_list() == [False]
    none = pl.DataFrame(schema={"day": pl.Date})
    assert analysis.volume_and_cost(referrals(state=[]), none).is_empty()
