"""From referral to conversion: rate, lag, value, cost per acquisition and return.

:func:`attribute` gives each conversion to at most one referral; the other functions make tables
of what it found, by any segment. Two currencies are never added.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.errors import ContractError
from rokt_helpers.referrals.analysis.chance import CONFIDENCE, shares_z, verdict, wilson
from rokt_helpers.referrals.analysis.cost import QUANTILES
from rokt_helpers.referrals.analysis.segments import segment
from rokt_helpers.referrals.analysis.sums import check_adds_up, grouped

__all__ = [
    "CONVERSION_LAGS", "conversion_lags", "conversion_rates", "conversion_values",
    "conversions_by_lag",
]  # fmt: skip

CONVERSION_LAGS: Final = (
    "within 1 hour", "1-24 hours", "1-2 days", "2-7 days", "7-30 days", "more than 30 days",
)  # fmt: skip
_LAG_ENDS_DAYS: Final = (1 / 24, 1.0, 2.0, 7.0, 30.0)


def conversion_rates(
    referrals: pl.DataFrame,
    attributed: pl.DataFrame,
    by: str = "all",
    *,
    confidence: float = CONFIDENCE,
) -> pl.DataFrame:
    """Return the share of referrals that converted, and whether it differs from the rest.

    Parameters
    ----------
    referrals
        The tidy table.
    attributed
        What :func:`attribute` made of these referrals.
    by
        What :func:`segment` takes: ``campaign``, ``audience``, ``device``, ``ad_text`` …
    confidence
        Of the intervals; and of all comparisons of the table together.

    Returns
    -------
    polars.DataFrame
        The segment, ``referrals``, ``people``, ``cost``, ``converted`` (referrals with at least
        one conversion), ``conversions``, ``rate`` (``converted / referrals``), ``rate_low`` and
        ``rate_high`` (Wilson's interval), ``rate_of_rest`` (of all other groups), ``compared``
        ("clearly higher", "clearly lower", "not told apart": two proportions, pooled, made surer
        by the number of groups), ``cost_per_acquisition`` (``cost / converted``, null without).
        Busiest first. ``referrals``, ``cost`` and ``conversions`` add up.
    """
    groups = segment(referrals, by).alias(by)
    table = grouped(referrals.select("bid_price", "email_sha256", groups), pl.col(by))
    hits = _of_groups(groups, attributed).group_by(by).agg(
        pl.col("referral").n_unique().cast(pl.Int64).alias("converted"),
        pl.len().cast(pl.Int64).alias("conversions"),
    )  # fmt: skip
    table = table.join(hits, on=by, how="left").with_columns(
        pl.col("converted", "conversions").fill_null(0)
    )
    n, k = pl.col("referrals"), pl.col("converted")
    rest_n, rest_k = n.sum() - n, k.sum() - k
    low, high = wilson(k, n, confidence=confidence)
    z = shares_z(k, n, rest_k, rest_n)
    table = table.with_columns(
        rate=k / n,
        rate_low=low,
        rate_high=high,
        rate_of_rest=pl.when(rest_n > 0).then(rest_k / rest_n),
        compared=verdict(z, tests=_comparisons(table.height), confidence=confidence),
        cost_per_acquisition=pl.when(k > 0).then(pl.col("cost") / k),
    )
    _check(table, attributed)
    return check_adds_up(table, referrals).sort("referrals", by, descending=[True, False])


def conversion_values(
    referrals: pl.DataFrame, attributed: pl.DataFrame, by: str = "all", *, currency: str = ""
) -> pl.DataFrame:
    """Return what conversions were worth, by segment and currency.

    Parameters
    ----------
    referrals, attributed, by
        As for :func:`conversion_rates`.
    currency
        The account's, which bid prices are in, for instance "AUD". Only its rows have a return:
        money is not divided by other money. Empty: not known, so no return at all.

    Returns
    -------
    polars.DataFrame
        The segment, ``currency``, ``people``, ``conversions``, ``valued`` (those with a value),
        ``value``, ``average_value`` (null without), ``return_on_ad_spend`` (``value`` by the cost
        of the segment; null in other currencies and where nothing was paid). Each segment has a
        row in the account's currency and one in each other it had conversions in. ``conversions``
        add up to the attributed ones, ``value`` within a currency.
    """
    groups = segment(referrals, by).alias(by)
    costs = grouped(referrals.select("bid_price", "email_sha256", groups), pl.col(by))
    hits = _of_groups(groups, attributed, referrals["email_sha256"])
    table = hits.group_by(by, "currency").agg(
        pl.col("email_sha256").n_unique().cast(pl.Int64).alias("people"),
        pl.len().cast(pl.Int64).alias("conversions"),
        pl.col("value").count().cast(pl.Int64).alias("valued"),
        pl.col("value").sum(),
    )
    if currency:
        own = costs.select(by, pl.lit(currency).alias("currency"))
        table = own.join(table, on=[by, "currency"], how="full", coalesce=True).with_columns(
            pl.col("people", "conversions", "valued", "value").fill_null(0)
        )
    table = table.join(costs.select(by, "cost"), on=by, how="left")
    same = (pl.col("currency") == currency) & (pl.col("cost") > 0)
    table = table.with_columns(
        average_value=pl.when(pl.col("valued") > 0).then(pl.col("value") / pl.col("valued")),
        return_on_ad_spend=pl.when(same).then(pl.col("value") / pl.col("cost")),
    ).drop("cost")
    _check(table, attributed)
    return table.sort("currency", "value", by, descending=[False, True, False])


def conversion_lags(
    referrals: pl.DataFrame, attributed: pl.DataFrame, by: str = "all"
) -> pl.DataFrame:
    """Return how many days conversions came after their referral.

    Returns
    -------
    polars.DataFrame
        The segment, ``people``, ``conversions``, and days (Float64): ``days_p10``, ``days_p25``,
        ``days_p50``, ``days_p75``, ``days_p90``. Segments with conversions only, which add up to
        the attributed ones.
    """
    groups = segment(referrals, by).alias(by)
    table = _of_groups(groups, attributed, referrals["email_sha256"]).group_by(by).agg(
        pl.col("email_sha256").n_unique().cast(pl.Int64).alias("people"),
        pl.len().cast(pl.Int64).alias("conversions"),
        *(
            pl.col("days").quantile(q, interpolation="linear").alias(f"days_p{q * 100:g}")
            for q in QUANTILES
        ),
    )  # fmt: skip
    _check(table, attributed)
    return table.sort("conversions", by, descending=[True, False])


def conversions_by_lag(attributed: pl.DataFrame) -> pl.DataFrame:
    """Return how many attributed conversions came how soon after their referral.

    Returns
    -------
    polars.DataFrame
        ``lag`` (text, :data:`CONVERSION_LAGS`, each with its start and without its end),
        ``conversions``, ``share_of_conversions`` (0 to 1), ``share_so_far`` (this band and the
        sooner ones). The conversions add up to the attributed ones.
    """
    bands = zip(_LAG_ENDS_DAYS, CONVERSION_LAGS, strict=False)
    sooner = [pl.when(pl.col("days") < end).then(pl.lit(name)) for end, name in bands]
    lag = pl.coalesce(*sooner, pl.lit(CONVERSION_LAGS[-1])).alias("lag")
    counts = attributed.drop_nulls("referral").group_by(lag).agg(
        pl.len().cast(pl.Int64).alias("conversions")
    )  # fmt: skip
    frame = pl.DataFrame({"lag": CONVERSION_LAGS})
    table = frame.join(counts, on="lag", how="left", maintain_order="left").fill_null(0)
    _check(table, attributed)
    whole = max(table["conversions"].sum(), 1)
    part = pl.col("conversions") / whole
    return table.with_columns(share_of_conversions=part, share_so_far=part.cum_sum())


def _of_groups(
    groups: pl.Series, attributed: pl.DataFrame, people: pl.Series | None = None
) -> pl.DataFrame:
    """Return the attributed conversions with the group of their referral."""
    hits = attributed.drop_nulls("referral")
    more = [] if people is None else [people.gather(hits["referral"])]
    return hits.with_columns(groups.gather(hits["referral"]), *more)


def _comparisons(groups: int) -> int:
    """Two groups are one comparison: each is the other's rest."""
    return 1 if groups == 2 else groups  # noqa: PLR2004  a pair


def _check(table: pl.DataFrame, attributed: pl.DataFrame) -> None:
    if table["conversions"].sum() != attributed["referral"].count():
        raise ContractError(f"{table.columns[0]}: the conversions of the table do not add up.")
