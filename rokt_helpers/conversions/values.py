"""Read the other kinds of cells: who a person is, codes, whole numbers, lists of articles.

Every reader takes an expression of text and gives a Struct of ``value`` and ``fault``, a key of
``contract.CONVERSION_REASONS`` or null. Addresses, mobile numbers, ZIP codes and names go through
the expressions of ``identifiers``, as audiences do.
"""

from __future__ import annotations

import json
from typing import Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.conversions.amounts import Decimal, read_amount
from rokt_helpers.conversions.attributes import Kind
from rokt_helpers.conversions.moments import DateOrder, read_day, read_moment
from rokt_helpers.identifiers import ATTRIBUTES, canonical_text, digest_fault, with_email_verdict

__all__ = ["filled", "reading"]

_WHITE: Final = contract.WHITE_SPACE + contract.INVISIBLE
_ADDRESS: Final = r"[^\s@]@[^\s@]+\.[^\s@]"
_GUID: Final = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_BYTE: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = rf"^(?:{_BYTE}\.){{3}}{_BYTE}$"
_IPV6: Final = r"^(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{0,4}|(?:[0-9]{1,3}\.){3}[0-9]{1,3})$"
_WHOLE: Final = r"^[0-9]{1,9}$"
_AGE: Final = r"^(?:[0-9]|[1-9][0-9]|1[0-2][0-9])$"
# A whole number that was a float, or was shown by a spreadsheet, with fewer digits than it has.
_LOST_DIGITS: Final = r"^-?(?:[0-9](?:\.[0-9]+)?[eE]\+[0-9]{2,3}|[0-9]{16,}\.0)$"
_SEPARATORS: Final = (",", ";", "|")
# White space beside a separator, two in a row, one at an end, or JSON.
_UNTIDY: Final = r"[\s\x{200b}-\x{200f}\x{feff}\x{85}\x1c-\x1f]|[,;|]{2}|^[\[,;|]|[,;|]$"
_VERDICT: Final = pl.Struct({"value": pl.String, "fault": pl.String})
_LIST: Final = pl.Struct({"value": pl.List(pl.String), "fault": pl.String})


def filled(cell: pl.Expr) -> pl.Expr:
    """Return a cell without white space at its ends; null where it holds no value."""
    return cell.str.strip_chars(_WHITE).replace([*contract.EMPTY_WORDS], None)


def reading(
    kind: Kind,
    cell: pl.Expr,
    *,
    plain: bool,
    decimal: Decimal | None = None,
    order: DateOrder | None = None,
    time_zone: str | None = None,
) -> pl.Expr:
    """Return what a filled cell of a kind says.

    Parameters
    ----------
    cell
        As :func:`filled` gives it.
    plain
        Whether raw values may stay; without, text with an address in it is a fault.
    decimal, order, time_zone
        For amounts, days and moments.

    Returns
    -------
    Expression of type Struct: ``value`` (String; Int64 for moments; List of String for articles)
    and ``fault``; amounts have ``currency`` besides.
    """
    if kind in {"amount", "margin"}:
        return read_amount(cell, decimal, below_zero=kind == "margin")
    if kind == "moment":
        return read_moment(cell, order, time_zone)
    if kind == "day":
        return read_day(cell, order)
    if kind == "email" or kind in _BY_RULE:
        return _by_rule(kind, cell)
    if kind == "skus":
        return _skus(cell, plain=plain)
    return _text(cell, plain=plain)


def _text(cell: pl.Expr, *, plain: bool) -> pl.Expr:
    lost = pl.when(cell.str.contains(_LOST_DIGITS)).then(pl.lit("bad_number"))
    if plain:
        return _struct(cell, lost)
    return _struct(cell, lost.when(_holds_address(cell)).then(pl.lit("address_in_text")))


def _holds_address(cell: pl.Expr) -> pl.Expr:
    return cell.str.contains("@", literal=True) & cell.str.contains(_ADDRESS)


def _struct(value: pl.Expr, fault: pl.Expr) -> pl.Expr:
    return pl.struct(value=pl.when(fault.is_null()).then(value), fault=fault)


def _by_rule(kind: Kind, cell: pl.Expr) -> pl.Expr:
    """Return the canonical form of a cell, where its rule accepts that."""
    if kind == "email":
        return cell.map_batches(_emails, return_dtype=_VERDICT, is_elementwise=True)
    form, sound, fault = _BY_RULE[kind](cell)
    bad = pl.when(cell.is_not_null() & ~sound.fill_null(value=False)).then(pl.lit(fault))
    return _struct(form, bad)


def _emails(cells: pl.Series) -> pl.Series:
    judged = with_email_verdict(cells.to_frame("text").lazy())
    fault = pl.col("fault").is_not_null() & pl.col("text").is_not_null()
    verdict = judged.select(
        value=pl.when(pl.col("fault").is_null()).then("canonical"),
        fault=pl.when(fault).then(pl.lit("bad_email")),
    )
    return verdict.collect().to_struct(cells.name)


_Rule = tuple[pl.Expr, pl.Expr, str]


def _digest(cell: pl.Expr) -> _Rule:
    form = canonical_text(cell)
    return form, digest_fault(form).is_null(), "bad_digest"


