"""Follow people from the week of their first referral: who had converted after how many weeks."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.referrals.analysis.sums import NOT_GIVEN, as_utc, person

__all__ = ["cohorts"]

_WEEK = timedelta(days=7)


def cohorts(
    referrals: pl.DataFrame,
    conversions: pl.DataFrame,
    *,
    weeks: int = 8,
    known_until: datetime | None = None,
    currency: str = "",
    referral_time_zone: str = "UTC",
) -> pl.DataFrame:
    """Return, for each week of first referral, how many people had converted after 0 to n weeks.

    Any conversion at or after a person's first referral counts, whichever referral it was due to.
    "After 0 weeks" is within the first seven days, "after 1" within fourteen, and so on.

    Parameters
    ----------
    referrals
        The tidy table. Who was never referred with a date is in no cohort.
    conversions
        As for :func:`attribute`.
    weeks
        The last number of weeks after.
    known_until
        Until when conversions are known (UTC without zone). None: until the last of them.
    currency
        Of the value; empty takes the only one there is.
    referral_time_zone
        Whose clock ``referred_at`` shows.

    Returns
    -------
    polars.DataFrame
        ``week`` (Date, the Monday), ``weeks_after`` (Int64), ``people`` (of the cohort),
        ``converted`` (people, so far), ``share_converted`` (0 to 1), ``value`` (so far, in one
        currency), ``currency``. The last three and ``converted`` are null while the cell is
        unripe: somebody of the week may still convert in time. At each ``weeks_after`` the people
        add up to all people who were referred with a date.

    Raises
    ------
    InputError
        The conversions are in several currencies, and none is named.
    """
    money = currency or _only_currency(conversions)
    first = _first_referrals(referrals, referral_time_zone)
    sizes = first.group_by("week").agg(pl.len().cast(pl.Int64).alias("people")).sort("week")
    if sizes["people"].sum() != first.height:
        raise ContractError("week: the people of the cohorts do not add up.")
    steps = pl.int_range(weeks + 1, dtype=pl.Int64, eager=True).alias("weeks_after").to_frame()
    table = sizes.join(steps, how="cross", maintain_order="left_right")
    cells = _cells(first, conversions, money)
    table = table.join(cells, on=["week", "weeks_after"], how="left", maintain_order="left")
    table = table.with_columns(
        pl.col("converted", "value").fill_null(0).cum_sum().over("week", order_by="weeks_after")
    )
    return _ripe(table, known_until or conversions["converted_at"].max()).with_columns(
        currency=pl.lit(money)
    )


def _ripe(table: pl.DataFrame, last: object) -> pl.DataFrame:
    """Empty the cells in which somebody may still convert in time."""
    # Whoever was first referred at the week's last moment needs the whole time as well.
    start = pl.col("week").cast(pl.Datetime("us"))
    spent = start + (pl.col("weeks_after") + 2) * pl.lit(_WEEK)
    ripe = spent <= pl.lit(last, pl.Datetime("us"))
    return table.select(
        "week", "weeks_after", "people",
        converted=pl.when(ripe).then("converted"),
        share_converted=pl.when(ripe).then(pl.col("converted") / pl.col("people")),
        value=pl.when(ripe).then("value"),
    )  # fmt: skip


def _first_referrals(referrals: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    moment = as_utc(referrals, time_zone).alias("moment")
    week = pl.col("referred_at").dt.truncate("1w").dt.date().alias("week")
    each = referrals.lazy().select(person().alias("person"), week, moment).drop_nulls()
    return each.group_by("person").agg(pl.col("week", "moment").min()).collect()


def _cells(first: pl.DataFrame, conversions: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return what was new in each cell: people who converted first then, and value of then."""
    after = pl.col("converted_at").cast(pl.Datetime("us")) - pl.col("moment")
    mine = pl.col("currency").fill_null(NOT_GIVEN) == currency
    joined = (
        conversions.lazy()
        .drop_nulls(["email_sha256", "converted_at"])
        .with_columns(person().alias("person"))
        .join(first.lazy(), on="person")
        .filter(after >= timedelta(0))
        .select(
            "person", "week",
            weeks_after=after.dt.total_microseconds() // (_WEEK // timedelta(microseconds=1)),
            value=pl.when(mine).then("value"),
        )
    )  # fmt: skip
    firsts = joined.group_by("person", "week").agg(pl.col("weeks_after").min())
    people = firsts.group_by("week", "weeks_after").agg(pl.len().cast(pl.Int64).alias("converted"))
    value = joined.group_by("week", "weeks_after").agg(pl.col("value").cast(pl.Float64).sum())
    return value.join(people, on=["week", "weeks_after"], how="left").collect()


def _only_currency(conversions: pl.DataFrame) -> str:
    found = sorted(conversions["currency"].fill_null(NOT_GIVEN).unique())
    if len(found) > 1:
        raise InputError(
            f"The conversions are in {', '.join(found)}. Say with currency= which one to add up."
        )
    return found[0] if found else NOT_GIVEN
