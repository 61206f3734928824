"""What needs a person now: schedule, ledger and vault together, without a network call.

What reads them is loaded when it is first asked for: to know the kinds takes a moment only.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rokt_helpers.attention.concern import (
    KINDS,
    UNREADABLE,
    Concern,
    Kind,
    is_out_of_sight,
    worst_first,
)

if TYPE_CHECKING:
    from rokt_helpers.attention.reading import (
        concerns,
        concerns_now,
        concerns_without_ledger,
        looked_at,
        schedule_of,
        unattended,
        under_way,
    )

__all__ = [
    "KINDS",
    "UNREADABLE",
    "Concern",
    "Kind",
    "concerns",
    "concerns_now",
    "concerns_without_ledger",
    "is_out_of_sight",
    "looked_at",
    "schedule_of",
    "unattended",
    "under_way",
    "worst_first",
]

_LATER = frozenset({*__all__} - {*globals()})


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("rokt_helpers.attention.reading"), name)
