from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from rokt_helpers.watching.usual import FEWEST_RUNS, MEASURES, MOST_RUNS, judge

ROWS = MEASURES["rows"]
BEGIN = datetime(2026, 8, 1, 6, tzinfo=UTC)


def series(*amounts: float | None, name: str = "VIP", column: str = "rows") -> pl.DataFrame:
    """Return a run a day."""
    days = [BEGIN + timedelta(days=number) for number in range(len(amounts))]
    return pl.DataFrame(
        {"series": [name] * len(amounts), "at": days, column: amounts}, strict=False
    )


def verdicts(*amounts: float | None) -> list[str]:
    return judge(series(*amounts), ROWS)["verdict"].to_list()


def test_too_few_runs_say_nothing() -> None:
    """The first seven runs are not judged, however they jump; the eighth is."""
    found = judge(series(1, 9_000, 3, 80_000, 5, 6, 7, 8), ROWS)
    assert found["verdict"].to_list()[:FEWEST_RUNS] == ["too few runs"] * 7
    assert found["usual"].null_count() == found["low"].null_count() == 7
    assert found["verdict"][-1] == "usual"


def test_the_band_is_the_median_and_the_distances_from_it() -> None:
    """By hand: median 1,000, MAD 100, so 3.5 times 148.26 to either side."""
    found = judge(series(700, 800, 900, 1_000, 1_100, 1_200, 1_300, 1_000), ROWS)
    last = found.row(-1, named=True)
    mad = 200  # of 300, 200, 100, 0, 100, 200, 300 the middle one
    assert last["usual"] == 1_000
    assert last["high"] == pytest.approx(1_000 + 3.5 * 1.4826 * mad)
    assert last["low"] == 0  # 1,000 - 1,037.82 is less than nothing


def test_a_list_that_never_changed_has_a_band_all_the_same() -> None:
    """A tenth of the median to either side is usual, and not a row more."""
    same = [1_000.0] * 8
    assert verdicts(*same, 1_100)[-1] == verdicts(*same, 900)[-1] == "usual"
    assert verdicts(*same, 1_101)[-1] == "high"
    assert verdicts(*same, 899)[-1] == "low"


def test_a_small_list_may_change_by_ten_rows() -> None:
    """Nobody is told of a delta of nine after many of none; of a hundred they are."""
    assert verdicts(*[0] * 8, 9)[-1] == "usual"
    assert verdicts(*[0] * 8, 100)[-1] == "high"


def test_an_outlier_does_not_move_what_is_usual() -> None:
    """The run after a hundredfold one is held against the runs before both."""
    found = judge(series(*[1_000] * 10, 100_000, 1_000), ROWS)
    assert found["verdict"].to_list()[-2:] == ["high", "usual"]
    assert found["usual"][-1] == 1_000


def test_a_step_is_a_new_level_after_seven_runs() -> None:
    """Six runs above are high each; with the seventh all are a new level, and the next is usual."""
    before, after = [8_000] * 10, [12_000] * 6
    assert verdicts(*before, *after)[10:] == ["high"] * 6
    found = verdicts(*before, *after, 12_000, 12_000, 8_000)
    assert found[10:] == ["new level"] * 7 + ["usual", "low"]


def test_a_list_that_runs_dry_is_a_new_level_of_nothing() -> None:
    """Zeros are figures as any other."""
    assert verdicts(*[500] * 8, *[0] * 8)[8:] == ["new level"] * 7 + ["usual"]


def test_highs_and_lows_in_turn_are_no_level() -> None:
    """Only runs on one side count together."""
    wild = [100, 20_000] * 6
    found = verdicts(*[8_000] * 10, *wild)[10:]
    assert "new level" not in found
    assert found[:2] == ["low", "high"]


def test_only_the_last_twenty_runs_count() -> None:
    """What a list held long ago is forgotten when it came down slowly."""
    slowly = [round(10_000 * 0.99**number) for number in range(100)]
    found = judge(series(*slowly), ROWS)
    assert set(found["verdict"].to_list()[FEWEST_RUNS:]) == {"usual"}
    assert found["usual"][-1] == pytest.approx(
        sorted(slowly[-1 - MOST_RUNS : -1])[MOST_RUNS // 2], rel=0.02
    )


def test_less_time_and_fewer_rejects_are_never_odd() -> None:
    """Where only more is worth a word the band begins at nothing."""
    seconds = MEASURES["seconds"]
    quick = judge(series(*[60.0] * 9, 0.1, 200, column="seconds"), seconds)
    assert quick["verdict"].to_list()[-2:] == ["usual", "high"]
    assert quick["low"].drop_nulls().unique().to_list() == [0]


def test_runs_of_another_list_are_not_compared() -> None:
    """Each series is judged by itself, in its own order in time; what has no figure is left out."""
    both = pl.concat([series(*[10_000] * 9), series(*[100] * 8, None, 104, name="B")])
    found = judge(both.sample(fraction=1, shuffle=True, seed=3), ROWS)
    assert (len(found), set(found["verdict"])) == (18, {"usual", "too few runs"})
    assert found.filter(pl.col("series") == "B")["rows"][-1] == 104


def test_nothing_is_judged_as_nothing() -> None:
    """No run at all gives an empty table with every column."""
    found = judge(series(), ROWS)
    assert found.is_empty()
    assert {"usual", "low", "high", "verdict"} <= set(found.columns)


def test_ordinary_chance_rarely_raises_an_alarm() -> None:
    """Of 20,000 runs that scatter by a fifth fewer than two in a hundred are odd."""
    dice = random.Random(1)
    tables = [
        series(*[dice.gauss(1_000, 200) for _ in range(100)], name=f"{number}")
        for number in range(200)
    ]
    found = judge(pl.concat(tables), ROWS)
    odd = found.filter(pl.col("verdict").is_in(["high", "low", "new level"]))
    assert 0 < len(odd) / len(found) < 0.02
