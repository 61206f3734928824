"""How good the delivered data are: what is filled, what changed, what was left out, what is hurt.

Takes the tidy table, and the list of delivered files that :meth:`Vault.files` gives.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals.analysis.sums import check_adds_up, grouped

__all__ = [
    "ID_KINDS", "column_changes", "columns_filled", "days_without_file", "rows_delivered",
    "sound_ids",
]  # fmt: skip

_OURS: Final = ("file", "row")
ID_KINDS: Final = ("sound", "cut short", "not a number", "not given")


def columns_filled(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return how far each delivered column is filled.

    Returns
    -------
    polars.DataFrame
        ``column``, ``filled`` (rows that are not empty), ``share_filled`` (0 to 1), ``distinct``
        (different values), in the order of the table. ``filled`` and the empty rows are all rows.
    """
    names = [name for name in referrals.columns if name not in _OURS]
    counts = referrals.lazy().select(
        *(pl.col(name).count().alias(f"{name}/filled") for name in names),
        *(_distinct(name, referrals.schema[name]).alias(f"{name}/distinct") for name in names),
    )  # fmt: skip
    row = counts.collect().row(0, named=True)
    table = pl.DataFrame(
        {
            "column": names,
            "filled": [row[f"{name}/filled"] for name in names],
            "distinct": [row[f"{name}/distinct"] for name in names],
        },
        schema={"column": pl.String, "filled": pl.Int64, "distinct": pl.Int64},
    )
    part = pl.col("filled") / max(referrals.height, 1)
    return table.select("column", "filled", part.alias("share_filled"), "distinct")


def column_changes(referrals: pl.DataFrame, files: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return in which file a column came or went.

    Parameters
    ----------
    referrals
        The tidy table with ``file``.
    files
        What :meth:`Vault.files` gives, for the order of delivery (``modified``). None: by the
        first moment in each file.

    Returns
    -------
    polars.DataFrame
        ``file``, ``column``, ``change``: "new" (filled for the first time, not in the first
        file), "missing" (empty in the whole file, filled in the file before), "back" (filled
        again). Files without rows say nothing about columns and are left out.
    """
    names = [name for name in referrals.columns if name not in _OURS]
    filled = [(pl.col(name).count() > 0).alias(name) for name in names]
    each = referrals.group_by("file").agg(pl.col("referred_at").min().alias("_at"), *filled)
    if files is not None:
        order = files.group_by(file="name").agg(pl.col("modified").min().alias("_order"))
        each = each.join(order, on="file", how="left")
    each = each.sort("_at" if files is None else "_order", "file", nulls_last=True)
    long = each.unpivot(names, index="file", variable_name="column", value_name="there")
    there = pl.col("there")
    long = long.with_columns(
        before=there.shift().over("column"), ever=there.cum_max().shift().over("column")
    )
    change = (
        pl.when(there & ~pl.col("ever"))
        .then(pl.lit("new"))
        .when(~there & pl.col("before"))
        .then(pl.lit("missing"))
        .when(there & ~pl.col("before"))
        .then(pl.lit("back"))
    )
    place = each.select("file").with_row_index("_place")
    found = long.select("file", "column", change=change).drop_nulls("change")
    table = found.join(place, on="file", maintain_order="left")
    return table.sort("_place", maintain_order=True).drop("_place")


def rows_delivered(files: pl.DataFrame, rejected: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return what became of the rows of all delivered files.

    Parameters
    ----------
    files
        What :meth:`Vault.files` gives: ``rows`` (kept), ``duplicates``, ``rejected``.
    rejected
        The rejected rows with their ``reason``, where they are kept. None: they are one line.

    Returns
    -------
    polars.DataFrame
        ``outcome`` ("kept", "duplicate", "rejected", or "rejected: bad date"), ``rows``,
        ``share_of_rows`` (0 to 1). They add up to the rows of all files.

    Raises
    ------
    ContractError
        There are more reasons than rejected rows.
    """
    kept, twice, refused = (int(files[name].sum()) for name in ("rows", "duplicates", "rejected"))
    rows = {"kept": kept, "duplicate": twice}
    if rejected is not None:
        counts = rejected["reason"].value_counts().sort("count", "reason", descending=[True, False])
        rows |= {f"rejected: {reason}".replace("_", " "): n for reason, n in counts.iter_rows()}
        refused -= rejected.height
        if refused < 0:
            raise ContractError("outcome: there are more reasons than rejected rows.")
    if refused or rejected is None:
        rows["rejected"] = refused
    table = pl.DataFrame(
        {"outcome": [*rows], "rows": [*rows.values()]},
        schema={"outcome": pl.String, "rows": pl.Int64},
    )
    whole = max(table["rows"].sum(), 1)
    return table.with_columns(share_of_rows=pl.col("rows") / whole)


def sound_ids(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return how many referrals bear an audience's id as Rokt wrote it.

    Returns
    -------
    polars.DataFrame
        ``audience_ids``: "sound" (digits), "cut short" (a spreadsheet made 2.58E+18 of it),
        "not a number", "not given"; ``referrals``, ``people``, ``cost``, which add up.
    """
    number = pl.col("audience_id")
    kind = (
        pl.when(number.is_null())
        .then(pl.lit("not given"))
        .when(number.str.contains(r"^\d+$"))
        .then(pl.lit("sound"))
        .when(number.str.contains(r"^\d([.,]\d+)?[eE]\+?\d+$"))
        .then(pl.lit("cut short"))
        .otherwise(pl.lit("not a number"))
        .alias("audience_ids")
    )
    frame = pl.DataFrame({"audience_ids": ID_KINDS})
    table = frame.join(
        grouped(referrals, kind), on="audience_ids", how="left", maintain_order="left"
    )
    return check_adds_up(table.fill_null(0), referrals)


def days_without_file(files: pl.DataFrame) -> pl.DataFrame:
    """Return ``day`` (Date, UTC): days between the first and the last file on which none came.

    Takes what :meth:`Vault.files` gives; ``modified`` is when a file was laid down. Where Rokt
    delivers weekly that is six days of seven.
    """
    days = files["modified"].dt.convert_time_zone("UTC").dt.date().drop_nulls().unique().sort()
    if days.is_empty():
        return pl.DataFrame(schema={"day": pl.Date})
    every = days.to_frame("day").select(
        pl.date_range(pl.col("day").min(), pl.col("day").max()).alias("day")
    )
    return every.filter(~pl.col("day").is_in(days.implode()))


def _distinct(name: str, dtype: pl.DataType) -> pl.Expr:
    """Count different values; long text by its hash, as people are."""
    values = pl.col(name).drop_nulls()
    return (values.hash(seed=0) if dtype == pl.String else values).n_unique()
