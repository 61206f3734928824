"""Tell which rows of a new file an earlier one has brought, by whichever route.

The key, stated: two rows are one referral when they agree in the moment (to the second), the
person (``email_sha256``), the campaign, the audience id and the bid price, as far as both files
deliver these columns; columns that only one of them has do not count.

A row that names no person agrees with less, so more has to agree: all columns, other than
personal ones, that both files deliver. Are the columns of the two files not the same, then three
of those beside the moment have to be shared, or the rows are not compared at all.

The n-th equal row of a file is only equal to the n-th one in the vault: a file without addresses
may truly hold equal rows. Rows are only compared with those of their own day, a row with a date
never with one without. Of two copies the first is kept as it is, whatever the second has besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.referrals.naming import names_a_person
from rokt_helpers.referrals.tidy import SCHEMA
from rokt_helpers.storage import Storage

__all__ = ["KEY", "KnownRows", "day_of"]

KEY: Final = ("referred_at", "email_sha256", "campaign", "audience_id", "bid_price")
_FEWEST_SHARED: Final = 3
_HALF_SECOND: Final = pl.duration(milliseconds=500)
_HASHES: Final = ["_day", "_left", "_right"]


def day_of(moment: str = "referred_at") -> pl.Expr:
    """Return the day of a row as ISO text; ``unknown`` without a moment."""
    day = pl.col(moment).dt.date()
    return day.map_batches(_names, return_dtype=pl.String, is_elementwise=True)


def _names(days: pl.Series) -> pl.Series:
    # Rows come by day, more or less: then a name is written once for many of them.
    names = days.rle().struct.field("value").dt.strftime("%Y-%m-%d").fill_null("unknown")
    return names.gather(days.rle_id())


class KnownRows:
    """The rows of the vault that a file which is being read may bring again.

    Parameters
    ----------
    columns
        The columns of the tidy table that the new file delivers.
    rows
        Where the Parquet files lie.
    earlier
        What is in the vault: columns that files delivered → day → Parquet files.
    """

    def __init__(
        self,
        columns: Iterable[str],
        rows: Storage,
        earlier: Mapping[frozenset[str], Mapping[str, Sequence[str]]],
    ) -> None:
        new = _comparable(columns)
        self._comparisons = [
            comparison
            for of_columns, parts in earlier.items()
            for comparison in _comparisons(new, _comparable(of_columns), rows, parts)
        ]

    def duplicates(self, batch: pl.DataFrame) -> pl.Series:
        """Tell for each row whether it was there before; what is taken is not taken twice.

        Parameters
        ----------
        batch
            Tidy rows with ``_day``.
        """
        found = pl.Series("duplicate", [False]).new_from_index(0, len(batch))
        days = set(batch["_day"].unique())
        for comparison in self._comparisons:
            if days & comparison.parts.keys():
                found = found | comparison.take(batch, ~found)
        return found


@dataclass
class _Comparison:
    """One way to compare with some earlier rows, and how many of each key are left of them."""

    rows: Storage
    parts: Mapping[str, Sequence[str]]
    columns: tuple[str, ...]
    named: bool | None  # rows that name a person, rows that name none, or all
    left: dict[str, pl.DataFrame] = field(default_factory=dict)

    def take(self, batch: pl.DataFrame, free: pl.Series) -> pl.Series:
        """Return which of the free rows equal an earlier one that no other row has taken."""
        asked = batch["_day"].is_in(list(self.parts)) & free & self._applies(batch)
        known = pl.concat(
            [self._of_day(day) for day in batch["_day"].filter(asked).unique()] or [_NONE]
        )
        places = asked.arg_true()
        keys = self._keys(batch[places].lazy()).collect().with_columns(_place=places)
        keys = keys.join(known, on=_HASHES, how="inner").sort("_place")
        # Few files hold equal rows: then each of them is the first of its kind.
        nth = pl.int_range(pl.len()).over(_HASHES) if keys["_left"].is_duplicated().any() else 0
        hits = keys.filter(nth < pl.col("_count"))
        if len(hits):
            self._give_away(known, hits)
        found = pl.Series("duplicate", [False]).new_from_index(0, len(batch))
        return found.scatter(hits["_place"], values=True) if len(hits) else found

    def _applies(self, batch: pl.DataFrame) -> pl.Series:
        names = batch["email_sha256"].is_not_null()
        if self.named is None:
            return names | ~names
        return names if self.named else ~names

    def _give_away(self, known: pl.DataFrame, hits: pl.DataFrame) -> None:
        taken = hits.group_by(_HASHES).agg(_taken=pl.len())
        rest = known.join(taken, on=_HASHES, how="left").select(
            *_HASHES, _count=pl.col("_count") - pl.col("_taken").fill_null(0)
        )
        by_day = rest.filter(pl.col("_count") > 0).partition_by("_day", as_dict=True)
        for day in taken["_day"].unique():
            self.left[day] = by_day.get((day,), _NONE)

    def _of_day(self, day: str) -> pl.DataFrame:
        if day not in self.left:
            rows = pl.scan_parquet(
                self.rows.fetch(self.parts[day]),
                schema=_types(self.columns),
                missing_columns="insert",
                extra_columns="ignore",
                hive_partitioning=False,
            )
            if self.named is not None:
                is_null = pl.col("email_sha256").is_null()
                rows = rows.filter(~is_null if self.named else is_null)
            keys = self._keys(rows.with_columns(_day=pl.lit(day)))
            counted = keys.group_by(_HASHES).agg(_count=pl.len().cast(pl.Int64))
            self.left[day] = counted.collect(engine="streaming")
        return self.left[day]

    def _keys(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return two 64-bit hashes of each key, which are as good as the key itself."""
        there = rows.collect_schema().names()
        cells = [_cell(name) if name in there else pl.lit(None, pl.String).alias(name)
                 for name in self.columns]  # fmt: skip
        key = pl.struct(cells)
        return rows.select("_day", _left=key.hash(seed=1), _right=key.hash(seed=2))


_NONE: Final = pl.DataFrame(
    schema={"_day": pl.String, "_left": pl.UInt64, "_right": pl.UInt64, "_count": pl.Int64}
)


def _cell(name: str) -> pl.Expr:
    if name == "referred_at":
        # A spreadsheet number is only good to the nearest second.
        return (pl.col(name) + _HALF_SECOND).dt.truncate("1s")
    return pl.col(name)


def _types(columns: Sequence[str]) -> dict[str, pl.DataType]:
    return {name: SCHEMA.get(name, pl.String()) for name in (*columns, "email_sha256")}


def _comparable(columns: Iterable[str]) -> frozenset[str]:
    own = set(contract.PERSONAL_COLUMNS)
    return frozenset(name for name in columns if name not in own and not names_a_person(name))


def _comparisons(
    new: frozenset[str],
    old: frozenset[str],
    rows: Storage,
    parts: Mapping[str, Sequence[str]],
) -> list[_Comparison]:
    shared = new & old
    both_named = "email_sha256" in shared
    found = []
    if both_named:
        key = tuple(name for name in KEY if name in shared)
        found.append(_Comparison(rows, parts, key, named=True))
    others = tuple(sorted(shared - {"email_sha256"}))
    if new == old or len(set(others) - {"referred_at"}) >= _FEWEST_SHARED:
        found.append(_Comparison(rows, parts, others, named=False if both_named else None))
    return found
