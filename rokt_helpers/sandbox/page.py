"""Draw the inspection page: a plain dictionary in, one HTML page out.

The page loads nothing: no script, no font, no picture from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

__all__ = ["render"]

SHOWN_ROWS: Final = 20
_LAST_GOOD_STATUS: Final = 299
# How each scripted fault reads on the page; {0} is its figure.
_FAULT_WORDS: Final[dict[str, str]] = {
    "answer": "answer {0}",
    "drop_before_answer": "apply the request, then lose the answer",
    "drop_before_reading": "close the connection before reading",
    "leave_out": "leave out the first {0} of a request",
    "slow": "wait {0} s before answering",
    "sftp_drop_after": "close the SFTP connection after {0} bytes",
    "sftp_instant_pickup": "take the file the moment it is renamed",
    "sftp_no_pickup": "leave the file where it lies",
    "sftp_refuse_rename": "refuse to rename",
}
_WIRE_WORDS: Final[dict[str, str]] = {
    "events": "Events API",
    "feed": "newer SFTP",
    "legacy-events": "legacy Event API",
}


def render(overview: Mapping[str, Any]) -> str:
    """Return the page for an overview as ``Inspection.overview`` gives it."""
    return _template().render(
        overview,
        shown_requests=overview["requests"][: -SHOWN_ROWS - 1 : -1],
        shown_files=overview["files"][: -SHOWN_ROWS - 1 : -1],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        thousands=_thousands, clock=_clock, day=_day, fault=_fault, mood=_mood, wire=_WIRE_WORDS.get
    )
    return environment.get_template("page.html.j2")


def _thousands(number: int) -> str:
    return f"{number:,}"


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%H:%M:%S}"


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d %b %Y, %H:%M}"


def _fault(fault: Mapping[str, Any]) -> str:
    figure = next(
        (fault[key] for key in ("status", "count", "seconds", "bytes") if key in fault), 0
    )
    words = _FAULT_WORDS[fault["kind"]].format(f"{figure:g}")
    if "wire" in fault:
        words = f"{_WIRE_WORDS[fault['wire']]}: {words}"
    return f"{words}, {fault['times']} times" if fault["times"] > 1 else words


def _mood(request: Mapping[str, Any]) -> str:
    if not 0 < request["status"] <= _LAST_GOOD_STATUS:
        return "bad"
    return "good" if request["answered"] else "warm"
