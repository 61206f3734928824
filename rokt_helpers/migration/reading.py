"""Read back what the interfaces would carry, by other means than those that wrote it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

__all__ = ["Told", "read_batches", "read_feed", "read_legacy_events"]

# What one row says, by the path or name under which it is said.
Told = dict[str, str]


def read_batches(lines: Iterable[str]) -> Iterator[Told]:
    """Read batches of the Event and Audience API, a JSON object each."""
    for line in lines:
        batch = json.loads(line)
        batch |= {
            f"events.{key}": value
            for event in batch.pop("events", [])
            for key, value in event.items()
        }
        yield dict(_leaves(batch, ""))


def read_feed(content: bytes) -> Iterator[Told]:
    """Read a file of the newer SFTP; an empty cell says nothing."""
    text = io.StringIO(content.decode(), newline="")
    for row in csv.DictReader(text, strict=True):
        yield {path: cell for path, cell in row.items() if cell}


def read_legacy_events(lines: Iterable[str]) -> Iterator[Told]:
    """Read events of the legacy Event API, a JSON object each; moments in milliseconds."""
    for line in lines:
        event = json.loads(line)
        moment = datetime.fromisoformat(event["eventTime"])
        said = {pair["name"]: pair["value"] for pair in event.get("objectData", [])}
        yield said | {
            "eventTime": str(round(moment.timestamp() * 1000)),
            "clientEventId": event["clientEventId"],
        }


def _leaves(branch: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, value in branch.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from _leaves(value, here)
        else:
            yield here, value if isinstance(value, str) else json.dumps(value)
