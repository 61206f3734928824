"""Rokt in a box: the platform's side of the wires, strict by its documents and repeatable.

It says no where Rokt says no, scripts its faults instead of rolling dice, lists what it does not
imitate, and shares no code with the client but ``rokt_helpers.contract``.
"""

from __future__ import annotations

from rokt_helpers.sandbox.box import Sandbox
from rokt_helpers.sandbox.customers import write_customers
from rokt_helpers.sandbox.event_store import LeftOut, ReceivedConversion
from rokt_helpers.sandbox.faults import Fault
from rokt_helpers.sandbox.not_imitated import NOT_IMITATED
from rokt_helpers.sandbox.practice import write_practice_lists
from rokt_helpers.sandbox.state import ReceivedFile, ReceivedRequest

__all__ = [
    "NOT_IMITATED",
    "Fault",
    "LeftOut",
    "ReceivedConversion",
    "ReceivedFile",
    "ReceivedRequest",
    "Sandbox",
    "write_customers",
    "write_practice_lists",
]
