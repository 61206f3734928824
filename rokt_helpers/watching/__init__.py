"""Months of runs at one look: what is usual, what is not, and the figures for a monitor.

What draws is loaded when the page is first asked for: a monitor asks for figures every few minutes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rokt_helpers.watching.metrics import metrics_text, write_metrics
from rokt_helpers.watching.watched import LeftToExpire, Watched, watch

if TYPE_CHECKING:
    from rokt_helpers.watching.page import history_page

__all__ = ["LeftToExpire", "Watched", "history_page", "metrics_text", "watch", "write_metrics"]


def __getattr__(name: str) -> Any:
    if name != "history_page":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("rokt_helpers.watching.page").history_page
