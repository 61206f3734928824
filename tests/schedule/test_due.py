from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.schedule import Entry, due, next_run
from rokt_helpers.schedule.due import ON_TIME, latest_run

NIGHT = Entry("night", Path("n.ipynb"), at=time(6))
MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe",
    "Asia/Kolkata", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names(found: object) -> list[str]:
    return [one.entry.name for one in found]  # type: ignore[attr-defined]


def test_it_is_due_from_its_moment_on_and_once() -> None:
    """Not a second before, then until it was run."""
    settled = {"night": moment("2026-11-21T06:00")}
    assert due([NIGHT], settled, moment("2026-11-22T05:59:59")) == []
    [one] = due([NIGHT], settled, moment("2026-11-22T06:00"))
    assert one.moment == moment("2026-11-22T06:00")
    assert due([NIGHT], {"night": one.moment}, moment("2026-11-23T05:59")) == []


def test_several_missed_runs_are_made_up_for_once() -> None:
    """After a week off one run is due, the latest; after it none."""
    settled = {"night": moment("2026-11-14T06:00")}
    [one] = due([NIGHT], settled, moment("2026-11-22T17:00"))
    assert one.moment == moment("2026-11-22T06:00")
    assert due([NIGHT], {"night": one.moment}, moment("2026-11-22T17:01")) == []


def test_what_is_not_caught_up_runs_on_time_or_not_at_all() -> None:
    """Without `catch_up` a run that is an hour late is left out."""
    strict = replace(NIGHT, catch_up=False)
    settled = {"night": moment("2026-11-20T06:00")}
    assert names(due([strict], settled, moment("2026-11-22T07:00"))) == ["night"]
    assert due([strict], settled, moment("2026-11-22T07:01")) == []


def test_what_nobody_has_seen_before_has_missed_nothing() -> None:
    """An entry that is new in the afternoon waits for its next morning."""
    assert due([NIGHT], {}, moment("2026-11-22T14:00")) == []
    assert names(due([NIGHT], {}, moment("2026-11-23T06:00"))) == ["night"]


def test_what_is_switched_off_is_never_due() -> None:
    """Whatever it missed."""
    off, settled = replace(NIGHT, enabled=False), {"night": moment("2026-01-01")}
    assert due([off], settled, moment("2026-11-22T06:00")) == []


def test_the_order_is_that_of_the_schedule() -> None:
    """Referrals are collected before they are delivered because they stand there first."""
    entries = [replace(NIGHT, name="b", at=time(6)), replace(NIGHT, name="a", at=time(5))]
    settled = {name: moment("2026-11-21T06:00") for name in "ab"}
    assert names(due(entries, settled, moment("2026-11-22T06:30"))) == ["b", "a"]


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        # The clock leaps from 02:00 to 03:00: the run is at what the new clock calls 03:30.
        ("Europe/Berlin", time(2, 30), "2026-03-29", "2026-03-29T01:30"),
        ("America/New_York", time(2, 30), "2026-03-08", "2026-03-08T07:30"),
        # 02:30 and 01:30 come twice: the first one counts.
        ("Europe/Berlin", time(2, 30), "2026-10-25", "2026-10-25T00:30"),
        ("America/New_York", time(1, 30), "2026-11-01", "2026-11-01T05:30"),
        # Six in the morning is six in the morning, on both sides of the change.
        ("Europe/Berlin", time(6), "2026-10-24", "2026-10-24T04:00"),
        ("Europe/Berlin", time(6), "2026-10-25", "2026-10-25T05:00"),
        ("Europe/Berlin", time(6), "2026-03-29", "2026-03-29T04:00"),
    ],
)
def test_days_on_which_the_clocks_change(zone: str, at: time, day: str, expected: str) -> None:
    """The moment is the one a person would expect, and there is one."""
    entry = replace(NIGHT, at=at, time_zone=zone)
    begin = datetime.fromisoformat(day).replace(tzinfo=entry.zone).astimezone(UTC) - MINUTE
    assert next_run(entry, begin) == moment(expected)
    following = next_run(entry, moment(expected))
    assert timedelta(hours=22) < following - moment(expected) < timedelta(hours=26)


