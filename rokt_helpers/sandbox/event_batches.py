"""Judge one batch of the Events API: one person, their attributes and what they did.

Strict by what Rokt's connectors send and by the limits that mParticle documents. Pure: the
moment is handed in. No reason repeats a value that was sent.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.event_attributes import check_name, read_object, read_user_attributes
from rokt_helpers.sandbox.event_data import Conversion, Event, read_event
from rokt_helpers.sandbox.event_identities import Person, read_person

__all__ = ["Batch", "read_batch"]

_KEYS: Final = frozenset({
    "schema_version", "environment", "ip", "user_identities", "integration_attributes",
    "device_info", "application_info", "user_attributes", "deleted_user_attributes",
    "partner_identities", "context", "mpid", "source_request_id", "events",
})  # fmt: skip
_OBJECTS: Final = ("application_info", "partner_identities", "context")
_SCHEMA_VERSION: Final = 2
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is good.

    ``segments`` are the boolean user attributes, ``memberships`` the audience events, in order;
    both by name, true for in and false for out.
    """

    environment: str
    source_request_id: str | None
    person: Person
    segments: Mapping[str, bool]
    memberships: tuple[tuple[str, bool], ...]
    conversions: tuple[Conversion, ...]


def read_batch(given: object, *, now_ms: int, historical: bool | None) -> Batch:
    """Return a batch, or refuse it.

    Parameters
    ----------
    given
        One batch as it was sent.
    now_ms
        The moment, in milliseconds since 1970.
    historical
        Whether it came to the address for old events; None where the age of events is not asked.

    Raises
    ------
    BadRequest
        It breaks a rule; the text says which.
    """
    batch = read_object(given, "a batch")
    if not set(batch) <= _KEYS:
        raise BadRequest("the batch holds a key that is not known")
    if batch.get("environment") not in contract.ENVIRONMENTS:
        raise BadRequest("environment must be development or production")
    _check_surroundings(batch)
    person = read_person(batch)
    attributes = read_user_attributes(batch.get("user_attributes", {}))
    events = _read_events(batch.get("events", []))
    if historical is not None:
        check_ages = _check_old if historical else _check_recent
        check_ages([event.at_ms for event in events], now_ms)
    return Batch(
        environment=batch["environment"],
        source_request_id=batch.get("source_request_id"),
        person=person,
        segments={name: value for name, value in attributes.items() if isinstance(value, bool)},
        memberships=tuple(event.membership for event in events if event.membership),
        conversions=tuple(event.conversion for event in events if event.conversion),
    )


def _check_surroundings(batch: Mapping[str, Any]) -> None:
    """Look at what stands around the person and the events."""
    if batch.get("schema_version", _SCHEMA_VERSION) != _SCHEMA_VERSION:
        raise BadRequest(f"schema_version must be {_SCHEMA_VERSION}")
    for key in _OBJECTS:
        read_object(batch.get(key, {}), key)
    if "ip" in batch and not _is_ip(batch["ip"]):
        raise BadRequest("ip is neither an IPv4 nor an IPv6 address")
    if type(batch.get("mpid", 0)) is not int:
        raise BadRequest("mpid must be a whole number")
    if "source_request_id" in batch:
        check_name(batch["source_request_id"], "source_request_id")
    forgotten = batch.get("deleted_user_attributes", [])
    if not isinstance(forgotten, list) or len(forgotten) > contract.MAX_ATTRIBUTES:
        most = contract.MAX_ATTRIBUTES
        raise BadRequest(f"deleted_user_attributes must be an array of at most {most} names")
    for name in forgotten:
        check_name(name, "deleted_user_attributes")


def _is_ip(given: object) -> bool:
    try:
        ipaddress.ip_address(given if isinstance(given, str) else "")
    except ValueError:
        return False
    return True


def _read_events(given: object) -> list[Event]:
    if not isinstance(given, list):
        raise BadRequest("events must be an array")
    events = [read_event(event, f"event {at}") for at, event in enumerate(given, start=1)]
    ids = [event.message_id for event in events if event.message_id is not None]
    if len(set(ids)) < len(ids):
        raise BadRequest("two events of the batch have the same source_message_id")
    return events


def _check_recent(moments: Sequence[int | None], now_ms: int) -> None:
    oldest = now_ms - contract.MAX_EVENT_AGE_DAYS * _DAY_MS
    if any(moment is not None and moment < oldest for moment in moments):
        days = contract.MAX_EVENT_AGE_DAYS
        raise BadRequest(f"an event older than {days} days belongs to the historical address")


def _check_old(moments: Sequence[int | None], now_ms: int) -> None:
    youngest = now_ms - contract.MIN_HISTORICAL_AGE_HOURS * _HOUR_MS
    if not moments:
        raise BadRequest("historical: the batch has no events")
    if None in moments:
        raise BadRequest("historical: an event has no timestamp")
    if any(moment is not None and moment > youngest for moment in moments):
        hours = contract.MIN_HISTORICAL_AGE_HOURS
        raise BadRequest(f"historical: an event is younger than {hours} hours")
