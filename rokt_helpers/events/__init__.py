"""What is sent as events: conversions and memberships as JSON, for the API of today and the old."""

from rokt_helpers.events.conversions import conversion_batches
from rokt_helpers.events.legacy_events import legacy_event_lines, legacy_names_left_out
from rokt_helpers.events.memberships import membership_batches
from rokt_helpers.events.shown import request_shown
from rokt_helpers.events.spelling import Spelling

__all__ = [
    "Spelling",
    "conversion_batches",
    "legacy_event_lines",
    "legacy_names_left_out",
    "membership_batches",
    "request_shown",
]
