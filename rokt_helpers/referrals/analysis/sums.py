"""What every table of the analysis shares: groups that add up, people counted once, moments.

Law: every table adds up. Its ``referrals`` sum to the rows it was made from and its ``cost`` to
their bid prices; what was not delivered is a group of its own, "not given", and never dropped.
The columns that name a group stand left of ``referrals``.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Final

import polars as pl

from rokt_helpers.errors import ContractError, InputError

__all__ = [
    "NOT_GIVEN", "OTHER", "among", "as_utc", "check_adds_up", "grouped", "people", "person",
    "share", "span", "with_person",
]  # fmt: skip

NOT_GIVEN: Final = "not given"
OTHER: Final = "Other"
_PERSON: Final = "_person"


def person() -> pl.Expr:
    """Return a number for ``email_sha256``, null where there is none.

    Sixty-four bits tell people apart ten times faster than their digests. That two of ten million
    people get one number has a chance of three in a million, and it would cost a count of one.
    """
    digest = pl.col("email_sha256")
    return pl.when(digest.is_not_null()).then(digest.hash(seed=0))


def among(others: pl.DataFrame) -> pl.Expr:
    """Return whether the person may be one of ``others``, by number: a sieve before a join.

    A join compares whole digests, and is three times faster over the few rows that pass.
    """
    numbers = others.select(person()).to_series().drop_nulls().unique()
    return person().is_in(numbers.implode())


def with_person(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return the table with what :func:`people` counts."""
    return referrals.with_columns(person().alias(_PERSON))


def people() -> pl.Expr:
    """Return, for a group, how many people: a referral without a digest is a person of its own."""
    someone = pl.col(_PERSON)
    return (someone.drop_nulls().n_unique() + someone.null_count()).cast(pl.Int64).alias("people")


def grouped(
    referrals: pl.DataFrame, *keys: pl.Expr, more: list[pl.Expr] | None = None
) -> pl.DataFrame:
    """Return one row per group: the keys, ``referrals``, ``people``, ``cost``, and ``more``."""
    counts = [
        pl.len().cast(pl.Int64).alias("referrals"),
        people(),
        pl.col("bid_price").sum().alias("cost"),
    ]
    table = with_person(referrals).group_by(*keys).agg(*counts, *(more or []))
    return check_adds_up(table, referrals)


def check_adds_up(table: pl.DataFrame, referrals: pl.DataFrame) -> pl.DataFrame:
    """Return the table if it adds up to the referrals it was made from.

    Raises
    ------
    ContractError
        Its referrals or its cost sum to something else.
    """
    whole = referrals["bid_price"].sum()
    if table["referrals"].sum() != referrals.height:
        raise ContractError(f"{table.columns[0]}: the referrals of the table do not add up.")
    if not math.isclose(table["cost"].sum(), whole, rel_tol=1e-9, abs_tol=1e-6):
        raise ContractError(f"{table.columns[0]}: the cost of the table does not add up.")
    return table


def share(column: str) -> pl.Expr:
    """Return each row's part of the column's sum, 0 to 1, as ``share_of_…``."""
    whole = pl.col(column).sum()
    part = pl.when(whole != 0).then(pl.col(column) / whole).otherwise(0.0)
    return part.alias(f"share_of_{column}")


def span(referrals: pl.DataFrame) -> tuple[date, date] | None:
    """Return the first and the last day, None when no referral has a date."""
    first, last = referrals["referred_at"].min(), referrals["referred_at"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return first.date(), last.date()


def as_utc(referrals: pl.DataFrame, time_zone: str) -> pl.Series:
    """Return ``referred_at`` as UTC without a zone, read as the clock of ``time_zone``.

    Rokt states no zone. In the hour that an autumn night has twice, the first is taken; a time
    that a spring night skips is read by the clock before the change.

    Raises
    ------
    InputError
        No zone has this name.
    """
    moment = referrals["referred_at"].dt.cast_time_unit("us")
    if time_zone == "UTC":
        return moment
    try:
        local = _zoned(moment, time_zone)
        before = _zoned(moment.dt.offset_by("-1h"), time_zone).dt.offset_by("1h")
    except pl.exceptions.PolarsError as error:
        raise InputError(
            f"{time_zone!r} is not the name of a time zone. Give one such as Australia/Sydney."
        ) from error
    utc = [
        zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None) for zoned in (local, before)
    ]
    return utc[0].zip_with(utc[0].is_not_null(), utc[1])


def _zoned(moment: pl.Series, time_zone: str) -> pl.Series:
    return moment.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
