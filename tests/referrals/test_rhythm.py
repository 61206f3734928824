from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.referrals.rhythm import (
    RECOVERY,
    Delivered,
    find_gaps,
    find_rhythm,
    in_words,
)

FIRST = datetime(2025, 11, 23, 6, tzinfo=UTC)


def file(number: int, *, late: timedelta = timedelta(0), rows: bool = True) -> Delivered:
    """The file of a day: delivered at six the morning after."""
    modified = FIRST + timedelta(days=number)
    day = modified.date() - timedelta(days=1)
    return Delivered(f"{day}.csv", modified + late, (day,) if rows else ())


def day(number: int) -> date:
    return FIRST.date() + timedelta(days=number - 1)


@given(st.sets(st.integers(1, 363), max_size=60))
def test_a_year_of_daily_files_shows_its_gaps(lost: set[int]) -> None:
    """Exactly the days whose file never came are named, however many there are."""
    files = [file(number) for number in range(365) if number not in lost]
    gaps = find_gaps(files, now=FIRST + timedelta(days=364, hours=1))
    assert str(find_rhythm(files)) == "daily"
    assert [gap.day for gap in gaps] == sorted(day(number) for number in lost)


def test_a_gap_says_what_to_do() -> None:
    """The day by its name, the way to export it, and until when a late file may still come."""
    files = [file(number) for number in range(365) if number != 360]
    now = FIRST + timedelta(days=364, hours=1)
    (gap,) = find_gaps(files, now=now)
    assert gap.sentence == (
        "no file for Tuesday 17 November 2026; export those dates by hand: "
        "Campaigns > Customer Data > Referrals > Export"
    )
    assert gap.recover_until == datetime(2026, 12, 2, 6, tzinfo=UTC)
    assert in_words([gap], now=now) == [
        (
            f"No file for Tuesday 17 November 2026; {RECOVERY}. A late file can still come until "
            "Wednesday 2 December 2026."
        )
    ]
    (sooner,) = find_gaps(files, now=now, retention_days=7)
    assert sooner.recover_until == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_a_file_that_is_overdue_is_missed() -> None:
    """Six hours after a file was due its day is named; before, nobody is alarmed."""
    files = [file(number) for number in range(10)]
    due = FIRST + timedelta(days=10)
    assert find_gaps(files, now=due + timedelta(hours=5)) == []
    assert [gap.day for gap in find_gaps(files, now=due + timedelta(hours=7))] == [day(10)]


def test_late_and_empty_files_are_no_gaps() -> None:
    """A file a day late fills its own day, and a file without rows says nobody was referred."""
    late = [file(n, late=timedelta(days=1) if n == 5 else timedelta(0)) for n in range(10)]
    empty = [file(n, rows=n != 5) for n in range(10)]
    now = FIRST + timedelta(days=9, hours=1)
    assert find_gaps(late, now=now) == find_gaps(empty, now=now) == []


def test_a_repeated_row_does_not_hide_a_gap() -> None:
    """A file that holds rows of the day before does not stand for that day's own file."""
    files = [file(number) for number in range(10) if number != 4]
    fifth = Delivered("5.csv", FIRST + timedelta(days=5), (day(4), day(5)))
    files = [fifth if one.modified == fifth.modified else one for one in files]
    gaps = find_gaps(files, now=FIRST + timedelta(days=9, hours=1))
    assert [gap.day for gap in gaps] == [day(4)]


def test_an_export_by_hand_fills_a_gap() -> None:
    """What was exported by hand counts for its days, and shows no rhythm of its own."""
    files = [file(number) for number in range(10) if number != 4]
    export = Delivered("export.csv", FIRST + timedelta(days=9), (day(4),), scheduled=False)
    now = FIRST + timedelta(days=9, hours=1)
    assert [gap.day for gap in find_gaps(files, now=now)] == [day(4)]
    assert find_gaps([*files, export], now=now) == []


def test_a_week_that_never_came_is_seven_days() -> None:
    """With weekly files each day of the missing week is named, and told in one sentence."""
    weeks = [
        Delivered(
            f"{number}.csv",
            FIRST + timedelta(weeks=number),
            tuple(day(7 * number - back) for back in range(7)),
        )
        for number in range(8)
        if number != 3
    ]
    gaps = find_gaps(weeks, now=FIRST + timedelta(weeks=7, hours=1))
    assert str(find_rhythm(weeks)) == "weekly"
    assert [gap.day for gap in gaps] == [day(21 - back) for back in reversed(range(7))]
    (sentence,) = in_words(gaps, now=FIRST + timedelta(weeks=9))
    assert (
        sentence == f"No file for Sunday 7 December 2025 to Saturday 13 December 2025; {RECOVERY}."
    )


@pytest.mark.parametrize("steps", [[], [1, 1], [1, 5, 2, 9, 30, 3]])
def test_without_a_rhythm_nothing_is_missed(steps: list[int]) -> None:
    """Few files, or files at any time, are no rhythm."""
    files, at = [file(0)], 0
    for step in steps:
        at += step
        files.append(file(at))
    assert find_rhythm(files) is None
    assert find_gaps(files, now=FIRST + timedelta(days=100)) == []


def test_many_gaps_are_said_in_few_sentences() -> None:
    """The latest are named one by one, and the earlier ones are counted."""
    lost = range(10, 100, 10)
    files = [file(number) for number in range(110) if number not in lost]
    now = FIRST + timedelta(days=109, hours=1)
    said = in_words(find_gaps(files, now=now), now=now)
    assert (len(said), said[0]) == (6, f"4 earlier gaps; {RECOVERY}.")
