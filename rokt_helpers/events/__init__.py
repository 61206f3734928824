"""What is sent over the Event and Audience API: conversions and memberships as batches of JSON."""

from rokt_helpers.events.conversions import conversion_batches
from rokt_helpers.events.memberships import membership_batches

__all__ = ["conversion_batches", "membership_batches"]
