"""The ledger's runs as one table: how each ended, how much it carried, how long it took.

The law kept here: nobody is in it. Names of lists pass :func:`redact.scrub`, for somebody may have
called a list after a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import polars as pl

from rokt_helpers.ledger import RunRecord
from rokt_helpers.redact import scrub

__all__ = ["OUTCOMES", "deliveries"]

# What became of a run, the best first; several words of the ledger and exit codes share one.
OUTCOMES: Final = ("done", "in part", "stopped", "failed", "in doubt")
_OUTCOME: Final = {
    "delivered": "done",
    "incomplete": "in part",
    "cancelled": "stopped",
    "interrupted": "stopped",
    "refused": "failed",
    "failed": "failed",
    "in_doubt": "in doubt",
    "started": "in doubt",
}
_MOMENT: Final = pl.Datetime("us", "UTC")
_FROM_RECORD: Final = {
    "run_id": pl.String, "account": pl.String, "purpose": pl.String, "list": pl.String,
    "action": pl.String, "mode": pl.String, "via": pl.String, "status": pl.String,
    "rows": pl.Int64, "started_at": pl.String, "finished_at": pl.String, "sample": pl.Boolean,
    "allowed": pl.String, "undoes": pl.String, "rows_in": pl.Int64, "rejected": pl.Int64,
}  # fmt: skip
_BY_HAND: Final = pl.col("sample") | (pl.col("mode") == "undo")


def deliveries(records: Iterable[RunRecord]) -> pl.DataFrame:
    """Return one row per run, the first one first.

    Returns
    -------
    polars.DataFrame
        The ledger's ``run_id``, ``account``, ``purpose``, ``list`` (scrubbed), ``action``,
        ``mode``, ``via``, ``status``, ``rows``, ``sample``, ``allowed`` and ``undoes``; besides
        ``at`` and ``ended_at`` (UTC), ``day`` (of ``at``), ``outcome`` (one of ``OUTCOMES``),
        ``rows_in`` and ``rejected`` of the source (null where nothing was prepared), ``seconds``
        from the begin to the end (null of a run that has not ended), and ``series``: the list,
        what was done to it and how, in words; null of samples and undos, which nothing repeats.
    """
    rows = [{**vars(record), **_sums(record.summary)} for record in records]
    for row in rows:
        row["list"] = scrub(row["list"])
    table = pl.DataFrame(rows, schema=_FROM_RECORD).with_columns(
        at=pl.col("started_at").str.to_datetime(time_unit="us", time_zone="UTC"),
        ended_at=pl.col("finished_at").str.to_datetime(time_unit="us", time_zone="UTC"),
        outcome=pl.col("status").replace_strict(
            _OUTCOME, default="in doubt", return_dtype=pl.String
        ),
    )
    seconds = (pl.col("ended_at") - pl.col("at")).dt.total_milliseconds() / 1000
    return (
        table.drop("started_at", "finished_at")
        .with_columns(day=pl.col("at").dt.date(), seconds=seconds)
        .with_columns(series=pl.when(~_BY_HAND).then(_series(table)))
        .sort("at", maintain_order=True)
    )


def _sums(summary: str) -> dict[str, int | None]:
    """Return the rows of the source and how many were rejected, where a run knows them."""
    try:
        found = json.loads(summary)
    except ValueError:
        found = {}
    if not isinstance(found, dict) or not isinstance(found.get("rows_in"), int):
        return {"rows_in": None, "rejected": None}
    rejected = found.get("rejected")
    return {"rows_in": found["rows_in"], "rejected": rejected if type(rejected) is int else None}


def _series(table: pl.DataFrame) -> pl.Expr:
    """Return the words for runs that can be held against one another."""
    mode = pl.col("mode")
    deed = (
        pl.when(mode == "mirror").then(pl.lit("mirror"))
        .when(mode == "full").then(pl.col("action"))
        .otherwise(pl.concat_str("action", mode, separator=", "))
    )  # fmt: skip
    name = (
        pl.when(pl.col("purpose") == "conversions")
        .then(pl.lit("conversions"))
        .otherwise(pl.concat_str("list", deed, separator=", "))
    )
    if table["account"].n_unique() > 1:
        name = pl.concat_str(name, pl.lit(" (account "), "account", pl.lit(")"))
    return name