def test_a_day_that_a_zone_leaves_out_has_no_run_of_its_own() -> None:
    """Samoa had no 30 December 2011: its run and the next day's are one moment, run once."""
    entry = replace(NIGHT, time_zone="Pacific/Apia")
    ran = [moment("2011-12-28T00:00")]
    for _ in range(5):
        ran.append(next_run(entry, ran[-1]))
    assert [(b - a) // timedelta(hours=1) for a, b in pairwise(ran[1:])] == [24] * 4
    assert [f"{one.astimezone(entry.zone):%d}" for one in ran[1:4]] == ["28", "29", "31"]


def test_hours_are_real_hours_where_the_clock_moves() -> None:
    """The hour that comes twice has two runs, the hour that is left out has none."""
    entry = replace(NIGHT, hourly=True, at=time(0, 15), time_zone="Europe/Berlin")
    ran = [moment("2026-10-24T23:00")]
    for _ in range(4):
        ran.append(next_run(entry, ran[-1]))
    shown = [f"{one.astimezone(entry.zone):%H:%M}" for one in ran[1:]]
    assert shown == ["01:15", "02:15", "02:15", "03:15"]


entries = st.builds(
    Entry,
    name=st.just("night"),
    notebook=st.just(Path("n.ipynb")),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    days=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    hourly=st.booleans(),
    time_zone=st.sampled_from(ZONES),
    catch_up=st.booleans(),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants naive bounds


@given(entries, moments)
@settings(max_examples=150, deadline=None)
def test_latest_and_next_are_neighbours(entry: Entry, now: datetime) -> None:
    """No moment lies between the latest up to now and the next, and both are of the entry."""
    before, after = latest_run(entry, now), next_run(entry, now)
    assert before <= now < after
    assert next_run(entry, before) == after
    assert latest_run(entry, after) == after
    assert latest_run(entry, after - timedelta(microseconds=1)) == before
    assert before.second == before.microsecond == 0


@given(
    entries,
    st.sampled_from(["2026-02-15T00:00", "2026-09-15T00:00"]).map(moment),
    st.lists(st.tuples(st.integers(1, 80), st.integers(1, 60)), max_size=12),
    st.integers(30, 300),
)
@settings(max_examples=20, deadline=None)
def test_a_simulated_quarter(
    entry: Entry, begin: datetime, gaps: list[tuple[int, int]], tick_minutes: int
) -> None:
    """Over a quarter with both changes of the clocks: on time, at most once, caught up once.

    The computer looks every so many minutes, and is off in between for the ``gaps``: hours on, then
    hours off, a pair after the other.
    """
    end, now, settled = begin + timedelta(days=90), begin, begin
    on, looks = iter(gaps), []
    off_at, off_for = None, 0
    while now < end:
        if off_at is None and (pair := next(on, None)) is not None:
            off_at, off_for = now + timedelta(hours=pair[0]), pair[1]
        if off_at is not None and now >= off_at:
            now, off_at = now + timedelta(hours=off_for), None
        looks.append(now)
        now += tick_minutes * MINUTE

    ran: list[datetime] = []
    for now in looks:
        for one in due([entry], {"night": settled}, now):
            assert settled < one.moment <= now
            assert entry.catch_up or now - one.moment <= ON_TIME
            ran.append(one.moment)
            settled = one.moment
    assert len(ran) == len({*ran})

    expected: list[datetime] = []
    for earlier, look in pairwise([begin, *looks[1:]]):
        latest = latest_run(entry, look)
        # Of the moments between two looks the latest is run, if it may still be.
        if latest > earlier and (entry.catch_up or look - latest <= ON_TIME):
            expected.append(latest)
    assert ran == expected
