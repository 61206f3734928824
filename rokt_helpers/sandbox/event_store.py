"""What became of events: conversions, each once, and who is in which segment and audience.

People are digests. Development and production are kept apart, as at mParticle, and so are the
interfaces: whether Rokt sees one conversion in two of them is not documented.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Literal

from rokt_helpers.sandbox.event_batches import Batch
from rokt_helpers.sandbox.event_data import Conversion
from rokt_helpers.sandbox.event_identities import Person
from rokt_helpers.sandbox.members import Members

__all__ = ["EventStore", "EventWire", "LeftOut", "ReceivedConversion"]

EventWire = Literal["events", "feed", "legacy-events"]
_PRODUCTION: Final = "production"


@dataclass(frozen=True, slots=True)
class ReceivedConversion:
    """One conversion as the platform knows it.

    ``times`` is how often it came; only the first counts. ``person`` is a SHA-256 digest: of the
    e-mail where ``known_by`` is ``email`` or ``other``. ``happened`` is None where none was sent.
    """

    number: int
    at: datetime
    wire: EventWire
    environment: str
    person: str = field(repr=False)
    known_by: str
    conversiontype: str = field(repr=False)
    confirmationref: str | None = field(repr=False)
    amount: str | None
    currency: str | None
    happened: datetime | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A batch or record that came to nothing though its request was answered as a success.

    ``position`` counts from 1 within the request, or below the header of a file, whose path is in
    place of the request's id. ``reason`` holds no value.
    """

    at: datetime
    wire: EventWire
    request_id: str
    position: int
    outcome: Literal["dropped", "repeated"]
    reason: str


class EventStore:
    """Conversions, segments and audiences, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._conversions: dict[tuple[object, ...], ReceivedConversion] = {}
        self._segments: dict[tuple[str, str], Members] = {}
        self._audiences: dict[tuple[str, str], Members] = {}
        self._request_ids: set[str] = set()
        self._left_out: list[LeftOut] = []
        self._accepted = 0

    def take(self, batch: Batch, wire: EventWire = "events") -> bool:
        """Let a batch have its effect; false where its source_request_id was here before."""
        with self._lock:
            if batch.source_request_id in self._request_ids:
                return False
            if batch.source_request_id is not None:
                self._request_ids.add(batch.source_request_id)
            self._accepted += 1
            for conversion in batch.conversions:
                self._convert(conversion, batch.person, wire, batch.environment)
            environment, digest = batch.environment, batch.person.digest
            _move(self._segments, environment, digest, batch.segments.items())
            _move(self._audiences, environment, digest, batch.memberships)
            return True

    def take_record(self, conversion: Conversion | None, person: Person | None) -> None:
        """Let one event of the legacy interface have its effect, if it is a conversion."""
        with self._lock:
            self._accepted += 1
            if conversion is not None and person is not None:
                self._convert(conversion, person, "legacy-events", _PRODUCTION)

    def leave_out(self, left_out: LeftOut) -> None:
        """Keep what came to nothing."""
        with self._lock:
            self._left_out.append(left_out)

    def counts(self) -> dict[str, int]:
        """Return how many batches and legacy events were accepted, dropped, and repeated."""
        with self._lock:
            outcomes = [each.outcome for each in self._left_out]
            dropped, repeated = outcomes.count("dropped"), outcomes.count("repeated")
            return {"accepted": self._accepted, "dropped": dropped, "repeated": repeated}

    def left_out(self) -> list[LeftOut]:
        """Return what came to nothing, oldest first."""
        with self._lock:
            return list(self._left_out)

    def conversions(self) -> list[ReceivedConversion]:
        """Return every conversion, once each, in the order in which they first came."""
        with self._lock:
            return list(self._conversions.values())

    def segments(self, environment: str = _PRODUCTION) -> dict[str, int]:
        """Return each boolean user attribute and how many people have it true, by name."""
        with self._lock:
            return _counts(self._segments, environment)

    def segment(self, name: str, environment: str = _PRODUCTION) -> frozenset[str]:
        """Return the people who have a boolean user attribute true."""
        with self._lock:
            return self._segments.get((environment, name), Members()).as_hex()

    def audiences(self, environment: str = _PRODUCTION) -> dict[str, int]:
        """Return each audience that membership events named, and its size, by name."""
        with self._lock:
            return _counts(self._audiences, environment)

    def audience(self, name: str, environment: str = _PRODUCTION) -> frozenset[str]:
        """Return the people whom membership events put into an audience."""
        with self._lock:
            return self._audiences.get((environment, name), Members()).as_hex()

    def _convert(
        self, conversion: Conversion, person: Person, wire: EventWire, environment: str
    ) -> None:
        number = len(self._conversions) + 1
        # Without a reference nothing tells one conversion from the next.
        what = (number,) if conversion.reference is None else (conversion.reference,)
        kind = None if wire == "legacy-events" else conversion.kind
        key = (wire, environment, kind, conversion.reference is None, *what)
        known = self._conversions.get(key)
        if known is not None:
            self._conversions[key] = replace(known, times=known.times + 1)
            return
        at_ms = conversion.at_ms
        self._conversions[key] = ReceivedConversion(
            number=number,
            at=datetime.now(UTC),
            wire=wire,
            environment=environment,
            person=person.digest,
            known_by=person.known_by,
            conversiontype=conversion.kind,
            confirmationref=conversion.reference,
            amount=conversion.amount,
            currency=conversion.currency,
            happened=None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC),
        )


def _move(
    groups: dict[tuple[str, str], Members],
    environment: str,
    digest: str,
    moves: Iterable[tuple[str, bool]],
) -> None:
    """Put a person into groups, or take them out."""
    person = [bytes.fromhex(digest)]
    for name, inside in moves:
        members = groups.setdefault((environment, name), Members())
        (members.add if inside else members.remove)(person)


def _counts(groups: dict[tuple[str, str], Members], environment: str) -> dict[str, int]:
    found = {
        name: len(members) for (where, name), members in groups.items() if where == environment
    }
    return dict(sorted(found.items()))
