# ruff: noqa: DTZ001  Rokt's times have no zone, and neither has our table
from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.analysis.sums import as_utc
from tests.referrals.analysis_rows import PEOPLE, SEEDS, START, Row, delivered, grouped, table
from tests.referrals.downloads import referrals

SCHEMA: dict[str, pl.DataType] = {
    "email_sha256": pl.String(), "list": pl.String(), "since": pl.Datetime("us"),
    "until": pl.Datetime("us"),
}  # fmt: skip


def stretches(seed: int) -> list[Row]:
    """Stretches on three lists that overlap, meet, end at once, or lack what is needed."""
    dice = random.Random(seed)
    rows = []
    for _ in range(50):
        since = START + timedelta(hours=dice.choice(range(0, 1_400, 7)))
        until = dice.choice([None, since, since + timedelta(hours=dice.choice([7, 70, 700]))])
        rows.append(
            {
                "email_sha256": None if dice.random() < 0.05 else dice.choice(PEOPLE),
                "list": dice.choice(["Optouts", "Customers", None]),
                "since": None if dice.random() < 0.05 else since,
                "until": until,
            }
        )
    return rows + [dict(dice.choice(rows)) for _ in range(8)]


def slow_leaks(rows: list[Row], lists: list[Row], grace: float) -> dict[tuple[int, str], float]:
    """Each referral and list → hours since the earliest stretch that reaches it."""
    found: dict[tuple[int, str], float] = {}
    for number, row in enumerate(rows):
        for on in lists:
            if None in (row["email_sha256"], row["referred_at"], on["since"]):
                continue
            if row["email_sha256"] != on["email_sha256"] or row["referred_at"] < on["since"]:
                continue
            if on["until"] is not None and row["referred_at"] >= on["until"]:
                continue
            key = (number, on["list"] or "not given")
            hours = (row["referred_at"] - on["since"]) / timedelta(hours=1)
            found[key] = max(found.get(key, 0.0), hours)
    return {key: hours for key, hours in found.items() if hours >= grace}


@pytest.mark.parametrize("grace", [0.0, 24.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_leaks_are_what_a_loop_finds(seed: int, grace: float) -> None:
    """Every referral of a person on a list, with its lag, and no other, by two nested loops."""
    rows, lists = delivered(seed), stretches(seed)
    frame = table(rows)
    leaks = analysis.find_leaks(
        frame, pl.DataFrame(lists, schema=SCHEMA), grace_hours=grace
    )  # fmt: skip
    slow = slow_leaks(rows, lists, grace)
    found = {(r, name): h for r, name, h in leaks.select("referral", "list", "hours").iter_rows()}
    assert found == pytest.approx(slow)
    assert len(slow) > 10
    numbers = {number for number, _ in slow}
    totals = analysis.leak_totals(leaks, frame)
    assert totals["referrals"] == len(numbers)
    assert totals["people"] == len({rows[number]["email_sha256"] for number in numbers})
    assert totals["cost"] == pytest.approx(sum(rows[n]["bid_price"] or 0 for n in numbers))
    assert totals["unmatched"] == sum(
        row["email_sha256"] is None or row["referred_at"] is None for row in rows
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tables_of_leaks_add_up(seed: int) -> None:
    """By list, by list and day, and by lag, counts, people, money and medians are a loop's."""
    rows, lists = delivered(seed), stretches(seed)
    leaks = analysis.find_leaks(table(rows), pl.DataFrame(lists, schema=SCHEMA))
    each = [
        {"list": name, "day": rows[n]["referred_at"].date(), "hours": hours, **rows[n]}
        for (n, name), hours in slow_leaks(rows, lists, 0).items()
    ]

    def lag(row: Row) -> str:
        days = row["hours"] / 24
        if days < 1:
            return "0-24 hours"
        return "1-2 days" if days < 2 else "2-7 days" if days < 7 else "more than 7 days"

    for found, slow in (
        (analysis.leaks_by_list(leaks), grouped(each, lambda row: (row["list"],))),
        (analysis.leaks_by_day(leaks), grouped(each, lambda row: (row["list"], row["day"]))),
        (analysis.leaks_by_lag(leaks), grouped(each, lambda row: (lag(row),))),
    ):
        for *key, count, people, money, hours in found.iter_rows():
            mine = slow.pop(tuple(key), [])
            assert (count, people) == (len(mine), len({row["email_sha256"] for row in mine}))
            assert money == pytest.approx(sum(row["bid_price"] or 0 for row in mine))
            if mine:
                assert hours == pytest.approx(median(row["hours"] for row in mine))
        assert slow == {}


def test_a_leak_by_hand() -> None:
    """On the list from nine, off it at noon: at nine and before noon are leaks, at noon is none."""
    day = datetime(2026, 11, 3)
    moments: list[object] = [day.replace(hour=hour) for hour in (8, 9, 11, 12)]
    frame = referrals(referred_at=moments, email_sha256=["ann"] * 4, bid_price=[1.0, 2.0, 4.0, 8.0])
    lists = pl.DataFrame(
        [["ann", "Optouts", day.replace(hour=9), day.replace(hour=12)]], schema=SCHEMA, orient="row"
    )
    leaks = analysis.find_leaks(frame, lists)
    assert leaks.select("referral", "list", "day", "hours", "cost").rows() == [
        (1, "Optouts", date(2026, 11, 3), 0.0, 2.0), (2, "Optouts", date(2026, 11, 3), 2.0, 4.0),
    ]  # fmt: skip
    # Nine in the morning in Sydney is still the evening before in UTC: nobody was on the list.
    sydney = analysis.find_leaks(frame, lists, referral_time_zone="Australia/Sydney")
    assert sydney.is_empty()
    west = analysis.find_leaks(frame, lists, referral_time_zone="Etc/GMT+3")
    assert west["referral"].to_list() == [0]


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/New_York", "UTC"])
def test_local_clocks_are_read_as_the_standard_library_reads_them(zone: str) -> None:
    """Each half hour of a year, those a night has twice or skips included, is the same in UTC."""
    moments = [datetime(2026, 1, 1) + timedelta(minutes=30 * n) for n in range(365 * 48)]
    found = as_utc(pl.DataFrame({"referred_at": [*moments, None]}), zone).to_list()
    slow = [
        moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).replace(tzinfo=None)
        for moment in moments
    ]
    assert found == [*slow, None]


def test_a_zone_that_is_none_is_named() -> None:
    """A mistyped time zone is an error that shows how one is written."""
    frame = referrals(referred_at=[datetime(2026, 11, 3)])
    with pytest.raises(InputError, match=r"'Sydney'.*Australia/Sydney"):
        as_utc(frame, "Sydney")
