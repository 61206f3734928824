"""Fold groups of few people into one, so that a table that is shown names nobody.

Law: sums stay as they were, and the folded row itself never stands for fewer people than asked,
as long as there are others to join it: one hidden group could be told from the total.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final

import polars as pl

__all__ = ["FEWEST_PEOPLE", "hide_small"]

FEWEST_PEOPLE: Final = 5

# What may be added over groups; whatever is not here is not known for the folded row.
_ADDED: Final = frozenset({
    "change", "conversions", "converted", "cost", "cost_earlier", "cost_later", "cost_of_repeats",
    "cost_on_known", "cost_on_new", "cost_on_untold", "known", "mix_effect", "new", "people",
    "price_effect", "priced", "referrals", "referrals_earlier", "referrals_later", "repeats",
    "share_of_cost", "share_of_referrals", "untold", "value", "valued", "volume_effect",
})  # fmt: skip


def hide_small(table: pl.DataFrame, *, fewest: int = FEWEST_PEOPLE) -> pl.DataFrame:
    """Return the table with groups of fewer than ``fewest`` people folded into one last row.

    Parameters
    ----------
    table
        Any table of this package that has ``people``; what stands left of its first count are
        the keys. A table without ``people``, and groups of nobody, are left as they are.
    fewest
        The smallest group that may be seen by its name.

    Returns
    -------
    polars.DataFrame
        The same columns and the same sums. Text keys of the folded row say "fewer than 5", other
        keys are null, averages and rates are null. While the folded row stands for fewer people
        than ``fewest`` the next smallest group joins it: "fewer than 5 and others". Its
        ``people`` are added up: who is in two of the groups counts twice. Each ``currency`` has a
        folded row of its own.
    """
    if "people" not in table.columns or table.is_empty():
        return table
    keys = list(takewhile(lambda name: name not in _ADDED, table.columns))
    if "currency" in keys:
        parts = table.partition_by("currency", maintain_order=True)
        return pl.concat([_hidden(part, keys, fewest) for part in parts])
    return _hidden(table, keys, fewest)


def _hidden(table: pl.DataFrame, keys: list[str], fewest: int) -> pl.DataFrame:
    order = table.select(people="people").with_row_index("row").filter(pl.col("people") > 0)
    before = pl.col("people").cum_sum() - pl.col("people")
    joins = (pl.col("people") < fewest) | ((before > 0) & (before < fewest))
    rows = order.sort("people", "row").filter(joins)["row"]
    if rows.is_empty():
        return table
    hidden = table.select(pl.int_range(pl.len(), dtype=pl.UInt32).is_in(rows.implode())).to_series()
    joined = table.filter(hidden & (table["people"] >= fewest)).height
    label = f"fewer than {fewest}" + (" and others" if joined else "")
    folded = table.filter(hidden).select(
        _folded(name, table.schema[name], label, is_key=name in keys) for name in table.columns
    )
    return pl.concat([table.filter(~hidden), folded])


def _folded(name: str, dtype: pl.DataType, label: str, *, is_key: bool) -> pl.Expr:
    if name == "currency":
        return pl.col(name).first()
    if is_key and dtype == pl.String:
        return pl.lit(label).alias(name)
    if name in _ADDED and not is_key:
        return pl.col(name).sum()
    return pl.lit(None, dtype=dtype).alias(name)
