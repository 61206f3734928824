"""Turn the text of a delivered referral file into typed columns.

Law: nothing is guessed. A date or number that cannot be read rejects its row with a reason; ids
and postal codes stay text, because a number would lose their digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.identifiers import digest_fault, sha256_hex, with_email_verdict
from rokt_helpers.referrals.values import as_text, each_value

__all__ = ["SCHEMA", "TidyRows", "none", "notes", "rejections", "schema", "tidy"]

_SECONDS_PER_DAY: Final = 86_400
_EPOCH: Final = datetime.fromisoformat(contract.SERIAL_DATE_EPOCH)

# A spreadsheet number outside 1900 to 2100 is something else: a year, or seconds since 1970.
_SERIAL_DAYS: Final = (1.0, 73_051.0)
_FIRST_REFERRAL_DAY: Final = 36_526.0  # 2000-01-01; a bare year such as 2019 is not a date
_ISO_FORMATS: Final = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_ZONED_FORMATS: Final = ("%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z")
_UNITED_STATES: Final = ("united states", "united states of america", "us", "usa")
_OLDEST_AGE_YEARS: Final = 150
_ZIP_DIGITS: Final = 5
_ZONED: Final = r"\d:\d.*([Zz]|[+-]\d\d:?\d\d)$"
_SHORTEST_ZONED_BYTES: Final = len("2019-10-27T01:42Z")
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
    """The typed rows, the rejected rows (``row``, ``reason``), and what was seen, counted."""

    table: pl.DataFrame
    rejected: pl.DataFrame
    seen: Counter[str]


def schema(*, keep_personal: bool) -> dict[str, pl.DataType]:
    """Return the columns of the tidy table; with personal data these stand last, as text."""
    personal = contract.PERSONAL_COLUMNS if keep_personal else ()
    return SCHEMA | {name: pl.String() for name in personal}


def none(*, keep_personal: bool) -> pl.DataFrame:
    """Return a table of no rows: ``row``, and the columns of :func:`schema`."""
    return pl.DataFrame(schema={"row": pl.UInt32(), **schema(keep_personal=keep_personal)})


def tidy(raw: pl.DataFrame, *, keep_personal: bool) -> TidyRows:
    """Type the text columns of one file, or of a batch of its rows.

    Parameters
    ----------
    raw : polars.DataFrame
        ``row`` (UInt32), and text columns under our names (String, or Categorical where few
        texts are different); any may be missing.
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
    dates = text["referred_at"].cast(pl.String)
    moments, unusual = _plain_moments(dates)
    typed = text.with_columns(
        _unusual_moments(dates, moments),
        *_typed(text, set(raw.columns), keep_personal=keep_personal),
    )
    reasons = _reasons(text, typed)
    extras = [name for name in raw.columns if name.startswith("extra_")]
    table = as_text(typed.select("row", *schema(keep_personal=keep_personal), *extras))
    seen = _seen(text, unusual)
    if reasons.null_count() == len(reasons):
        return TidyRows(table, rejections([], ""), seen)
    bad = typed.select("row", reasons).filter(reasons.is_not_null())
    return TidyRows(table.filter(reasons.is_null()), bad, seen)


def notes(seen: Counter[str]) -> list[str]:
    """Return what was seen in a file, in sentences."""
    said = []
    if seen["dated"]:
        said.append("Rokt states no time zone: referred_at is the time as it was delivered.")
    if seen["zoned"]:
        said.append(f"Dates that named a time zone were turned into UTC: {seen['zoned']:,}.")
    if seen["damaged"]:
        said.append(
            f"Audience ids that a spreadsheet has cut short: {seen['damaged']:,}. Use the file as "
            "delivered, not one that was opened and saved."
        )
    return said


def rejections(rows: Iterable[int], reason: str) -> pl.DataFrame:
    """Return a table of ``row`` and ``reason`` for rows left out for one reason."""
    numbers = pl.Series("row", list(rows), dtype=pl.UInt32)
    return pl.DataFrame([numbers]).with_columns(pl.lit(reason).alias("reason"))


