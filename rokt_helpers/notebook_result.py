"""How a notebook hands its result to the program that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from IPython.display import display

__all__ = ["MIME_TYPE", "hand_over"]

MIME_TYPE: Final = "application/vnd.rokt.result+json"


def hand_over(result: Mapping[str, Any]) -> None:
    """Put plain values into the executed notebook where :mod:`rokt_helpers.runner` finds them.

    Nothing is shown to a person. The values must be ready for JSON and hold no identifiers.
    """
    display({MIME_TYPE: dict(result)}, raw=True)  # type: ignore[no-untyped-call]
