"""Read out of a 200 of the legacy Event API which events of the call were not stored, and why.

The law kept here: the platform gives an event back whole, beside words that may repeat a value of
it. None of those values goes on from here.
"""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

from rokt_helpers.channels.answers import Answer
from rokt_helpers.channels.channel import LeftOut
from rokt_helpers.errors import InDoubt

__all__ = ["read_left_out"]


def read_left_out(answer: Answer, lines: pl.Series) -> tuple[LeftOut, ...]:
    """Return which events were left out of a call.

    Parameters
    ----------
    lines
        The events of the call, as JSON, in the order in which they were sent.

    Raises
    ------
    InDoubt
        The answer does not say: it is not Rokt's, or not the whole of it.
    """
    try:
        given = answer.json()["data"]["unprocessedRecords"]
        pairs = [(each["error"], each["record"]) for each in given]
    except (TypeError, KeyError):
        pairs = None
    if pairs is None or len(pairs) > len(lines):
        raise InDoubt(
            "The answer was 200, but does not say which events were stored, as Rokt's does. Check "
            "ROKT_LEGACY_EVENTS_URL and a company proxy.",
            request_id=answer.request_id,
            status=answer.status,
        )
    sent = _Sent(lines) if pairs else None
    return tuple(_told(answer, error, record, sent) for error, record in pairs)


def _told(answer: Answer, error: Any, record: Any, sent: _Sent | None) -> LeftOut:
    position, event = sent.take(record) if sent else (None, None)
    told = error if isinstance(error, dict) else {}
    words = [told[key] for key in ("code", "message") if isinstance(told.get(key), str)]
    if not words:
        return LeftOut(position, "no reason was given")
    values = {*_values(record), *_values(event)}
    return LeftOut(position, answer.masked(_without(values, ": ".join(words))))


class _Sent:
    """The events of a call by their ids; each is found once."""

    def __init__(self, lines: pl.Series) -> None:
        self._events: dict[str, list[tuple[int, Any]]] = {}
        for position, line in enumerate(lines):
            event = json.loads(line)
            self._events.setdefault(event["clientEventId"], []).append((position, event))

    def take(self, record: Any) -> tuple[int | None, Any]:
        """Return the place and the event of a record that came back; None twice if unknown."""
        name = record.get("clientEventId") if isinstance(record, dict) else None
        there = self._events.get(name, []) if isinstance(name, str) else []
        # Of several with one id the first is stored, so the last that is like it came back.
        found = [pair for pair in there if pair[1] == record][-1:] or there[-1:]
        for pair in found:
            there.remove(pair)
            return pair
        return None, None


def _without(values: set[str], words: str) -> str:
    """Return words with each of the values masked where it stands alone."""
    if not values:
        return words
    # The longest first: one value may be the beginning of another.
    any_of_them = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{any_of_them})(?!\w)", "•••", words, flags=re.IGNORECASE)


def _values(event: Any) -> list[str]:
    """Return the values of an event that a person may be known by; type and moment are none."""
    if not isinstance(event, dict):
        return []
    lists = [event.get("objectData"), event.get("metaData")]
    fields = [field for given in lists if isinstance(given, list) for field in given]
    values = [field.get("value") for field in fields if isinstance(field, dict)]
    return [text for text in (event.get("clientEventId"), *values) if text and type(text) is str]
