"""Read amounts of money as people write them, and say in one way what they come to.

The law kept here: a mark is never guessed. ``1,234`` is read only where its column says whether a
comma is of thousands or of decimals; any other cell has one meaning or is refused.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final, Literal

import polars as pl

from rokt_helpers import contract

__all__ = ["Decimal", "marks_in", "read_amount"]

# The decimal mark of a column; None where no cell depends on it.
Decimal = Literal[".", ","]

# Signs that stand for one currency; "$" and "¥" stand for several and say nothing.
_SIGNS: Final = {"€": "EUR", "£": "GBP", "₩": "KRW", "₹": "INR"}
_MONEY: Final = r"[A-Za-z]{3}|[A-Z]{0,2}\$|[€£¥₩₹]"
_MINUS: Final = r"[-+\x{2212}]"
_WHOLE: Final = (
    rf"^(\()?\s*({_MINUS})?\s*({_MONEY})?\s*({_MINUS})?\s*"
    rf"([0-9.,][0-9., ']*?)\s*({_MONEY})?\s*({_MINUS})?\s*(\))?$"
)
_SPACES: Final = r"[\x{a0}\x{2009}\x{202f}]"
_BY_SPACES: Final = r"^[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]+)?$"
_BY_TICKS: Final = r"^[1-9][0-9]{0,2}(?:'[0-9]{3})+(?:[.,][0-9]+)?$"
# A zero before the first mark of thousands is no number: 0.125 has a decimal point.
_POINT: Final = r"^(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?$|^\.[0-9]+$"
_COMMA: Final = r"^(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?$|^,[0-9]+$"
# What nearly every cell is: a plain number, or thousands beside a sign that says nothing; with
# the mark of the thousands. Where nobody says, at most two decimals have one meaning.
_QUICK: Final[dict[Decimal | None, tuple[str, str]]] = {
    ".": (r"^\$?(?:[0-9]{1,15}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,20})?$", ","),
    ",": (r"^\$?(?:[0-9]{1,15}|[1-9][0-9]{0,2}(?:\.[0-9]{3}){1,4})(?:,[0-9]{1,20})?$", "."),
    None: (r"^\$?[0-9]{1,15}(?:[.,][0-9]{1,2})?$", "$"),
}
_CANONICAL: Final = r"^[0-9]{1,15}(?:\.[0-9]{1,10})?$"
# A computed float has more decimals than any money: 12.000000000000002 is 12.
_LONG: Final = r"^([0-9]*\.[0-9]{11})[0-9]*$"
_HALF: Final = "0.00000000005"
_READING: Final = pl.Struct({"value": pl.String, "fault": pl.String, "currency": pl.String})


def read_amount(cell: pl.Expr, decimal: Decimal | None, *, below_zero: bool = False) -> pl.Expr:
    """Return what an amount comes to.

    Parameters
    ----------
    cell
        Expression of type String, without white space at its ends; null where there is nothing.
    decimal
        The decimal mark; None reads each cell that has one meaning by itself.
    below_zero
        Whether less than nothing is an amount, too.

    Returns
    -------
    Expression of type Struct: ``value`` (String: digits, at most one point, ten decimals at most,
    rounded half up, no zeros that could be left out), ``fault`` (a key of
    ``contract.CONVERSION_REASONS``, or null) and ``currency`` (the code of the sign beside the
    number, where it stands for one currency).
    """
    return cell.map_batches(
        lambda cells: _read(cells, decimal, below_zero=below_zero),
        return_dtype=_READING,
        is_elementwise=True,
    )


def marks_in(cells: pl.Series) -> tuple[AbstractSet[Decimal], int]:
    """Return the decimal marks that cells prove, and how many cells could be read with either."""
    numbers = _numbers(cells.drop_nulls().to_frame("cell"))
    point, comma = pl.col("point"), pl.col("comma")
    marked = pl.col("number").str.contains("[.,]")
    found = numbers.select(
        point=(point & ~comma).any(),
        comma=(comma & ~point).any(),
        either=(point & comma & marked).sum(),
    ).row(0, named=True)
    proven: set[Decimal] = set()
    if found["point"]:
        proven.add(".")
    if found["comma"]:
        proven.add(",")
    return proven, int(found["either"])


def _read(cells: pl.Series, decimal: Decimal | None, *, below_zero: bool) -> pl.Series:
    """Settle the many plain numbers at once, and look closer at the rest."""
    pattern, thousands = _QUICK[decimal]
    quick = cells.str.contains(pattern)
    bare = cells.set(~quick, None).str.replace_many(["$", thousands], [""])
    value = _shortest(bare.str.replace(",", ".", literal=True))
    fault, currency = (
        pl.Series([None], dtype=pl.String).new_from_index(0, len(cells)) for _ in range(2)
    )
    places = (~quick).fill_null(value=False).arg_true()
    if len(places):
        closer = _closer(cells.gather(places), decimal, below_zero=below_zero)
        value = value.scatter(places, closer["value"])
        fault = fault.scatter(places, closer["fault"])
        currency = currency.scatter(places, closer["currency"])
    parts = [value.alias("value"), fault.alias("fault"), currency.alias("currency")]
    return pl.DataFrame(parts).to_struct(cells.name)


def _closer(cells: pl.Series, decimal: Decimal | None, *, below_zero: bool) -> pl.DataFrame:
    numbers = _numbers(cells.to_frame("cell"))
    number, point, comma = pl.col("number"), pl.col("point"), pl.col("comma")
    by_point = number.str.replace_all(",", "", literal=True)
    by_comma = number.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    either = point & comma & number.str.contains("[.,]")
    if decimal is None:
        point, comma = point & ~either, comma & ~either
    else:
        point, comma = point & pl.lit(decimal == "."), comma & pl.lit(decimal == ",")
        either = pl.lit(value=False)
    value = pl.when(point).then(by_point).when(comma).then(by_comma)
    read = numbers.with_columns(value=value, either=either)
    digits = _shortest(read["value"])
    is_number = digits.str.contains(_CANONICAL).fill_null(value=False)
    less = read["negative"] & (digits != "0")
    fault = (
        pl.when("either").then(pl.lit("ambiguous_amount"))
        .when(~pl.col("is_number")).then(pl.lit("bad_amount"))
        .when(pl.col("less") & pl.lit(value=not below_zero)).then(pl.lit("negative_amount"))
    )  # fmt: skip
    signed = pl.when("less").then(pl.lit("-") + pl.col("digits")).otherwise("digits")
    judged = read.with_columns(digits=digits, is_number=is_number, less=less)
    return judged.select(value=signed, fault=fault, currency="currency").with_columns(
        value=pl.when(pl.col("fault").is_null()).then("value")
    )


def _numbers(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the number in each cell and how it may be read.

    Returns
    -------
    ``number`` (String; null where the cell is none), ``negative``, ``currency``, and whether it
    is a number with a decimal ``point`` and with a decimal ``comma`` (Boolean).
    """
    text = pl.col("cell").str.replace_all(_SPACES, " ").str.replace_all("\u2019", "'", literal=True)
    parts = cells.select(parts=text.str.extract_groups(_WHOLE)).unnest("parts")
    parts.columns = ["open", "minus1", "money1", "minus2", "number", "money2", "minus3", "close"]
    money = pl.coalesce("money1", "money2").str.to_uppercase()
    code = money.replace_strict(_SIGNS, default=money)
    is_code = code.str.contains("^[A-Z]{3}$")
    signs = [pl.col(f"minus{i}").is_not_null() for i in (1, 2, 3)]
    number = pl.col("number")
    grouped = number.str.contains(_BY_SPACES) | number.str.contains(_BY_TICKS)
    bare = pl.when(grouped).then(number.str.replace_all("[ ']", "")).otherwise(number)
    sound = (
        (pl.col("open").is_null() == pl.col("close").is_null())
        & (pl.sum_horizontal(signs) + pl.col("open").is_not_null().cast(pl.UInt32) <= 1)
        & ~(pl.col("money1").is_not_null() & pl.col("money2").is_not_null())
        & (~is_code | code.is_in(sorted(contract.CURRENCIES))).fill_null(value=True)
    )
    minus = pl.any_horizontal(
        (pl.col(f"minus{i}") != "+").fill_null(value=False) for i in (1, 2, 3)
    )
    # Thousands that are parted by spaces leave the other mark for the decimals.
    has_point, has_comma = (
        bare.str.contains(".", literal=True),
        bare.str.contains(",", literal=True),
    )
    return parts.select(
        number=pl.when(sound).then(bare),
        negative=minus | pl.col("open").is_not_null(),
        currency=pl.when(is_code).then(code),
        point=bare.str.contains(_POINT) & ~(grouped & has_comma),
        comma=bare.str.contains(_COMMA) & ~(grouped & has_point),
    ).with_columns(
        (pl.col("number").is_not_null() & pl.col(name).fill_null(value=False)).alias(name)
        for name in ("point", "comma")
    )


def _rounded(digits: pl.Series) -> pl.Series:
    """Return numbers with ten decimals at most, the last one rounded half up."""
    places = digits.str.contains(_LONG).fill_null(value=False).arg_true()
    if not len(places):
        return digits
    exact = pl.col("number").str.extract(_LONG).cast(pl.Decimal(38, 11), strict=False)
    up = exact + pl.lit(_HALF).cast(pl.Decimal(38, 11))
    text = up.cast(pl.String).str.head(-1)
    return digits.scatter(places, digits.gather(places).to_frame("number").select(text).to_series())


def _shortest(digits: pl.Series) -> pl.Series:
    """Return numbers of ten decimals at most, without the zeros that could be left out."""
    digits, number = _rounded(digits), pl.col("number")
    whole = number.str.replace(r"^0*([0-9])", "$1").str.replace(r"^\.", "0.")
    front = pl.when(number.str.contains(r"^0[0-9]|^\.")).then(whole).otherwise(number)
    table = digits.to_frame("number").select(front)
    end = number.str.strip_chars_end("0").str.strip_chars_end(".")
    has_point = number.str.contains(".", literal=True)
    return table.select(pl.when(has_point).then(end).otherwise(number)).to_series()
