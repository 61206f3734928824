"""The ways to part referrals: any column of the tidy table, and what can be read from one.

Law: each referral is in exactly one group of a segment; what was not delivered is "not given".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.referrals.analysis.sums import NOT_GIVEN

__all__ = ["AGE_BANDS", "DEVICES", "HOURS", "WEEKDAYS", "segment"]

_AGE_STARTS: Final = (18, 25, 35, 45, 55, 65)
AGE_BANDS: Final = ("under 18", "18-24", "25-34", "35-44", "45-54", "55-64", "65 and over")
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
HOURS: Final = tuple(f"{number:02}" for number in range(24))
# The first that fits counts. A tablet that says it is a desktop is taken at its word.
DEVICES: Final[dict[str, str]] = {
    "tablet": r"(?i)ipad|tablet|silk|kindle",
    "mobile": r"(?i)mobi|android|iphone|ipod|ios|samsung|opera mini|ucbrowser|uc browser|miui"
    r"|webview|facebook|instagram",
    "desktop": r"(?i)chrom|firefox|safari|edge|opera|explorer|msie|\bie\b|brave|vivaldi|yandex",
    "other": "",
}


def segment(referrals: pl.DataFrame, name: str) -> pl.Series:
    """Return the group of each referral as text, never null, named ``name``.

    Parameters
    ----------
    referrals
        The tidy table.
    name
        A column, or one of ``age_band``, ``device`` (from ``browser``), ``hour`` and ``weekday``
        (from ``referred_at`` as delivered), ``all``.

    Raises
    ------
    InputError
        There is no such column.
    """
    if name in _DERIVED:
        return _DERIVED[name](referrals).alias(name)
    if name not in referrals.columns:
        known = ", ".join([*referrals.columns, *_DERIVED])
        raise InputError(f"Referrals cannot be parted by {name!r}. There is: {known}.")
    return referrals[name].cast(pl.String).fill_null(NOT_GIVEN)


def _age_band(referrals: pl.DataFrame) -> pl.Series:
    age = pl.col("age")
    ends = zip(_AGE_STARTS, AGE_BANDS, strict=False)
    younger = [pl.when(age < end).then(pl.lit(band)) for end, band in ends]
    oldest = pl.when(age.is_not_null()).then(pl.lit(AGE_BANDS[-1]))
    return referrals.select(pl.coalesce(*younger, oldest, pl.lit(NOT_GIVEN))).to_series()


def _device(referrals: pl.DataFrame) -> pl.Series:
    browser = referrals["browser"]
    families = browser.drop_nulls().unique()
    fits = [
        pl.when(pl.col("browser").str.contains(pattern)).then(pl.lit(device))
        for device, pattern in DEVICES.items()
    ]
    devices = families.to_frame().select(pl.coalesce(fits)).to_series()
    found = browser.replace_strict(families, devices, default=None, return_dtype=pl.String)
    return found.fill_null(NOT_GIVEN)


def _hour(referrals: pl.DataFrame) -> pl.Series:
    """Return "00" to "23"; midnight throughout means that days were delivered, not moments."""
    moment = referrals["referred_at"]
    if not (moment != moment.dt.truncate("1d")).any():
        return pl.Series([NOT_GIVEN], dtype=pl.String).new_from_index(0, referrals.height)
    return _named(moment.dt.hour(), dict(enumerate(HOURS)))


def _weekday(referrals: pl.DataFrame) -> pl.Series:
    return _named(referrals["referred_at"].dt.weekday(), dict(enumerate(WEEKDAYS, 1)))


def _named(numbers: pl.Series, names: dict[int, str]) -> pl.Series:
    return numbers.replace_strict(names, return_dtype=pl.String).fill_null(NOT_GIVEN)


def _all(referrals: pl.DataFrame) -> pl.Series:
    return pl.Series(["all"], dtype=pl.String).new_from_index(0, referrals.height)


_DERIVED: Final[dict[str, Callable[[pl.DataFrame], pl.Series]]] = {
    "age_band": _age_band, "all": _all, "device": _device, "hour": _hour, "weekday": _weekday,
}  # fmt: skip
