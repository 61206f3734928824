"""The rules for amounts, moments and currencies once more, as plainly as they can be said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from rokt_helpers import contract

__all__ = ["amount", "currency", "moment"]

SIGNS = {"€": "EUR", "£": "GBP", "₩": "KRW", "₹": "INR"}
SPACES = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"

_SIGN = " *[-+\N{MINUS SIGN}]? *"
_MONEY = " *(?:[A-Za-z]+|[A-Z]*[$]|[€£¥₩₹])? *"


def amount(text: str, mark: str | None) -> tuple[str | None, str | None]:
    """Return the value and the fault of one amount."""
    for space in SPACES:
        text = text.replace(space, " ")
    minus, number = _signs(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    readings = {} if number is None else _readings(number)
    values = set(readings.values())
    if mark is None and len(values) > 1:
        return None, "ambiguous_amount"
    value = readings.get(mark) if mark else next(iter(values), None)
    if value is None:
        return None, "bad_amount"
    if minus and value:
        return None, "negative_amount"
    return f"{value.normalize():f}", None


def _signs(text: str) -> tuple[bool, str | None]:
    """Take brackets, signs and money away; return whether it is below zero, and the number."""
    signs = 0
    minus = False
    if text.startswith("(") != text.endswith(")"):
        return False, None
    if text.startswith("("):
        minus, signs, text = True, 1, text[1:-1]
    text = text.strip(" ")
    money = re.findall(r"[A-Z]{0,2}[$]|[A-Za-z]+|[€£¥₩₹]", text)
    if len(money) > 1 or not all(map(_is_money, money)):
        return False, None
    for sign in re.findall("[-+\N{MINUS SIGN}]", text):
        signs += 1
        minus = minus or sign != "+"
    # A sign stands before or after what is beside it, and never inside.
    pieces = re.fullmatch(rf"({_SIGN})({_MONEY})({_SIGN})([0-9., ']+?)({_MONEY})({_SIGN})", text)
    if signs > 1 or pieces is None:
        return False, None
    return minus, pieces[4].strip(" ")


def _is_money(text: str) -> bool:
    return text[-1] in {*SIGNS, "$", "¥"} or text.upper() in contract.CURRENCIES


def _readings(number: str) -> dict[str, Decimal]:
    """Return what a number comes to with each decimal mark."""
    found = {}
    for mark, other in ((".", ","), (",", ".")):
        whole, *decimals = number.split(mark)
        if len(decimals) > 1 or not all(re.fullmatch("[0-9]+", d) for d in decimals):
            continue
        for thousands in (other, " ", "'"):
            groups = whole.split(thousands)
            grouped = len(groups) > 1 and re.fullmatch("[1-9][0-9]{0,2}", groups[0])
            sound = grouped and all(re.fullmatch("[0-9]{3}", group) for group in groups[1:])
            if sound or re.fullmatch("[0-9]+", whole) or (not whole and decimals):
                digits = "".join(groups) or "0"
                if len(digits.lstrip("0")) <= 15:
                    exact = Decimal(f"{digits}.{decimals[0]}" if decimals else digits)
                    found[mark] = exact.quantize(Decimal("1e-10"), ROUND_HALF_UP)
    return found


def currency(text: str) -> str | None:
    """Return the ISO code, or None."""
    code = text.strip().upper()
    return code if code in contract.CURRENCIES else None


def moment(parts: datetime, offset_minutes: int | None, zone: str) -> int | None:
    """Return the milliseconds since 1970 of what a clock on a wall shows; None where it skips."""
    if offset_minutes is not None:
        aware = parts.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    else:
        aware = parts.replace(tzinfo=ZoneInfo(zone), fold=0)
        if aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != parts:
            return None
    return (aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
