"""Group the tidy table of referrals into small tables that add up.

Every function takes the tidy table of :meth:`Vault.read`. ``people`` are distinct digests, and a
referral without one is a person of its own. ``cost`` and ``average_bid`` are in the currency of
the account, which Rokt's files do not name; a referral without a bid price costs 0 and is left
out of the average. Source: "Accessing referral data", docs.rokt.com.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from rokt_helpers.referrals.analysis.segments import AGE_BANDS, HOURS, WEEKDAYS, segment
from rokt_helpers.referrals.analysis.sums import (
    NOT_GIVEN,
    OTHER,
    check_adds_up,
    grouped,
    person,
    share,
    span,
)

__all__ = [
    "by_age_band", "by_audience", "by_browser", "by_campaign", "by_country", "by_creative",
    "by_day", "by_device", "by_gender", "by_hour", "by_hour_and_weekday", "by_segment",
    "by_source", "by_state", "by_weekday", "totals",
]  # fmt: skip


def by_day(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``day``, ``referrals``, ``people``, ``cost``: every day, first to last, then null.

    Days without referrals hold zeros. The null day, if any, counts those without a date.
    """
    table = grouped(referrals, pl.col("referred_at").dt.date().alias("day"))
    ends = span(referrals)
    if ends is None:
        return table
    days = pl.date_range(*ends, eager=True).alias("day").to_frame()
    dated = days.join(table, on="day", how="left", maintain_order="left")
    table = pl.concat([dated, table.filter(pl.col("day").is_null())])
    counts = pl.col("referrals", "people", "cost")
    return check_adds_up(table.with_columns(counts.fill_null(0)), referrals)


def by_segment(referrals: pl.DataFrame, name: str, *, top: int | None = None) -> pl.DataFrame:
    """Return one row per group of a segment, the busiest first.

    Parameters
    ----------
    referrals
        The tidy table.
    name
        Whatever :func:`segment` takes: a column, ``age_band``, ``device``, ``hour``, ``weekday``.
    top
        Only so many groups by name; the others are one group, "Other". None is all.

    Returns
    -------
    polars.DataFrame
        The segment (text), ``referrals``, ``people``, ``cost``, ``average_bid`` (null where no
        bid price was given), ``share_of_referrals`` and ``share_of_cost`` (0 to 1). "Other" and
        "not given" stand last. ``referrals`` and ``cost`` add up to the whole.
    """
    groups = segment(referrals, name)
    if top is not None:
        named = groups.filter(groups != NOT_GIVEN).value_counts()
        first = named.sort("count", name, descending=[True, False]).head(top)[name]
        kept = groups.is_in(pl.Series([*first, NOT_GIVEN], dtype=pl.String).implode())
        groups = groups.zip_with(kept, pl.Series([OTHER])).alias(name)
    return _ranked(referrals.with_columns(groups), name)


def by_campaign(referrals: pl.DataFrame, *, top: int | None = None) -> pl.DataFrame:
    """Return one row per ``campaign``, with the columns of :func:`by_segment`."""
    return by_segment(referrals, "campaign", top=top)


def by_source(referrals: pl.DataFrame, *, top: int | None = 10) -> pl.DataFrame:
    """Return one row per ``source``, the site referred from, as :func:`by_segment`."""
    return by_segment(referrals, "source", top=top)


def by_country(referrals: pl.DataFrame, *, top: int | None = None) -> pl.DataFrame:
    """Return one row per ``country``, with the columns of :func:`by_segment`."""
    return by_segment(referrals, "country", top=top)


def by_browser(referrals: pl.DataFrame, *, top: int | None = 10) -> pl.DataFrame:
    """Return one row per ``browser`` family, with the columns of :func:`by_segment`."""
    return by_segment(referrals, "browser", top=top)


