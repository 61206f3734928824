"""Judge one event of the legacy Event API. No reason repeats a value that was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.digests import is_digest
from rokt_helpers.sandbox.event_attributes import read_object
from rokt_helpers.sandbox.event_data import Conversion, check_money
from rokt_helpers.sandbox.event_identities import Person, digest_of_address, known_by

__all__ = ["Record", "read_record"]

_REQUIRED: Final = frozenset({"clientEventId", "eventType", "eventTime"})
_FIELDS: Final = ("metaData", "objectData")
_KNOWN: Final = _REQUIRED | {*_FIELDS}
_RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_REFERENCES: Final = ("transactionid", "confirmationref")  # the first that is there counts


@dataclass(frozen=True, slots=True)
class Record:
    """One event that is good; ``conversion`` and ``person`` only where it is a conversion."""

    key: tuple[str, str] = field(repr=False)
    conversion: Conversion | None
    person: Person | None


def read_record(given: object) -> Record:
    """Return one event, or refuse it.

    Raises
    ------
    BadRequest
        It breaks a rule; the text says which.
    """
    event = read_object(given, "an event")
    if not _REQUIRED <= set(event) <= _KNOWN:
        raise BadRequest(
            f"an event has {', '.join(sorted(_REQUIRED))}, and {' and '.join(_FIELDS)}"
        )
    name = _text(event, "clientEventId", contract.MAX_LEGACY_EVENT_ID_CHARACTERS)
    kind = _text(event, "eventType", contract.MAX_LEGACY_EVENT_TYPE_CHARACTERS)
    at_ms = _read_moment(event["eventTime"])
    _read_fields(event.get("metaData", []), "metaData")
    values = _read_fields(event.get("objectData", []), "objectData")
    if kind != contract.CONVERSION_EVENT:
        return Record((name, kind), None, None)
    return Record((name, kind), _conversion(values, at_ms), _person(values))


def _text(event: Mapping[str, Any], key: str, longest: int) -> str:
    value = event[key]
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise BadRequest(f"{key} must be text of 1 to {longest} characters")
    return value


def _read_moment(given: object) -> int:
    try:
        if not isinstance(given, str) or not _RFC_3339.fullmatch(given):
            raise BadRequest("eventTime must be as in RFC 3339, with its offset")
        return round(datetime.fromisoformat(given.upper()).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadRequest("eventTime is no date and time there is") from None


def _read_fields(given: object, where: str) -> dict[str, str]:
    most = contract.MAX_LEGACY_FIELDS
    if not isinstance(given, list) or len(given) > most:
        raise BadRequest(f"{where} must be an array of at most {most} names and values")
    found: dict[str, str] = {}
    for position, pair in enumerate(given, start=1):
        name, value = _read_pair(pair, f"{where}, field {position}")
        if name in found:
            raise BadRequest(f"{where}, field {position}: a name that stands there already")
        found[name] = value
    return found


def _read_pair(given: object, where: str) -> tuple[str, str]:
    pair = read_object(given, where)
    name, value = pair.get("name"), pair.get("value")
    if set(pair) != {"name", "value"} or not isinstance(name, str) or not isinstance(value, str):
        raise BadRequest(f"{where} must hold name and value, both texts")
    if not name or len(name) > contract.MAX_NAME_CHARACTERS:
        raise BadRequest(f"{where}: a name has 1 to {contract.MAX_NAME_CHARACTERS} characters")
    if name.lower().startswith(contract.LEGACY_RESERVED_PREFIX):
        raise BadRequest(
            f"{where}: names beginning with {contract.LEGACY_RESERVED_PREFIX} are Rokt's"
        )
    if len(value) > contract.MAX_LEGACY_VALUE_CHARACTERS:
        raise BadRequest(
            f"{where}: longer than {contract.MAX_LEGACY_VALUE_CHARACTERS:,} characters"
        )
    return name, value


def _conversion(values: Mapping[str, str], at_ms: int) -> Conversion:
    check_money(values.get("amount"), values.get("currency"), "objectData")
    return Conversion(
        kind=values.get("conversiontype", ""),
        reference=next((values[name] for name in _REFERENCES if values.get(name)), None),
        amount=values.get("amount"),
        currency=values.get("currency"),
        at_ms=at_ms,
    )


def _person(values: Mapping[str, str]) -> Person:
    """Return whom a conversion is about; every digest among the values must be one."""
    for name, value in values.items():
        if name.lower().endswith("sha256") and not is_digest(value):
            raise BadRequest("objectData: a digest is not 64 hexadecimal characters")
    plain, hashed = values.get("email"), values.get("emailsha256")
    digest = None if plain is None else digest_of_address(plain, "objectData, email")
    if digest is not None:
        return Person(digest, "email")
    if hashed is not None:
        return Person(hashed.lower(), "other")
    if values.get(contract.CLICK_ID_ATTRIBUTE):
        return known_by(contract.CLICK_ID_IDENTITY, values[contract.CLICK_ID_ATTRIBUTE])
    names = ", ".join(contract.LEGACY_CONVERSION_IDENTIFIERS)
    raise BadRequest(f"a conversion needs one of {names} in objectData")
