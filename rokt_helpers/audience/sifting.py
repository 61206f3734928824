"""Read rows batch by batch and part the good ones from the rejected.

The law kept here: no more than a few batches of the source are in memory at a time, and whoever
watches hears of each batch and may stop before the next one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from rokt_helpers.audience.correcting import Corrections
from rokt_helpers.audience.judging import Kind, Output, judge, kind_of, looks_of_judged
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.audience.uniqueness import EachOnce
from rokt_helpers.errors import Cancelled, InputError
from rokt_helpers.progress import OnProgress, Progress, StopSign

__all__ = ["Sifted", "Watch", "sift"]


@dataclass(frozen=True)
class Watch:
    """Whoever wants to know how far it is, and may stop it. ``total`` is 0 where none knows."""

    progress: OnProgress | None = None
    cancel: StopSign | None = None
    total: int = 0

    def hear(self, stage: str, done: int, total: int) -> None:
        """Tell how many rows are done.

        Raises
        ------
        Cancelled
            When somebody asked to stop.
        """
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled("Stopped while the list was being prepared. Nothing was written.")
        if self.progress is not None:
            self.progress(Progress(stage, done, total, "rows"))


@dataclass
class Sifted:
    """Rows read so far: how many, what they look like, the good ones and the rejected."""

    good: EachOnce
    rows: int = 0
    looks: Counter[str] = field(default_factory=Counter)
    rejects: list[pl.DataFrame] = field(default_factory=list)

    @property
    def rejected(self) -> pl.DataFrame:
        """The rejection report: ``row`` and ``reason``, and ``file`` where there are several."""
        return pl.concat(self.rejects)

    def kind(self, **choices: Any) -> Kind:
        """Return what the column holds, by :func:`kind_of`; what cannot be used is forgotten."""
        try:
            return kind_of(self.looks, rows=self.rows, **choices)
        except InputError:
            self.good.discard()
            raise

    def each_once(self, watch: Watch) -> Identifiers:
        """Return the good ones, each once; call it once."""
        rows = self.good.rows
        try:
            return self.good.finish(lambda done: watch.hear("Finding duplicates", done, rows))
        except BaseException:
            self.good.discard()
            raise


def sift(
    rows: pl.LazyFrame,
    kind: Kind,
    output: Output,
    watch: Watch,
    *,
    name: str,
    corrections: Corrections | None = None,
) -> Sifted:
    """Judge all rows and return them parted; ``name`` is that of the good ones' column.

    Raises
    ------
    InputError
        When a row was corrected that would not have been rejected.
    Cancelled
        When the watch asked to stop; what lay on disk is gone then.
    """
    sifted = Sifted(EachOnce(name))
    judged = judge(rows, kind, output)
    try:
        if corrections is not None:
            corrections.begin(rows, kind, output)
        watch.hear("Reading and hashing", 0, watch.total)
        for batch in judged.collect_batches(engine="streaming"):
            _take(batch, kind, sifted)
            if corrections is not None:
                corrections.see(batch)
            watch.hear("Reading and hashing", sifted.rows, watch.total)
        if not sifted.rejects:
            sifted.rejects.append(_report(judged.collect_schema().to_frame()))
    except BaseException:
        sifted.good.discard()
        raise
    return sifted


def _take(batch: pl.DataFrame, kind: Kind, sifted: Sifted) -> None:
    sifted.rows += len(batch)
    sifted.looks.update(looks_of_judged(batch, kind))
    is_good = batch["reason"].is_null()
    sifted.good.add(batch.select("identifier", "key").filter(is_good))
    sifted.rejects.append(_report(batch).filter(~is_good))


def _report(judged: pl.DataFrame) -> pl.DataFrame:
    return judged.select(pl.col("^(file|row|reason)$"))
