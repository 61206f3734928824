"""Read the pause that a platform asks for: seconds, or the moment it ends (RFC 9110, 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["LONGEST_PAUSE_SECONDS", "read_retry_after"]

# Our decision: a longer pause would look like a program that hangs.
LONGEST_PAUSE_SECONDS: Final = 600.0


def read_retry_after(headers: Mapping[str, str]) -> tuple[float | None, str]:
    """Return the pause in seconds, None where none is asked for, and a sentence to add or nothing.

    A pause that is longer than ten minutes is cut to them, and the sentence says so.
    """
    seconds = _seconds(headers.get("Retry-After", "").strip(), headers.get("Date", ""))
    if seconds is not None and seconds > LONGEST_PAUSE_SECONDS:
        minutes = LONGEST_PAUSE_SECONDS / 60
        remark = f" It asks for a longer pause; after {minutes:.0f} minutes it is tried again."
        return LONGEST_PAUSE_SECONDS, remark
    return seconds, ""


def _seconds(asked: str, date: str) -> float | None:
    if asked.isascii() and asked.isdecimal():
        return float(asked)
    end = _moment(asked)
    if end is None:
        return None
    # From the platform's own clock where it shows it: ours may be wrong.
    return max(0.0, (end - (_moment(date) or datetime.now(tz=UTC))).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