def _typed(
    text: pl.DataFrame, delivered: set[str], *, keep_personal: bool
) -> list[pl.Series | pl.Expr]:
    """Return what to make of the columns that were delivered, and nulls of the right type."""
    read: dict[str, Callable[[pl.Series], pl.Series]] = {
        "bid_price": _by(_number),
        "age": _by(_age),
        "gender": _by(_gender),
        "email": _people,
    }
    if keep_personal:
        read["birth_date"] = _by(_birth_date)
    made: list[pl.Series | pl.Expr] = []
    for name, work in read.items():
        own = "email_sha256" if name == "email" else name
        if name in delivered:
            made.append(each_value(text[name], work).alias(own))
        elif own in SCHEMA:
            made.append(pl.lit(None, dtype=SCHEMA[own]).alias(own))
    if {"postal_code", "country"} <= delivered:
        made.append(_postal_codes(text["postal_code"], text["country"]))
    return made


def _by(expr: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Series], pl.Series]:
    return lambda cells: cells.to_frame("cell").select(expr(pl.col("cell"))).to_series()


def _reasons(text: pl.DataFrame, typed: pl.DataFrame) -> pl.Series:
    """Return why each row is rejected: the first thing that cannot be read, else null."""
    unread = {
        name: text[name].is_not_null() & typed[name].is_null()
        for name in ("referred_at", "bid_price", "age")
    }
    numbers = unread["bid_price"] | unread["age"]
    if not (unread["referred_at"].any() or numbers.any()):
        return pl.Series("reason", [None], dtype=pl.String).new_from_index(0, len(text))
    return pl.select(
        pl.when(unread["referred_at"]).then(pl.lit("bad_date"))
        .when(numbers).then(pl.lit("bad_number"))
        .alias("reason")
    ).to_series()  # fmt: skip


