"""Hold two periods against each other: what changed, by how much, and whether it is noise.

A period is its first and its last day, both included, as delivered. Referrals without a date are
in neither.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.referrals.analysis.chance import counts_z, shares_z, verdict
from rokt_helpers.referrals.analysis.segments import segment
from rokt_helpers.referrals.analysis.sums import person

__all__ = ["Period", "compare_periods", "cost_change"]

Period = tuple[date, date]
_SIDES: Final = ("earlier", "later")
_FEWEST_PRICED: Final = 30  # fewer bids have no sure mean
_TESTS: Final = 3  # volume, bid and conversion are told apart from noise


def compare_periods(
    referrals: pl.DataFrame,
    earlier: Period,
    later: Period,
    *,
    attributed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the key figures of two periods side by side.

    Parameters
    ----------
    referrals
        The tidy table; ``people`` are distinct digests.
    earlier, later
        First and last day. They may differ in length: then look at the figures per day.
    attributed
        What :func:`attribute` made of these referrals; None leaves conversion out.

    Returns
    -------
    polars.DataFrame
        ``figure``, ``unit``, ``earlier``, ``later``, ``change`` (later less earlier),
        ``relative_change`` (of earlier; null from zero), ``compared`` ("clearly higher", "clearly
        lower", "not told apart"; null where chance was not asked). Figures: days, referrals,
        referrals per day (Poisson's law), people, cost, cost per day, average bid (Welch's
        z-test), and with conversions: converted, conversion rate (two proportions). Each of the
        three tests is the surer for there being three.

    Raises
    ------
    InputError
        A period ends before it begins, or the two overlap.
    """
    parts = [_part(referrals, p) for p in _checked(earlier, later)]
    length = [(end - start).days + 1 for start, end in (earlier, later)]
    facts = pl.concat([_facts(referrals.filter(part), attributed, part) for part in parts])
    facts = facts.with_columns(days=pl.Series(length, dtype=pl.Float64))
    figures = _figures(with_conversion=attributed is not None)
    values = facts.select(v.cast(pl.Float64).alias(name) for name, (_, v) in figures.items())
    table = pl.DataFrame({"figure": [*figures], "unit": [unit for unit, _ in figures.values()]})
    table = table.with_columns(
        pl.Series(side, values.row(row), dtype=pl.Float64) for row, side in enumerate(_SIDES)
    )
    change = pl.col("later") - pl.col("earlier")
    relative = pl.when(pl.col("earlier") != 0).then(change / pl.col("earlier"))
    table = table.with_columns(change=change, relative_change=relative)
    return table.join(_chances(facts), on="figure", how="left", maintain_order="left")


def cost_change(
    referrals: pl.DataFrame, earlier: Period, later: Period, by: str = "audience"
) -> pl.DataFrame:
    """Return why the cost changed: more referrals, another mix, or other prices.

    With the prices and the mix of the earlier period the later number of referrals would have
    cost so much more (volume); the later mix at earlier prices adds so much (mix); the rest is
    that the same group costs more or less a referral (price). A group that is new has no earlier
    price: all of its cost is mix.

    Returns
    -------
    polars.DataFrame
        The segment, ``referrals_earlier``, ``referrals_later``, ``people`` (in both periods
        together), ``cost_earlier``, ``cost_later``, ``change``, ``volume_effect``,
        ``mix_effect``, ``price_effect`` (money). In every row, and so in all, the three effects
        add up to the change. The largest change first.

    Raises
    ------
    InputError
        A period ends before it begins, or the two overlap.
    ContractError
        The effects do not add up: a bug.
    """
    parts = [_part(referrals, period) for period in _checked(earlier, later)]
    groups = segment(referrals, by).alias(by)
    slim = referrals.select("bid_price", person().alias("person"), groups, e=parts[0], l=parts[1])
    bid = pl.col("bid_price")
    table = slim.filter(pl.col("e") | pl.col("l")).group_by(by).agg(
        pl.col("e").sum().cast(pl.Int64).alias("referrals_earlier"),
        pl.col("l").sum().cast(pl.Int64).alias("referrals_later"),
        (pl.col("person").drop_nulls().n_unique() + pl.col("person").null_count())
        .cast(pl.Int64).alias("people"),
        bid.filter("e").sum().alias("cost_earlier"),
        bid.filter("l").sum().alias("cost_later"),
    )  # fmt: skip
    n1, n2 = pl.col("referrals_earlier"), pl.col("referrals_later")
    c1, c2 = pl.col("cost_earlier"), pl.col("cost_later")
    p2 = pl.when(n2 > 0).then(c2 / n2).otherwise(0.0)
    p1 = pl.when(n1 > 0).then(c1 / n1).otherwise(p2)
    grown = pl.when(n1.sum() > 0).then(n2.sum() / n1.sum())  # null: nothing to compare with
    volume = pl.when(grown.is_null()).then(c2).otherwise((grown - 1) * c1)
    mix = pl.when(grown.is_null()).then(0.0).otherwise((n2 - grown * n1) * p1)
    price = pl.when(grown.is_null()).then(0.0).otherwise(n2 * (p2 - p1))
    table = table.with_columns(
        change=c2 - c1, volume_effect=volume, mix_effect=mix, price_effect=price
    )
    effects = table.select(pl.sum_horizontal(r"^\w+_effect$")).to_series()
    if not (
        (effects - table["change"]).abs() <= 1e-9 * float(table["cost_later"].abs().sum()) + 1e-6
    ).all():
        raise ContractError(f"{by}: the effects on the cost do not add up.")
    return table.sort(pl.col("change").abs(), pl.col(by), descending=[True, False])


