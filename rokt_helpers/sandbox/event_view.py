"""Show what became of events as JSON values, in short for the page and in full for a test."""

from __future__ import annotations

from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.event_store import EventStore, LeftOut, ReceivedConversion

__all__ = ["event_detail", "event_overview"]

SHOWN_ROWS: Final = 20
_LONGEST: Final = 40


def event_overview(events: EventStore) -> dict[str, Any]:
    """Return counts, sizes, and the latest conversions, the newest first. No digest is in it."""
    conversions, left_out = events.conversions(), events.left_out()
    return {
        "batches": events.counts(),
        "conversion_count": len(conversions),
        "conversions": [_conversion(each) for each in conversions[: -SHOWN_ROWS - 1 : -1]],
        "left_out": [_left_out(each) for each in left_out[: -SHOWN_ROWS - 1 : -1]],
        "segments": {where: events.segments(where) for where in contract.ENVIRONMENTS},
        "audiences": {where: events.audiences(where) for where in contract.ENVIRONMENTS},
    }


def event_detail(events: EventStore) -> dict[str, Any]:
    """Return everything, people as digests."""
    return {
        "conversions": [
            _conversion(each) | {"person": each.person} for each in events.conversions()
        ],
        "left_out": [_left_out(each) for each in events.left_out()],
        "segments": {
            where: {name: sorted(events.segment(name, where)) for name in events.segments(where)}
            for where in contract.ENVIRONMENTS
        },
        "audiences": {
            where: {name: sorted(events.audience(name, where)) for name in events.audiences(where)}
            for where in contract.ENVIRONMENTS
        },
    }


def _conversion(given: ReceivedConversion) -> dict[str, Any]:
    return {
        "number": given.number,
        "at": given.at.isoformat(),
        "wire": given.wire,
        "environment": given.environment,
        "known_by": given.known_by,
        "conversiontype": _shown(given.conversiontype),
        "confirmationref": _shown(given.confirmationref or ""),
        "amount": given.amount,
        "currency": given.currency,
        "happened": given.happened and given.happened.isoformat(),
        "times": given.times,
    }


def _left_out(given: LeftOut) -> dict[str, Any]:
    return {
        "at": given.at.isoformat(),
        "wire": given.wire,
        "request_id": given.request_id,
        "position": given.position,
        "outcome": given.outcome,
        "reason": given.reason,
    }


def _shown(text: str) -> str:
    """Return a text for eyes: short, and never an address that stands in the wrong column."""
    return "(an address)" if "@" in text else text[:_LONGEST]