def _plain_moments(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the moment of each cell that is plain ISO text, without zone; and the other cells."""
    found = _attempted(cells, _nowhen(cells), _PLAIN)
    return found, cells.filter(cells.is_not_null() & found.is_null())


def _unusual_moments(cells: pl.Series, found: pl.Series) -> pl.Series:
    """Fill in the moments of the other cells; null where none can be read.

    Spreadsheet numbers, and ISO text of all kinds; one that names its zone is turned into UTC.
    """
    return _attempted(cells, found, (_serials, _normalised))


def _attempted(
    cells: pl.Series, found: pl.Series, attempts: Sequence[Callable[[pl.Series], pl.Series]]
) -> pl.Series:
    """Try each spelling on the cells that no earlier one could read."""
    for attempt in attempts:
        if found.null_count() == cells.null_count():
            break
        places = (cells.is_not_null() & found.is_null()).arg_true()
        # Most columns are of one spelling: then nothing has to be picked out and put back.
        everything = len(places) == len(cells)
        read = attempt(cells if everything else cells.gather(places))
        found = read.alias(cells.name) if everything else found.scatter(places, read)
    return found


def _nowhen(cells: pl.Series) -> pl.Series:
    return pl.Series(cells.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(cells))


def _serials(cells: pl.Series) -> pl.Series:
    # A number is short and begins with a digit; most dates are neither, so a look is cheaper.
    table = cells.to_frame("cell")
    text = pl.col("cell")
    looks = text.str.len_bytes().is_between(1, 24) & ~text.str.slice(4, 1).is_in(["-"])
    return table.select(_from_serial(pl.when(looks).then(text), _FIRST_REFERRAL_DAY)).to_series()


def _plainly(layout: str) -> Callable[[pl.Series], pl.Series]:
    return lambda cells: cells.str.to_datetime(layout, strict=False, time_unit="us")


def _normalised(cells: pl.Series) -> pl.Series:
    return cells.to_frame("cell").select(_from_text(pl.col("cell"))).to_series()


_PLAIN: Final = (_plainly("%Y-%m-%d %H:%M:%S"), _plainly("%Y-%m-%dT%H:%M:%S"))


def _people(cells: pl.Series) -> pl.Series:
    """Return the digest of an address, a digest as it was delivered, null for anything else."""
    judged = with_email_verdict(cells.to_frame("text").lazy()).collect()
    canonical, fault = pl.col("canonical"), pl.col("fault")
    if judged["fault"].null_count() == len(judged):
        return judged.select(sha256_hex(canonical)).to_series()
    address = pl.when(fault.is_null()).then(canonical)
    digest = pl.when((fault == "other_digest") & digest_fault(canonical).is_null()).then(canonical)
    return judged.select(pl.coalesce(sha256_hex(address), digest)).to_series()


def _number(cell: pl.Expr) -> pl.Expr:
    number = cell.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _age(cell: pl.Expr) -> pl.Expr:
    number = _number(cell)
    whole = (number == number.floor()) & number.is_between(0, _OLDEST_AGE_YEARS)
    return pl.when(whole).then(number).cast(pl.Int64)


def _from_serial(cell: pl.Expr, first_day: float) -> pl.Expr:
    number = cell.cast(pl.Float64, strict=False)
    in_range = number.is_finite() & number.is_between(first_day, _SERIAL_DAYS[1], closed="left")
    # Five decimals of a day are 0.9 s: the minute that was meant is the nearest second's.
    seconds = (pl.when(in_range).then(number) * _SECONDS_PER_DAY).round(0).cast(pl.Int64)
    return pl.lit(_EPOCH).dt.cast_time_unit("us") + pl.duration(seconds=seconds)


def _from_text(cell: pl.Expr) -> pl.Expr:
    text = cell.str.replace("[Tt]", " ").str.replace("[Zz]$", "+00:00")
    text = text.str.replace(r" ([+-]\d\d:?\d\d)$", "$1")
    plain = [text.str.to_datetime(f, strict=False, time_unit="us") for f in _ISO_FORMATS]
    utc = [
        text.str.to_datetime(f, strict=False, time_unit="us", time_zone="UTC")
        for f in _ZONED_FORMATS
    ]
    return pl.coalesce(*plain, *(moment.dt.replace_time_zone(None) for moment in utc))


def _birth_date(cell: pl.Expr) -> pl.Expr:
    """Return ISO text where the cell is a date, and the cell as it stands where it is not."""
    moment = pl.coalesce(_from_serial(cell, _SERIAL_DAYS[0]), _from_text(cell))
    return pl.coalesce(moment.dt.strftime("%Y-%m-%d"), cell)


def _postal_codes(codes: pl.Series, countries: pl.Series) -> pl.Series:
    """Give codes of the United States the zeros back that a spreadsheet took from them."""
    american = each_value(
        countries, lambda cells: cells.str.to_lowercase().is_in(_UNITED_STATES)
    ).fill_null(value=False)
    if not american.any():
        return codes
    return each_value(codes, _by(_zip_code)).zip_with(american, codes.cast(pl.String))


def _zip_code(cell: pl.Expr) -> pl.Expr:
    cut_short = (cell.str.len_bytes() < _ZIP_DIGITS) & cell.str.contains(r"^\d{1,4}$")
    return pl.when(cut_short).then(cell.str.zfill(_ZIP_DIGITS)).otherwise(cell)


def _gender(cell: pl.Expr) -> pl.Expr:
    labels = contract.GENDER_LABELS | {v.lower(): v for v in contract.GENDER_LABELS.values()}
    return cell.str.to_lowercase().replace_strict(labels, default=cell)


def _seen(text: pl.DataFrame, unusual: pl.Series) -> Counter[str]:
    """Count what a note is made of; ``unusual`` are the dates that are not plain ISO text."""
    dates, ids = text["referred_at"], text["audience_id"]
    long = unusual.filter(unusual.str.len_bytes() >= _SHORTEST_ZONED_BYTES)
    return Counter(
        dated=len(dates) - dates.null_count(),
        zoned=int(long.str.contains(_ZONED).sum()),
        damaged=int(each_value(ids, _is_damaged).sum()),
    )


def _is_damaged(cells: pl.Series) -> pl.Series:
    suspects = cells.str.contains("+", literal=True).fill_null(value=False)
    return suspects & cells.str.contains(r"^\d(\.\d+)?[eE]\+\d+$") if suspects.any() else suspects
