"""Tell noise from signal by closed formulas: intervals of shares, differences of counts.

Law: "clearly" is only said where chance alone would say it in fewer than one table of twenty, and
where there is enough to count; all else is "not told apart". Referrals of one person and days of
one campaign hang together, so the truth is rather less sure than these formulas.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import polars as pl

__all__ = [
    "CONFIDENCE", "HIGHER", "LOWER", "NOT_TOLD", "counts_z", "shares_z", "verdict", "wilson",
]  # fmt: skip

CONFIDENCE: Final = 0.95
HIGHER: Final = "clearly higher"
LOWER: Final = "clearly lower"
NOT_TOLD: Final = "not told apart"
_FEWEST_EXPECTED: Final = 5  # below this the normal curve is no likeness of counts


def wilson(
    hits: pl.Expr, trials: pl.Expr, *, confidence: float = CONFIDENCE
) -> tuple[pl.Expr, pl.Expr]:
    """Return the ends of the Wilson score interval of ``hits / trials``; null without trials.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927).
    """
    z = _quantile(confidence, tests=1)
    n = pl.when(trials > 0).then(trials.cast(pl.Float64))
    rate = hits / n
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (rate * (1 - rate) / n + z**2 / (4 * n**2)).sqrt()
    # At 0 and 1 the formula meets the end; rounding must not step over it.
    low = pl.when(hits == 0).then(n * 0).otherwise(middle - half)
    high = pl.when(hits == trials).then(n * 0 + 1).otherwise(middle + half)
    return low, high


def shares_z(hits: pl.Expr, trials: pl.Expr, other_hits: pl.Expr, other_trials: pl.Expr) -> pl.Expr:
    """Return by how many standard errors two shares differ; null where counts are too small.

    The two-proportion z-test with the pooled share. Each of the four cells must expect five.
    """
    n, m = trials.cast(pl.Float64), other_trials.cast(pl.Float64)
    pooled = (hits + other_hits) / (n + m)
    fewest = pl.min_horizontal(n, m) * pl.min_horizontal(pooled, 1 - pooled)
    error = (pooled * (1 - pooled) * (1 / n + 1 / m)).sqrt()
    return pl.when(fewest >= _FEWEST_EXPECTED).then((hits / n - other_hits / m) / error)


def counts_z(count: pl.Expr, other: pl.Expr, *, part: float = 0.5) -> pl.Expr:
    """Return by how many standard errors a count differs from another; null if both are small.

    Counts are taken for Poisson's: of both together, ``part`` is expected to be in the first
    (its days by the days of both).
    """
    n = (count + other).cast(pl.Float64)
    expected = n * part
    enough = n * min(part, 1 - part) >= _FEWEST_EXPECTED
    return pl.when(enough).then((count - expected) / (expected * (1 - part)).sqrt())


def verdict(z: pl.Expr, *, tests: int = 1, confidence: float = CONFIDENCE) -> pl.Expr:
    """Return :data:`HIGHER`, :data:`LOWER` or :data:`NOT_TOLD` for a distance in errors.

    With several ``tests`` in a table each must be the surer (Bonferroni), or of twenty segments
    one would stand out by chance.
    """
    limit = _quantile(confidence, tests=tests)
    return (
        pl.when(z > limit)
        .then(pl.lit(HIGHER))
        .when(z < -limit)
        .then(pl.lit(LOWER))
        .otherwise(pl.lit(NOT_TOLD))
    )


def _quantile(confidence: float, *, tests: int) -> float:
    return NormalDist().inv_cdf(1 - (1 - confidence) / 2 / max(tests, 1))
