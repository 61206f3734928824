"""What needs a person now: schedule, ledger and vault together, without a network call."""

from rokt_helpers.attention.concern import KINDS, Concern, Kind, worst_first
from rokt_helpers.attention.reading import concerns, concerns_now

__all__ = ["KINDS", "Concern", "Kind", "concerns", "concerns_now", "worst_first"]
