"""Judge one event of a batch, and say what it means to Rokt: a conversion, a membership, or else.

Strict by what Rokt's connectors send. No reason repeats a value that was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.event_attributes import check_name, read_event_attributes, read_object

__all__ = ["Conversion", "Event", "check_money", "read_event"]

_KEYS: Final = frozenset({
    "event_name", "custom_event_type", "source_message_id", "timestamp_unixtime_ms",
    "custom_attributes",
})  # fmt: skip
_AMOUNT: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion says; ``at_ms`` is milliseconds since 1970, None where it has no time."""

    kind: str = field(repr=False)
    reference: str | None = field(repr=False)
    amount: str | None
    currency: str | None
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event that is good; ``membership`` is an audience's name, and true for in."""

    message_id: str | None
    at_ms: int | None
    conversion: Conversion | None = None
    membership: tuple[str, bool] | None = None


def read_event(given: object, where: str) -> Event:
    """Return one event, or refuse it; ``where`` says which one it is.

    Raises
    ------
    BadRequest
        It breaks a rule; the text says which.
    """
    event = read_object(given, where)
    if set(event) != {"event_type", "data"}:
        raise BadRequest(f"{where} must hold event_type and data, and nothing else")
    if event["event_type"] != contract.EVENT_TYPE:
        raise BadRequest(f"{where}: event_type must be {contract.EVENT_TYPE}")
    data = read_object(event["data"], f"{where}, data")
    _check_data(data, where)
    attributes = read_event_attributes(data.get("custom_attributes", {}), where)
    at_ms = data.get("timestamp_unixtime_ms")
    return Event(
        message_id=data.get("source_message_id"),
        at_ms=at_ms,
        conversion=_read_conversion(data, attributes, where),
        membership=_read_membership(data, attributes, where),
    )


def check_money(amount: object, currency: object, where: str) -> None:
    """Refuse an amount that is no decimal number, or a currency that is no ISO 4217 code."""
    if amount is not None and (isinstance(amount, bool) or not _AMOUNT.fullmatch(str(amount))):
        raise BadRequest(f"{where}: amount is not a decimal number")
    if currency is not None and not _CURRENCY.fullmatch(str(currency)):
        raise BadRequest(f"{where}: currency is not a code of three capitals")


def _check_data(data: Mapping[str, Any], where: str) -> None:
    if not set(data) <= _KEYS:
        raise BadRequest(f"{where}: data holds a key that is not known")
    check_name(data.get("event_name"), f"{where}, event_name")
    if data.get("custom_event_type") not in contract.CUSTOM_EVENT_TYPES:
        raise BadRequest(f"{where}: custom_event_type is not one of the documented ones")
    if "source_message_id" in data:
        check_name(data["source_message_id"], f"{where}, source_message_id")
    if "timestamp_unixtime_ms" in data:
        moment = data["timestamp_unixtime_ms"]
        if not isinstance(moment, int) or not 10**12 <= moment < 10**13:
            raise BadRequest(f"{where}: timestamp_unixtime_ms must be a number of 13 digits")


def _read_conversion(
    data: Mapping[str, Any], attributes: Mapping[str, Any], where: str
) -> Conversion | None:
    if data["event_name"] != contract.CONVERSION_EVENT:
        return None
    _check_type(data, contract.CONVERSION_EVENT_TYPE, where)
    kind, reference, amount, currency = (
        attributes.get(name) for name in ("conversiontype", "confirmationref", "amount", "currency")
    )
    if not isinstance(kind, str) or not kind.strip():
        raise BadRequest(f"{where}: a conversion needs a conversiontype")
    check_money(amount, currency, where)
    return Conversion(
        kind=kind,
        reference=None if reference in (None, "") else str(reference),
        amount=None if amount is None else str(amount),
        currency=currency,
        at_ms=data.get("timestamp_unixtime_ms"),
    )


def _read_membership(
    data: Mapping[str, Any], attributes: Mapping[str, Any], where: str
) -> tuple[str, bool] | None:
    if data["event_name"] != contract.AUDIENCE_EVENT:
        return None
    _check_type(data, contract.AUDIENCE_EVENT_TYPE, where)
    if set(attributes) != {"audience_name", "status"}:
        raise BadRequest(f"{where}: an audience event has audience_name and status, no more")
    name, status = attributes["audience_name"], attributes["status"]
    check_name(name, f"{where}, audience_name")
    if len(name) > contract.MAX_AUDIENCE_NAME_CHARACTERS:
        most = contract.MAX_AUDIENCE_NAME_CHARACTERS
        raise BadRequest(f"{where}: audience_name is longer than {most}")
    if status not in contract.AUDIENCE_STATUSES:
        raise BadRequest(f"{where}: status must be add or drop")
    return str(name), contract.AUDIENCE_STATUSES[status]


def _check_type(data: Mapping[str, Any], expected: str, where: str) -> None:
    if data["custom_event_type"] != expected:
        raise BadRequest(f"{where}: this event has the custom_event_type {expected}")
