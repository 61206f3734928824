from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.audience import Identifiers
from rokt_helpers.errors import InputError
from rokt_helpers.plan import Limits
from rokt_helpers.plan.cutting import cut
from rokt_helpers.plan.modes import Part


def _part(lines: list[str]) -> Part:
    return Part("include", Identifiers.in_memory(pl.Series("batch", lines, dtype=pl.String)))


@given(
    parts=st.lists(st.lists(st.text("aä€😀", max_size=12), max_size=40), max_size=3),
    rows=st.integers(1, 9),
    spare=st.integers(0, 60),
)
def test_no_batch_is_over_a_limit_and_every_row_is_in_one_batch_in_its_order(
    parts: list[list[str]], rows: int, spare: int
) -> None:
    """Whatever the lines and limits, the batches put together are the lines as they were."""
    longest = max((len(line.encode()) for part in parts for line in part), default=0)
    limits = Limits(rows, batch_bytes=longest + 1 + spare)
    batches = list(cut([_part(lines) for lines in parts], limits))
    cut_lines: list[list[str]] = [[] for _ in parts]
    for number, batch in enumerate(batches, 1):
        piece = parts[batch.part][batch.offset : batch.offset + batch.rows]
        assert batch.number == number
        assert 1 <= batch.rows == len(piece) <= rows
        assert len("\n".join(piece).encode()) <= longest + spare
        cut_lines[batch.part] += piece
    assert cut_lines == parts


@given(
    lines=st.lists(st.text("aä€", max_size=12), min_size=1, max_size=40), spare=st.integers(0, 60)
)
def test_a_batch_ends_only_where_the_next_row_would_not_fit(lines: list[str], spare: int) -> None:
    """Of two neighbours the first could not have taken one row more."""
    most = max(len(line.encode()) for line in lines) + 1 + spare
    batches = list(cut([_part(lines)], Limits(1_000, batch_bytes=most)))
    for batch in batches[:-1]:
        end = batch.offset + batch.rows
        assert sum(len(line.encode()) + 1 for line in lines[batch.offset : end + 1]) > most


def test_a_row_that_no_piece_can_hold_is_refused_with_both_figures() -> None:
    """The longest row is named by its size, and the error says what to do."""
    with pytest.raises(InputError, match=r"12 bytes, and no more than 9 .* Leave out a column"):
        list(cut([_part(["a", "b" * 12])], Limits(5, batch_bytes=10)))
    with pytest.raises(InputError, match="12 bytes, and no more than 11"):
        list(cut([_part(["a", "b" * 12])], Limits(5, batch_bytes=100, row_bytes=11)))
