"""What a person sees of the first request before it is sent: its exact shape, nobody's values."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.events.feed_table import feed_csv

__all__ = ["request_shown"]

_HIDDEN: Final = "•••"
_OF_THE_PERSON: Final = {
    "user_identities", "user_attributes", "integration_attributes", "device_info", "ip",
}  # fmt: skip
_FIRST_OF_PURCHASE: Final = contract.CONVERSION_ATTRIBUTES.index("timestamp_unixtime_ms")
_OF_THE_PURCHASE: Final = frozenset(contract.CONVERSION_ATTRIBUTES[_FIRST_OF_PURCHASE:])


def request_shown(lines: pl.Series, rows: int, *, via: str, account: str) -> str:
    """Return the first request or file of a plan with every value of a person hidden.

    Parameters
    ----------
    lines
        What is sent, one JSON object a line: the first one, or for a file of conversions all of
        them, because its header depends on them.
    rows
        How many lines there are in the request.
    via
        ``events``, ``events-sftp`` or ``events-legacy``.

    Raises
    ------
    InputError
        When the lines cannot be written as a file.
    """
    more = f"… {rows:,} in all"
    if via == "events-sftp":
        return _file(lines, more)
    if via == "events-legacy":
        return _json({"accountId": account, "events": [_masked_event(lines[0]), more]})
    return _json([_masked_batch(lines[0]), more])


def _file(lines: pl.Series, more: str) -> str:
    """Return the header, the first row and how many there are."""
    columns = feed_csv(lines).columns
    masked = json.dumps(_masked_batch(lines[0]), ensure_ascii=False)
    first = feed_csv(pl.Series([masked]))
    (row,) = csv.DictReader(io.StringIO(first.content.decode(), newline=""))
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\n")
    written.writerow(columns)
    written.writerow([row.get(name, "") for name in columns])
    return f"{text.getvalue()}{more}"


def _masked_event(line: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(line)
    for pair in event.get("objectData", []):
        if pair["name"] not in _OF_THE_PURCHASE:
            pair["value"] = _HIDDEN
    return event


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)


def _masked_batch(line: str) -> dict[str, Any]:
    batch: dict[str, Any] = json.loads(line)
    for part in _OF_THE_PERSON & set(batch):
        batch[part] = _masked(batch[part])
    return batch


def _masked(value: Any) -> Any:
    """Hide every value but yes and no, which is what says who is on an audience."""
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    return value if isinstance(value, bool) else _HIDDEN
