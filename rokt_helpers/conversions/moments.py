"""Read days and moments as people and programs write them: RFC 3339, day/month, serials, seconds.

The laws kept here: the order of day and month is never guessed, and neither is a time zone. A
cell is read where it has one meaning, or where its column or a person says which.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final, Literal

import polars as pl

from rokt_helpers import contract
from rokt_helpers.errors import InputError

__all__ = ["DateOrder", "check_time_zone", "orders_in", "read_day", "read_moment", "without_zone"]

DateOrder = Literal["dmy", "mdy"]

_CLOCK: Final = (
    r"(?:(?:[Tt]|,? +)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_ZONE: Final = r"(?: ?(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_YEAR_FIRST: Final = rf"^([0-9]{{4}})[-/]([0-9]{{1,2}})[-/]([0-9]{{1,2}}){_CLOCK}{_ZONE}$"
_YEAR_LAST: Final = (
    rf"^([0-9]{{1,2}})([/.-])([0-9]{{1,2}})[/.-]([0-9]{{4}}|[0-9]{{2}}){_CLOCK}{_ZONE}$"
)
_CLOCK_PARTS: Final = ("hour", "minute", "second", "fraction", "half", "zone")
_COMPACT: Final = r"^[0-9]{8}$"
_SERIAL: Final = r"^[0-9]{5}(?:\.[0-9]+)?$"
_SECONDS: Final = r"^[0-9]{10}$"
_MILLISECONDS: Final = r"^[0-9]{13}$"
_FORMAT: Final = "%Y-%m-%dT%H:%M:%S%.3f"
# What most exports write; these are read several times faster than the others.
_QUICK: Final = (
    (19, "%Y-%m-%d %H:%M:%S", None), (19, "%Y-%m-%dT%H:%M:%S", None),
    (20, "%Y-%m-%dT%H:%M:%SZ", 0), (10, "%Y-%m-%d", None),
)  # fmt: skip
_MS_A_DAY: Final = 86_400_000
_MINUTES_MOST: Final = 14 * 60
# Ours: a purchase outside these years is a placeholder such as 0001-01-01 or 9999-12-31 …
_PURCHASE_YEARS: Final = (1990, 2100)
# … and a birth outside these is no customer's.
_BIRTH_YEARS: Final = (1900, 2100)

_MOMENT: Final = pl.Struct({"value": pl.Int64, "fault": pl.String})
_DAY: Final = pl.Struct({"value": pl.String, "fault": pl.String})


def read_moment(cell: pl.Expr, order: DateOrder | None, time_zone: str | None) -> pl.Expr:
    """Return the moment in a cell.

    Parameters
    ----------
    cell
        Expression of type String, without white space at its ends; null where there is nothing.
    order
        Of day and month in dates such as 02/03/2026; None reads those that have one meaning.
    time_zone
        Of times that name none, spreadsheet serials among them; None reads none of these.

    Returns
    -------
    Expression of type Struct: ``value`` (Int64, milliseconds since 1970 UTC) and ``fault`` (a key
    of ``contract.CONVERSION_REASONS``, or null). Ours: a day alone is its first moment; the hour
    that clocks go through twice is its first pass; years of two digits are 20yy; a serial is
    rounded to the second; dates with dots are day first.
    """
    return cell.map_batches(
        lambda cells: _moments(cells, order, time_zone), return_dtype=_MOMENT, is_elementwise=True
    )


def read_day(cell: pl.Expr, order: DateOrder | None) -> pl.Expr:
    """Return the day in a cell as ``yyyymmdd``; otherwise as :func:`read_moment`.

    Returns
    -------
    Expression of type Struct: ``value`` (String) and ``fault``. A time of day, a zone, a serial
    number or a year of two digits is a fault here.
    """
    return cell.map_batches(
        lambda cells: _days(cells, order), return_dtype=_DAY, is_elementwise=True
    )


def orders_in(cells: pl.Series) -> tuple[AbstractSet[DateOrder], int]:
    """Return the orders of day and month that cells prove, and how many fit both."""
    first, second = _first_and_second(cells)
    proven: set[DateOrder] = set()
    if ((first > 12) & (second <= 12)).any():  # noqa: PLR2004  months
        proven.add("dmy")
    if ((second > 12) & (first <= 12)).any():  # noqa: PLR2004
        proven.add("mdy")
    either = (first <= 12) & (second <= 12) & (first != second)  # noqa: PLR2004
    return proven, int(either.sum())


def without_zone(cells: pl.Series) -> int:
    """Return how many cells hold a moment without saying in which zone."""
    read = _read(cells.drop_nulls(), "dmy")
    return int((read["local"].is_not_null() & read["offset"].is_null()).sum())


def check_time_zone(time_zone: str) -> None:
    """Refuse a time zone that nobody knows."""
    try:
        pl.Series([0]).cast(pl.Datetime("ms")).dt.replace_time_zone(time_zone)
    except pl.exceptions.PolarsError:
        raise InputError(
            f"There is no time zone {time_zone!r}. Name one such as 'America/New_York', "
            "'Europe/Berlin' or 'UTC'."
        ) from None


# --- what becomes of what was read ------------------------------


def _moments(cells: pl.Series, order: DateOrder | None, time_zone: str | None) -> pl.Series:
    read = _read(cells, order)
    local = read["local"]
    within = local.dt.year().is_between(*_PURCHASE_YEARS).fill_null(value=False)
    placed = local if time_zone is None else _placed(local, time_zone)
    absolute = local.dt.epoch("ms") - read["offset"] * 60_000
    zoned = pl.col("offset").is_not_null()
    frame = read.with_columns(
        within=within, absolute=absolute, placed=placed.dt.epoch("ms"), filled=cells.is_not_null()
    )
    fault = (
        pl.when(~pl.col("filled")).then(None)
        .when(pl.col("fault").is_not_null()).then("fault")
        .when(~pl.col("within")).then(pl.lit("bad_time"))
        .when(zoned).then(None)
        .when(pl.lit(value=time_zone is None)).then(pl.lit("no_time_zone"))
        .when(pl.col("placed").is_null()).then(pl.lit("skipped_hour"))
    )  # fmt: skip
    value = pl.when(zoned).then("absolute").otherwise("placed")
    judged = frame.select(value=value, fault=fault).with_columns(
        value=pl.when(pl.col("fault").is_null()).then("value")
    )
    return judged.to_struct(cells.name)


def _placed(local: pl.Series, time_zone: str) -> pl.Series:
    return local.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")


def _days(cells: pl.Series, order: DateOrder | None) -> pl.Series:
    read = _read(cells, order).with_columns(filled=cells.is_not_null())
    local = pl.col("local")
    written = cells.str.contains(r"^[0-9]{4}[-/]|^[0-9]{8}$|[-/.][0-9]{4}(?:[^0-9].*)?$")
    sound = (
        pl.lit(written).fill_null(value=False)
        & pl.col("offset").is_null()
        & local.dt.year().is_between(*_BIRTH_YEARS)
        & (local.dt.epoch("ms") % _MS_A_DAY == 0)
    ).fill_null(value=False)
    fault = (
        pl.when(~pl.col("filled")).then(None)
        .when(pl.col("fault") == "ambiguous_date").then("fault")
        .when(~sound).then(pl.lit("bad_date"))
    )  # fmt: skip
    judged = read.select(value=local.dt.strftime("%Y%m%d"), fault=fault).with_columns(
        value=pl.when(pl.col("fault").is_null()).then("value")
    )
    return judged.to_struct(cells.name)


# --- the forms ------------------------------


def _read(cells: pl.Series, order: DateOrder | None) -> pl.DataFrame:
    """Return what cells say.

    Returns
    -------
    ``local`` (Datetime in ms, as the clock on the wall shows it; null where it cannot be read),
    ``offset`` (Int32, minutes ahead of UTC; null where the cell names no zone), ``fault``
    (``ambiguous_date`` or null).
    """
    local, offset = _quickly(cells)
    fault = pl.Series("fault", [None], dtype=pl.String).new_from_index(0, len(cells))
    for form in (_year_first, _year_last, _numbers):
        places = (local.is_null() & fault.is_null() & cells.is_not_null()).arg_true()
        if not len(places):
            break
        found = form(cells.gather(places), order)
        local = local.scatter(places, found["local"])
        offset = offset.scatter(places, found["offset"])
        fault = fault.scatter(places, found["fault"])
    return pl.DataFrame([local.alias("local"), offset.alias("offset"), fault.alias("fault")])


def _quickly(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    nothing = pl.Series([None]).new_from_index(0, len(cells))
    local, offset = nothing.cast(pl.Datetime("ms")), nothing.cast(pl.Int32)
    lengths = cells.str.len_bytes()
    for length, form, minutes in _QUICK:
        places = (local.is_null() & (lengths == length)).fill_null(value=False).arg_true()
        if not len(places):
            continue
        read = cells.gather(places).str.strptime(pl.Datetime("ms"), form, strict=False)
        local = local.scatter(places, read)
        if minutes is not None:
            offset = offset.scatter(places.filter(read.is_not_null()), minutes)
    return local, offset


def _year_first(cells: pl.Series, _: DateOrder | None) -> pl.DataFrame:
    parts = cells.str.extract_groups(_YEAR_FIRST).struct.unnest()
    parts.columns = ["year", "month", "day", *_CLOCK_PARTS]
    return _assembled(parts.with_columns(fault=pl.lit(None, dtype=pl.String)))


def _year_last(cells: pl.Series, order: DateOrder | None) -> pl.DataFrame:
    parts = cells.str.extract_groups(_YEAR_LAST).struct.unnest()
    parts.columns = ["left", "mark", "right", "year", *_CLOCK_PARTS]
    a, b = pl.col("left").cast(pl.UInt8), pl.col("right").cast(pl.UInt8)
    either = (a <= 12) & (b <= 12) & (a != b) & (pl.col("mark") != ".")  # noqa: PLR2004  months
    day_first = (pl.col("mark") == ".") | (b <= 12 if order is None else pl.lit(order == "dmy"))  # noqa: PLR2004
    year = pl.col("year")
    return _assembled(
        parts.with_columns(
            day=pl.when(day_first).then("left").otherwise("right"),
            month=pl.when(day_first).then("right").otherwise("left"),
            year=pl.when(year.str.len_bytes() == 2).then(pl.lit("20") + year).otherwise(year),  # noqa: PLR2004
            fault=pl.when(either & pl.lit(order is None)).then(pl.lit("ambiguous_date")),
        )
    )


def _assembled(parts: pl.DataFrame) -> pl.DataFrame:
    """Return parts of dates and clocks as moments; null where there is no such moment."""
    hour, half = pl.col("hour").cast(pl.Int32), pl.col("half").str.to_lowercase()
    of_day = (
        pl.when(half.is_null())
        .then(hour)
        .when(hour.is_between(1, 12))
        .then(hour % 12 + pl.when(half == "p").then(12).otherwise(0))
    )
    hour_text = of_day.cast(pl.String).str.zfill(2)
    clock = pl.concat_str(
        pl.when(pl.col("hour").is_null()).then(pl.lit("00")).otherwise(hour_text),
        pl.lit(":"), pl.col("minute").fill_null("00"),
        pl.lit(":"), pl.col("second").fill_null("00"),
        pl.lit("."), pl.col("fraction").fill_null("").str.pad_end(3, "0").str.slice(0, 3),
    )  # fmt: skip
    day = pl.concat_str(
        "year", pl.lit("-"), pl.col("month").str.zfill(2), pl.lit("-"), pl.col("day").str.zfill(2)
    )
    local = (day + "T" + clock).str.strptime(pl.Datetime("ms"), _FORMAT, strict=False)
    return parts.select(local=local, offset=_minutes(pl.col("zone")), fault="fault").with_columns(
        # A zone that is farther from UTC than any is no zone.
        local=pl.when(pl.col("offset").abs().fill_null(0) <= _MINUTES_MOST).then("local")
    )


def _minutes(zone: pl.Expr) -> pl.Expr:
    hours = zone.str.extract(r"^[+-]([0-9]{2})", 1).cast(pl.Int32)
    minutes = zone.str.extract(r"^[+-][0-9]{2}:?([0-9]{2})$", 1).cast(pl.Int32).fill_null(0)
    ahead = pl.when(minutes < 60).then(hours * 60 + minutes).otherwise(_MINUTES_MOST + 1)  # noqa: PLR2004
    signed = pl.when(zone.str.starts_with("-")).then(-ahead).otherwise(ahead)
    return pl.when(zone.is_null()).then(None).when(hours.is_null()).then(0).otherwise(signed)


def _numbers(cells: pl.Series, _: DateOrder | None) -> pl.DataFrame:
    cell = pl.col("cell")
    is_ms, is_s = cell.str.contains(_MILLISECONDS), cell.str.contains(_SECONDS)
    since_1970 = cell.cast(pl.Int64, strict=False) * pl.when(is_s).then(1000).otherwise(1)
    days = cell.cast(pl.Float64, strict=False)
    serial = pl.lit(contract.SERIAL_DATE_EPOCH).str.to_datetime("%Y-%m-%d", time_unit="ms")
    by_days = serial + pl.duration(seconds=(days * 86_400).round().cast(pl.Int64, strict=False))
    compact = cell.str.strptime(pl.Datetime("ms"), "%Y%m%d", strict=False)
    return cells.to_frame("cell").select(
        local=pl.when(is_ms | is_s).then(since_1970.cast(pl.Datetime("ms")))
        .when(cell.str.contains(_SERIAL)).then(by_days.cast(pl.Datetime("ms")))
        .when(cell.str.contains(_COMPACT)).then(compact),
        offset=pl.when(is_ms | is_s).then(pl.lit(0, pl.Int32)),
        fault=pl.lit(None, dtype=pl.String),
    )  # fmt: skip


def _first_and_second(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    parts = cells.str.extract_groups(_YEAR_LAST).struct.unnest()
    parts.columns = ["left", "mark", "right", "year", *_CLOCK_PARTS]
    parts = parts.filter(pl.col("mark") != ".")
    return parts["left"].cast(pl.UInt8), parts["right"].cast(pl.UInt8)
