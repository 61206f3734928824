"""Run one notebook without a person, strictly: checked parameters, one at a time, a full record.

What executes is loaded when it is first asked for: to see that nothing is due takes a moment only.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rokt_helpers.runner.alone import alone, is_running
from rokt_helpers.runner.parameters import check_parameters, read_parameters
from rokt_helpers.runner.signature import read_signature
from rokt_helpers.runner.stopping import Stop

if TYPE_CHECKING:
    from rokt_helpers.runner.running import NotebookRun, run_notebook

__all__ = [
    "NotebookRun",
    "Stop",
    "alone",
    "check_parameters",
    "is_running",
    "read_parameters",
    "read_signature",
    "run_notebook",
]


def __getattr__(name: str) -> Any:
    if name not in {"NotebookRun", "run_notebook"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("rokt_helpers.runner.running"), name)