def _mobile(cell: pl.Expr) -> _Rule:
    form = ATTRIBUTES["mobile"].canonical(cell)
    return form, ATTRIBUTES["mobile"].fault(form).is_null(), "bad_mobile"


def _name(cell: pl.Expr) -> _Rule:
    return cell, cell.str.contains(r"\p{L}"), "bad_name"


def _zip(cell: pl.Expr) -> _Rule:
    """Return five digits, or a ZIP+4 where there are nine."""
    nine = ATTRIBUTES["zip4"].canonical(cell)
    is_nine = ATTRIBUTES["zip4"].fault(nine).is_null()
    five = ATTRIBUTES["zip"].canonical(cell)
    form = pl.when(is_nine).then(nine).otherwise(five)
    return form, is_nine | ATTRIBUTES["zip"].fault(five).is_null(), "bad_zip"


def _advertising(cell: pl.Expr) -> _Rule:
    form = pl.when(cell != contract.NO_ADVERTISING_ID).then(cell)
    return form, cell.str.contains(_GUID), "bad_advertising_id"


def _ip(cell: pl.Expr) -> _Rule:
    form = cell.str.to_lowercase()
    return form, form.str.contains(_IPV4) | form.str.contains(_IPV6), "bad_ip"


def _country(cell: pl.Expr) -> _Rule:
    form = cell.str.to_uppercase()
    return form, form.is_in(sorted(contract.COUNTRIES)), "bad_country"


def _currency(cell: pl.Expr) -> _Rule:
    form = cell.str.to_uppercase()
    return form, form.is_in(sorted(contract.CURRENCIES)), "bad_currency"


def _whole(cell: pl.Expr) -> _Rule:
    # A spreadsheet writes whole numbers as measurements.
    form = cell.str.replace(r"\.0+$", "").str.replace(r"^0+([0-9])", "$1")
    return form, form.str.contains(_WHOLE), "bad_number"


def _age(cell: pl.Expr) -> _Rule:
    form, _, fault = _whole(cell)
    return form, form.str.contains(_AGE), fault


def _tracking(cell: pl.Expr) -> _Rule:
    return cell, ~cell.str.contains(r"\s|@"), "bad_tracking_id"


_BY_RULE: Final = {
    "tracking": _tracking,
    "digest": _digest,
    "mobile": _mobile,
    "name": _name,
    "zip": _zip,
    "advertising": _advertising,
    "ip": _ip,
    "country": _country,
    "currency": _currency,
    "whole": _whole,
    "age": _age,
}


# --- lists of articles ------------------------------


def _skus(cell: pl.Expr, *, plain: bool) -> pl.Expr:
    return cell.map_batches(
        lambda cells: _lists(cells, plain=plain), return_dtype=_LIST, is_elementwise=True
    )


def _lists(cells: pl.Series, *, plain: bool) -> pl.Series:
    """Cut the many tidy lists at their separator at once, and look closer at the rest."""
    cell = pl.col("cell")
    kinds = pl.sum_horizontal(cell.str.contains(mark, literal=True) for mark in _SEPARATORS)
    held = pl.lit(value=False) if plain else _holds_address(cell)
    lost = cell.str.contains(_LOST_DIGITS)
    tidy = ~cell.str.contains(_UNTIDY) & (kinds <= 1) & ~held & ~lost
    table = cells.to_frame("cell").select("cell", held=held, lost=lost, tidy=tidy)
    # The text is left out before it is cut: lists are slow to choose among.
    text = pl.when("tidy").then("cell").str.replace_many([*_SEPARATORS[1:]], [","])
    value = table.select(value=text.str.split(",")).to_series()
    rest = (~table["tidy"] & ~table["held"] & ~table["lost"]).fill_null(value=False)
    if rest.any():
        value = _with_untidy(value, cells, rest)
    fault = (
        pl.when("held").then(pl.lit("address_in_text"))
        .when("lost").then(pl.lit("bad_number"))
        .when(cell.is_not_null() & value.is_null()).then(pl.lit("bad_sku_list"))
    )  # fmt: skip
    return table.select(value=value, fault=fault).to_struct(cells.name)


def _with_untidy(value: pl.Series, cells: pl.Series, rest: pl.Series) -> pl.Series:
    found = [_items(text) for text in cells.filter(rest)]
    read = pl.DataFrame(
        {"place": rest.arg_true(), "read": pl.Series(found, dtype=pl.List(pl.String))}
    )
    table = value.to_frame("value").with_row_index("place")
    joined = table.join(read, on="place", how="left", maintain_order="left")
    return joined.select(value=pl.coalesce("value", "read")).to_series()


def _items(text: str) -> list[str] | None:
    """Return the items of one list, blank ones left out; None where it is none."""
    if text.startswith("["):
        return _from_json(text)
    marks = [mark for mark in _SEPARATORS if mark in text]
    if len(marks) > 1:
        return None
    return _kept(text.split(marks[0]) if marks else [text])


def _from_json(text: str) -> list[str] | None:
    """Return the plain values of a JSON array as text; None where it is none."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    return _kept(found)


def _kept(items: list[str]) -> list[str] | None:
    kept = [item.strip(_WHITE) for item in items]
    return [item for item in kept if item] or None
