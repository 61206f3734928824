from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals import analysis
from tests.referrals.analysis_rows import SEEDS, cost, delivered, grouped, table
from tests.referrals.downloads import referrals

FILES = pl.DataFrame(
    {
        "name": ["a.csv", "b.csv"],
        "modified": [datetime(2026, 11, 2, 23, tzinfo=UTC), datetime(2026, 11, 5, 1, tzinfo=UTC)],
        "rows": [90, 100],
        "duplicates": [5, 0],
        "rejected": [5, 0],
    }
)


@pytest.mark.parametrize("seed", SEEDS)
def test_filled_columns_are_what_a_loop_counts(seed: int) -> None:
    """How many cells are filled, and how many are different, a loop finds too."""
    rows = delivered(seed)
    for column, filled, share, distinct in analysis.columns_filled(table(rows)).iter_rows():
        cells = [row[column] for row in rows if row.get(column) is not None]
        assert (filled, distinct) == (len(cells), len(set(cells)))
        assert share == pytest.approx(len(cells) / len(rows))


@pytest.mark.parametrize("seed", SEEDS)
def test_ids_are_what_a_loop_judges(seed: int) -> None:
    """Ids that are digits are sound, powers of ten are cut short, anything else is no number."""
    kinds = {"2.58E+18": "cut short", "x": "not a number", None: "not given"}
    rows = delivered(seed)
    slow = grouped(rows, lambda row: kinds.get(row["audience_id"], "sound"))
    for kind, count, _, money in analysis.sound_ids(table(rows)).iter_rows():
        assert count == len(slow[kind])
        assert money == pytest.approx(cost(slow[kind]))


def test_columns_that_come_and_go_are_named() -> None:
    """A column new in a file, missing from the next and back again is told three times."""
    frame = referrals(
        state=["CA", None, "CA", None, None, "NY"], gender=[None, None, None, "Male", "Male", None]
    ).with_columns(file=pl.Series(["1", "1", "2", "3", "3", "4"]))
    order = pl.DataFrame(
        {
            "name": ["1", "2", "3", "4"],
            "modified": [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3, 4)],
        }
    )
    assert analysis.column_changes(frame, order).rows() == [
        ("3", "state", "missing"), ("3", "gender", "new"),
        ("4", "state", "back"), ("4", "gender", "missing"),
    ]  # fmt: skip
    turned = order.with_columns(pl.col("modified").reverse())
    assert analysis.column_changes(frame, turned).rows()[0] == ("3", "state", "missing")
    assert analysis.column_changes(frame).height == 4


def test_rows_of_files_add_up() -> None:
    """Kept, duplicate and rejected rows are all rows; reasons stand apart where they are known."""
    plain = analysis.rows_delivered(FILES)
    assert plain["rows"].to_list() == [190, 5, 5]
    assert plain["share_of_rows"].to_list() == pytest.approx([0.95, 0.025, 0.025])
    reasons = pl.DataFrame({"row": [2, 3, 9], "reason": ["bad_date", "bad_number", "bad_date"]})
    found = analysis.rows_delivered(FILES, reasons)
    assert found.select("outcome", "rows").rows() == [
        ("kept", 190), ("duplicate", 5), ("rejected: bad date", 2), ("rejected: bad number", 1),
        ("rejected", 2),
    ]  # fmt: skip
    with pytest.raises(ContractError, match="more reasons"):
        analysis.rows_delivered(FILES.with_columns(rejected=0), reasons)


def test_days_between_files_without_one_are_named() -> None:
    """Two files three days apart leave two days; one file leaves none."""
    assert analysis.days_without_file(FILES)["day"].to_list() == [
        date(2026, 11, 3), date(2026, 11, 4),
    ]  # fmt: skip
    assert analysis.days_without_file(FILES.head(1)).is_empty()
    assert analysis.days_without_file(FILES.clear()).is_empty()