def _checked(earlier: Period, later: Period) -> tuple[Period, Period]:
    for start, end in (earlier, later):
        if end < start:
            raise InputError(f"The period {start} to {end} ends before it begins.")
    if earlier[0] <= later[1] and later[0] <= earlier[1]:
        raise InputError("The two periods share days. Give periods that do not overlap.")
    return earlier, later


def _part(referrals: pl.DataFrame, period: Period) -> pl.Series:
    """Return whether each referral is in the period."""
    inside = pl.col("referred_at").dt.date().is_between(*period)
    return referrals.select(inside.fill_null(value=False)).to_series()


def _facts(part: pl.DataFrame, attributed: pl.DataFrame | None, inside: pl.Series) -> pl.DataFrame:
    bid = pl.col("bid_price")
    numbers = pl.Series([], dtype=pl.UInt32) if attributed is None else attributed["referral"]
    converted = numbers.drop_nulls().unique()
    return part.select(
        referrals=pl.len().cast(pl.Float64),
        people=person().drop_nulls().n_unique().cast(pl.Float64),
        cost=bid.sum(),
        bid=bid.mean(),
        spread=bid.var(),
        priced=bid.count().cast(pl.Float64),
        converted=pl.lit(float(inside.gather(converted).sum())),
    )


def _figures(*, with_conversion: bool) -> dict[str, tuple[str, pl.Expr]]:
    """Return each figure with its unit."""
    n, cost, days = pl.col("referrals"), pl.col("cost"), pl.col("days")
    figures = {
        "days": ("days", days),
        "referrals": ("referrals", n),
        "referrals per day": ("referrals", n / days),
        "people": ("people", pl.col("people")),
        "cost": ("money", cost),
        "cost per day": ("money", cost / days),
        "average bid": ("money", pl.col("bid")),
    }
    if with_conversion:
        rate = pl.when(n > 0).then(pl.col("converted") / n)
        figures |= {
            "converted": ("referrals", pl.col("converted")),
            "conversion rate": ("share", rate),
        }
    return figures


def _chances(facts: pl.DataFrame) -> pl.DataFrame:
    """Return what of the later period differs clearly from the earlier one."""
    one = facts.with_columns(side=pl.Series(_SIDES), one=pl.lit(1))
    one = one.pivot("side", index="one", values=facts.columns)
    part = facts["days"][1] / float(facts["days"].sum())
    spread = [pl.col(f"spread_{side}") / pl.col(f"priced_{side}") for side in _SIDES]
    error = (spread[0] + spread[1]).sqrt()
    more = pl.col("bid_later") - pl.col("bid_earlier")
    enough = pl.min_horizontal("priced_earlier", "priced_later") >= _FEWEST_PRICED
    z = {
        "referrals per day": counts_z(
            pl.col("referrals_later"), pl.col("referrals_earlier"), part=part
        ),
        "average bid": pl.when(enough & (more != 0)).then(more / error),
        "conversion rate": shares_z(
            pl.col("converted_later"), pl.col("referrals_later"),
            pl.col("converted_earlier"), pl.col("referrals_earlier"),
        ),
    }  # fmt: skip
    said = one.select(verdict(value, tests=_TESTS).alias(name) for name, value in z.items())
    return said.unpivot(variable_name="figure", value_name="compared")
