"""Prepare a list on Spark: the same kernel, the same digests and sums as on one machine.

The laws kept here: one canonical form, since the workers run the kernel's own expressions; and the
sums add up. Each row is judged once and the judgements are kept until all is written; every sum is
an aggregate over them or is counted in what was written, so a task that Spark runs again counts
nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import polars as pl
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

from rokt_helpers import contract
from rokt_helpers.audience import Identifier, check_choices, name_of
from rokt_helpers.audience.correcting import refuse_on_spark
from rokt_helpers.audience.judging import Kind, Mixed, Output, kind_of
from rokt_helpers.cluster.audience import ClusterAudience
from rokt_helpers.cluster.columns import choose_column, rows_of
from rokt_helpers.cluster.spark import (
    below,
    in_plain_words,
    open_source,
    refuse_taken,
    write_parquet,
)
from rokt_helpers.cluster.workers import judge_batches, judged_columns

__all__ = ["prepare_on_cluster"]

# Facts of a file, which a frame has not.
_UNKNOWN: Final = dict.fromkeys(("encoding", "delimiter", "header", "sheet"))
# The workers take a cell without an @ for a digest. Among addresses it is just no address.
_ADDRESSES: Final = ("email", "mixed")
_REASON_AMONG_ADDRESSES: Final = {"not_a_digest": "no_at_sign"}


def prepare_on_cluster(
    source: object,
    *,
    output_path: str | Path,
    column: str | None = None,
    identifier: Identifier = "email",
    output: Output = "sha256",
    mixed: Mixed = "refuse",
    row_column: str | None = None,
    corrections: Mapping[int, str] | None = None,
) -> ClusterAudience:
    """Turn a list too long for one machine into exactly the identifiers that Rokt matches.

    Parameters
    ----------
    source
        PySpark DataFrame, or the path of a Parquet or ORC file or folder. Text is a path in Spark's
        own spelling (``s3a://…``); a ``Path`` is one of this computer.
    output_path
        A new folder on storage that every worker reaches. It gets ``accepted/`` and ``rejected/``.
    column, identifier, output, mixed, corrections
        As in :func:`~rokt_helpers.prepare_audience`, but corrections are refused.
    row_column
        The whole-number column that tells where a row stood, for the rejection report. Spark keeps
        no order of its own: without such a column the report has reasons and no row numbers.

    Returns
    -------
    ClusterAudience
        The sums and the two folders. ``prepare_audience(audience.path)`` reads the identifiers.

    Raises
    ------
    InputError
        As in :func:`~rokt_helpers.prepare_audience`, or ``output_path`` is taken; nothing is left.
    SettingsError
        When there is no Java, or the workers do not have the workbench.
    RoktError
        When Spark gave up. What lies at ``output_path`` is then not complete.
    """
    _check(corrections, identifier=identifier, output=output, mixed=mixed)
    people = name_of(identifier, output)
    with in_plain_words():
        frame, name = open_source(source)
        refuse_taken(frame.sparkSession, output_path)
        path, rejected_path = (below(output_path, part) for part in ("accepted", "rejected"))
        chosen, evidence = choose_column(frame, column, identifier)
        rows = rows_of(frame, chosen, row_column=row_column)
        judge = partial(judge_batches, output=output, title=chosen, identifier=identifier)
        judged = rows.mapInArrow(judge, judged_columns(output)).persist(StorageLevel.DISK_ONLY)
        try:
            counts = _count(judged)
            kind = _kind(counts, chosen, identifier=identifier, output=output, mixed=mixed)
            rejected = write_parquet(_report(judged, kind), rejected_path)
            accepted = write_parquet(_people(judged, people, output), path)
        finally:
            judged.unpersist()
    found = {"name": name, "column": chosen, "evidence": evidence, "kind": kind, **_UNKNOWN}
    summary = _summary(counts, kind, accepted=accepted, rejected=rejected) | {"source": found}
    return ClusterAudience(summary, people, path, rejected_path)


def _check(corrections: object, **choices: str) -> None:
    check_choices(**choices)
    if corrections:  # rows keep no number here
        refuse_on_spark()


# --- the sums ------------------------------


def _kind(
    counts: pl.DataFrame,
    column: str,
    *,
    identifier: Identifier,
    output: Output,
    mixed: Mixed,
) -> Kind:
    """Return what the column holds, or raise with the reason why it cannot be used."""
    return kind_of(
        _sums(counts.drop_nulls("look"), "look"),
        identifier=identifier,
        output=output,
        mixed=mixed,
        column=column,
        rows=int(counts["count"].sum()),
    )


def _count(judged: DataFrame) -> pl.DataFrame:
    """Return the rows of the whole list by look and reason: a few dozen lines."""
    return pl.DataFrame(judged.groupBy("look", "reason").count().toArrow())


def _sums(counts: pl.DataFrame, by: str) -> dict[Any, int]:
    return dict(counts.group_by(by).agg(pl.col("count").sum()).rows())


def _summary(counts: pl.DataFrame, kind: Kind, *, accepted: int, rejected: int) -> dict[str, Any]:
    """Put what was judged beside what was written; the audience proves that they agree."""
    named = pl.col("reason").replace(_REASON_AMONG_ADDRESSES if kind in _ADDRESSES else {})
    reasons = _sums(counts.with_columns(named), "reason")
    return {
        "rows_in": sum(reasons.values()),
        "accepted": accepted,
        "duplicates": reasons.get(None, 0) - accepted,
        "rejected": rejected,
        "rejected_by_reason": {r: reasons[r] for r in contract.REASONS if r in reasons},
        "advice_applied": {},
        "corrected": 0,
    }


# --- what is written ------------------------------


def _report(judged: DataFrame, kind: Kind) -> DataFrame:
    reason = sf.col("reason")
    for name, better in _REASON_AMONG_ADDRESSES.items() if kind in _ADDRESSES else ():
        reason = sf.when(reason == name, better).otherwise(reason)
    return judged.filter("reason is not null").select("row", reason.alias("reason"))


def _people(judged: DataFrame, name: str, output: Output) -> DataFrame:
    people = judged.filter("reason is null").select("identifier").dropDuplicates()
    text = sf.lower(sf.hex("identifier")) if output == "sha256" else sf.col("identifier")
    return people.select(text.alias(name))
