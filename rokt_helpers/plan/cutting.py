"""Cut what is to be sent into batches: by count and by bytes, in its order, each row once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from rokt_helpers.audience import Identifiers
from rokt_helpers.errors import InputError
from rokt_helpers.plan.modes import Part
from rokt_helpers.plan.plan import content_fingerprint
from rokt_helpers.plan.targets import Batch, Limits

__all__ = ["cut"]


def cut(parts: Sequence[Part], limits: Limits) -> Iterator[Batch]:
    """Return the batches of a plan, numbered from 1, none of them over a limit.

    Raises
    ------
    InputError
        When one row alone is longer than the wire takes.
    """
    number = 0
    for position, part in enumerate(parts):
        offset = 0
        for end in _ends(part.identifiers, limits):
            number += 1
            content = content_fingerprint(part.identifiers, offset, end - offset)
            yield Batch(number, part.action, position, offset, end - offset, content)
            offset = end


def _ends(identifiers: Identifiers, limits: Limits) -> Iterator[int]:
    """Return after which rows a batch ends; a row counts its bytes and one for what parts it."""
    rows, longest = len(identifiers), identifiers.longest_bytes
    _refuse_too_long(longest, limits)
    by_count = limits.batch_rows
    if limits.batch_bytes is None or (longest + 1) * min(by_count, rows) <= limits.batch_bytes:
        yield from (min(end, rows) for end in range(by_count, rows + by_count, by_count))
        return
    ends_at = (identifiers.line_bytes().cast(pl.Int64) + 1).cum_sum()
    end = sent = 0
    while end < rows:
        by_bytes = ends_at.search_sorted(sent + limits.batch_bytes, side="right")
        end = min(by_bytes, end + by_count, rows)
        sent = ends_at[end - 1]
        yield end


def _refuse_too_long(longest: int, limits: Limits) -> None:
    most = min(
        limits.row_bytes or longest, limits.batch_bytes - 1 if limits.batch_bytes else longest
    )
    if longest > most:
        raise InputError(
            f"The longest row has {longest:,} bytes, and no more than {most:,} can be sent in one "
            "piece. Leave out a column with long texts. Nothing was sent."
        )
