"""Tell people what needs them: once when it begins, once when it is over.

What looks and tells is loaded when it is first asked for: to see that it is not yet time takes a
moment only.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rokt_helpers.notices.told import Sent, ToldState, is_time, told_file

if TYPE_CHECKING:
    from rokt_helpers.notices.telling import Telling, tell

__all__ = ["Sent", "Telling", "ToldState", "is_time", "tell", "told_file"]


def __getattr__(name: str) -> Any:
    if name not in {"Telling", "tell"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("rokt_helpers.notices.telling"), name)
