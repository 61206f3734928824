"""Turn the text of a delivered referral file into typed columns.

Law: nothing is guessed. A date or number that cannot be read rejects its row with a reason; ids
and postal codes stay text, because a number would lose their digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.identifiers import canonical_text, digest_fault, email_fault, sha256_hex

__all__ = ["SCHEMA", "TidyRows", "rejections", "schema", "tidy"]

_SECONDS_PER_DAY: Final = 86_400
_EPOCH: Final = datetime.fromisoformat(contract.SERIAL_DATE_EPOCH)

# A spreadsheet number outside 1900 to 2100 is something else: a year, or seconds since 1970.
_SERIAL_DAYS: Final = (1.0, 73_051.0)
_FIRST_REFERRAL_DAY: Final = 36_526.0  # 2000-01-01; a bare year such as 2019 is not a date
_ISO_FORMATS: Final = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_ZONED_FORMATS: Final = ("%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z")
_UNITED_STATES: Final = ("united states", "united states of america", "us", "usa")
_OLDEST_AGE_YEARS: Final = 150
_TYPES: Final[dict[str, pl.DataType]] = {
    "referred_at": pl.Datetime("us"),
    "age": pl.Int64(),
    "bid_price": pl.Float64(),
}

# The columns of the tidy table without personal data, in order.
SCHEMA: Final[dict[str, pl.DataType]] = {
    name: _TYPES.get(name, pl.String())
    for name in contract.REFERRAL_COLUMNS.values()
    if name not in contract.PERSONAL_COLUMNS
} | {"email_sha256": pl.String()}


@dataclass(frozen=True)
class TidyRows:
    """The typed rows, the rejected rows (``row``, ``reason``), and what was noticed."""

    table: pl.DataFrame
    rejected: pl.DataFrame
    notes: tuple[str, ...]


def schema(*, keep_personal: bool) -> dict[str, pl.DataType]:
    """Return the columns of the tidy table; with personal data these stand last, as text."""
    personal = contract.PERSONAL_COLUMNS if keep_personal else ()
    return SCHEMA | {name: pl.String() for name in personal}


def rejections(rows: Iterable[int], reason: str) -> pl.DataFrame:
    """Return a table of ``row`` and ``reason`` for rows left out for one reason."""
    numbers = pl.Series("row", list(rows), dtype=pl.UInt32)
    return pl.DataFrame([numbers]).with_columns(pl.lit(reason).alias("reason"))


def tidy(raw: pl.DataFrame, *, keep_personal: bool) -> TidyRows:
    """Type the text columns of one file.

    Parameters
    ----------
    raw : polars.DataFrame
        ``row`` (UInt32), and text columns under our names; any may be missing.
    keep_personal : bool
        Keep the personal columns beside ``email_sha256``.

    Returns
    -------
    TidyRows
        ``table`` has ``row``, the columns of :func:`schema`, then every ``extra_`` column.
    """
    every = contract.REFERRAL_COLUMNS.values()
    missing = [pl.lit(None, dtype=pl.String).alias(c) for c in every if c not in raw.columns]
    text = raw.with_columns(missing)
    typed = text.with_columns(_typed()).with_columns(_reason(text).alias("_reason"))
    bad = typed.filter(pl.col("_reason").is_not_null())
    good = typed.filter(pl.col("_reason").is_null())
    extras = [name for name in raw.columns if name.startswith("extra_")]
    table = good.select("row", *schema(keep_personal=keep_personal), *extras)
    rejected = bad.select("row", pl.col("_reason").alias("reason"))
    return TidyRows(table, rejected, tuple(_notes(text)))


def _typed() -> list[pl.Expr]:
    return [
        _referred_at().alias("referred_at"),
        _number("bid_price").alias("bid_price"),
        _age().alias("age"),
        _postal_code().alias("postal_code"),
        _gender().alias("gender"),
        _birth_date().alias("birth_date"),
        _email_sha256().alias("email_sha256"),
    ]


def _reason(text: pl.DataFrame) -> pl.Series:
    """Return why each row is rejected: the first thing that cannot be read, else null."""
    unread = {
        "bad_date": pl.col("referred_at").is_not_null() & _referred_at().is_null(),
        "bad_number": (pl.col("bid_price").is_not_null() & _number("bid_price").is_null())
        | (pl.col("age").is_not_null() & _age().is_null()),
    }
    reasons = [pl.when(test).then(pl.lit(reason)) for reason, test in unread.items()]
    return text.select(pl.coalesce(reasons).alias("reason")).to_series()


def _number(name: str) -> pl.Expr:
    number = pl.col(name).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _age() -> pl.Expr:
    number = _number("age")
    whole = (number == number.floor()) & number.is_between(0, _OLDEST_AGE_YEARS)
    return pl.when(whole).then(number).cast(pl.Int64)


def _referred_at() -> pl.Expr:
    return pl.coalesce(_from_serial("referred_at", _FIRST_REFERRAL_DAY), _from_text("referred_at"))


def _from_serial(name: str, first_day: float) -> pl.Expr:
    days = _number(name)
    in_range = days.is_between(first_day, _SERIAL_DAYS[1], closed="left")
    # Five decimals of a day are 0.9 s: the minute that was meant is the nearest second's.
    seconds = (pl.when(in_range).then(days) * _SECONDS_PER_DAY).round(0).cast(pl.Int64)
    return pl.lit(_EPOCH).dt.cast_time_unit("us") + pl.duration(seconds=seconds)


def _from_text(name: str) -> pl.Expr:
    text = pl.col(name).str.replace("[Tt]", " ").str.replace("[Zz]$", "+00:00")
    text = text.str.replace(r" ([+-]\d\d:?\d\d)$", "$1")
    plain = [text.str.to_datetime(f, strict=False, time_unit="us") for f in _ISO_FORMATS]
    utc = [
        text.str.to_datetime(f, strict=False, time_unit="us", time_zone="UTC")
        for f in _ZONED_FORMATS
    ]
    return pl.coalesce(*plain, *(moment.dt.replace_time_zone(None) for moment in utc))


def _birth_date() -> pl.Expr:
    """Return ISO text where the cell is a date, and the cell as it stands where it is not."""
    moment = pl.coalesce(_from_serial("birth_date", _SERIAL_DAYS[0]), _from_text("birth_date"))
    return pl.coalesce(moment.dt.strftime("%Y-%m-%d"), pl.col("birth_date"))


def _postal_code() -> pl.Expr:
    code = pl.col("postal_code")
    american = pl.col("country").str.to_lowercase().is_in(_UNITED_STATES)
    cut_short = american & code.str.contains(r"^\d{1,4}$")
    return pl.when(cut_short).then(code.str.zfill(5)).otherwise(code)


def _gender() -> pl.Expr:
    labels = contract.GENDER_LABELS | {v.lower(): v for v in contract.GENDER_LABELS.values()}
    gender = pl.col("gender")
    return gender.str.to_lowercase().replace_strict(labels, default=gender)


def _email_sha256() -> pl.Expr:
    """Return the digest of an address, a digest as it was delivered, null for anything else."""
    canonical = canonical_text(pl.col("email"))
    digest = pl.when(digest_fault(canonical).is_null()).then(canonical)
    address = pl.when(email_fault(canonical).is_null()).then(canonical)
    return pl.coalesce(digest, sha256_hex(address))


def _notes(text: pl.DataFrame) -> list[str]:
    notes = []
    if text["referred_at"].is_not_null().any():
        notes.append("Rokt states no time zone: referred_at is the time as it was delivered.")
    zoned = text["referred_at"].str.contains(r"\d:\d.*([Zz]|[+-]\d\d:?\d\d)$").sum()
    if zoned:
        notes.append(f"Dates that named a time zone were turned into UTC: {zoned:,}.")
    damaged = text["audience_id"].str.contains(r"^\d(\.\d+)?[eE]\+\d+$").sum()
    if damaged:
        notes.append(
            f"Audience ids that a spreadsheet has cut short: {damaged:,}. Use the file as "
            "delivered, not one that was opened and saved."
        )
    return notes