def by_device(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``device`` (mobile, tablet, desktop, other), as :func:`by_segment`.

    Rokt delivers a browser family, no device: "Chrome Mobile" is mobile, "Chrome" desktop. A
    tablet whose browser calls itself a desktop's is counted there.
    """
    return by_segment(referrals, "device")


def by_creative(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return one row per ``ad_text`` and ``ad_response``, with the figures of :func:`by_segment`.

    The text is what the offer said, the response what was pressed.
    """
    texts = [segment(referrals, name) for name in ("ad_text", "ad_response")]
    return _ranked(referrals.with_columns(texts), "ad_text", "ad_response")


def by_audience(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return one row per audience, the busiest first.

    Returns
    -------
    polars.DataFrame
        ``audience_id`` (text, 19 digits), ``audience``, ``referrals``, ``people``, ``cost``,
        ``average_bid`` (null where no bid price was given), ``share_of_referrals`` and
        ``share_of_cost`` (0 to 1).
    """
    named = [pl.col(name).fill_null(NOT_GIVEN) for name in ("audience_id", "audience")]
    table = grouped(referrals, *named, more=[pl.col("bid_price").mean().alias("average_bid")])
    return table.with_columns(share("referrals"), share("cost")).sort(
        "referrals", "cost", "audience", "audience_id", descending=[True, True, False, False]
    )


def by_state(referrals: pl.DataFrame, *, top: int = 10) -> pl.DataFrame:
    """Return ``state``, ``referrals``, ``people``, ``cost``: the ``top``, Other, not given."""
    return by_segment(referrals, "state", top=top).select("state", "referrals", "people", "cost")


def by_age_band(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``age_band``, ``referrals``, ``people``, ``cost``: all bands, then not given."""
    return _in_order(referrals, "age_band", AGE_BANDS)


def by_gender(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``gender``, ``referrals``, ``people``, ``cost``, the most frequent first."""
    table = grouped(referrals, pl.col("gender").fill_null(NOT_GIVEN))
    return table.sort("referrals", "gender", descending=[True, False])


def by_hour(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``hour`` ("00" to "23" as delivered), ``referrals``, ``people``, ``cost``, not given.

    When every referral is at midnight the file held days, not moments: then none is given.
    """
    return _in_order(referrals, "hour", HOURS)


def by_weekday(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``weekday``, ``referrals``, ``people``, ``cost``, Monday to Sunday, then not given."""
    return _in_order(referrals, "weekday", WEEKDAYS)


def by_hour_and_weekday(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return ``weekday``, ``hour``, ``referrals``, ``people``, ``cost``: all, then not given."""
    parts = [segment(referrals, name) for name in ("weekday", "hour")]
    table = grouped(referrals.with_columns(parts), pl.col("weekday"), pl.col("hour"))
    days, hours = [*WEEKDAYS, NOT_GIVEN], [*HOURS, NOT_GIVEN]
    grid = pl.DataFrame({"weekday": days}).join(pl.DataFrame({"hour": hours}), how="cross")
    table = grid.join(table, on=["weekday", "hour"], how="left", maintain_order="left")
    table = table.with_columns(pl.col("referrals", "people", "cost").fill_null(0))
    given = (pl.col("weekday") != NOT_GIVEN) & (pl.col("hour") != NOT_GIVEN)
    return check_adds_up(table.filter(given | (pl.col("referrals") > 0)), referrals)


def totals(referrals: pl.DataFrame) -> dict[str, Any]:
    """Return the key figures.

    Returns
    -------
    dict
        ``referrals``, ``cost``, ``average_bid`` (None without bid prices), ``people`` (distinct
        ``email_sha256``), ``audiences``, ``days`` (calendar days from the first to the last),
        ``first_day``, ``last_day`` (None without dates), ``undated`` (referrals without one).
    """
    ends = span(referrals)
    return {
        "referrals": referrals.height,
        "cost": referrals["bid_price"].sum(),
        "average_bid": referrals["bid_price"].mean(),
        "people": referrals.select(person().drop_nulls().n_unique()).item(),
        "audiences": referrals["audience_id"].drop_nulls().n_unique(),
        "days": (ends[1] - ends[0]).days + 1 if ends else 0,
        "first_day": ends[0] if ends else None,
        "last_day": ends[1] if ends else None,
        "undated": referrals["referred_at"].null_count(),
    }


def _ranked(referrals: pl.DataFrame, *keys: str) -> pl.DataFrame:
    bid = pl.col("bid_price").mean().alias("average_bid")
    table = grouped(referrals, *(pl.col(key) for key in keys), more=[bid])
    aside = pl.col(keys[0]).replace_strict({OTHER: 1, NOT_GIVEN: 2}, default=0)
    falling = [False, True, True, *(False for _ in keys)]
    table = table.with_columns(share("referrals"), share("cost"))
    return table.sort(aside, "referrals", "cost", *keys, descending=falling)


def _in_order(referrals: pl.DataFrame, key: str, labels: tuple[str, ...]) -> pl.DataFrame:
    """Return every label in its order, with zeros where nothing was; not given only if it was."""
    table = grouped(referrals.with_columns(segment(referrals, key)), pl.col(key))
    frame = pl.DataFrame({key: [*labels, NOT_GIVEN]})
    table = frame.join(table, on=key, how="left", maintain_order="left").fill_null(0)
    table = table.filter((pl.col(key) != NOT_GIVEN) | (pl.col("referrals") > 0))
    return check_adds_up(table, referrals)
