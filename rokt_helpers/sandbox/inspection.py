"""Let a person and a test look into the sandbox, and script its faults, over HTTP.

No key is asked for: it listens on loopback only and holds nothing but digests and counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer
from rokt_helpers.sandbox.event_store import EventStore
from rokt_helpers.sandbox.event_view import event_detail, event_overview
from rokt_helpers.sandbox.faults import Fault, FaultScript
from rokt_helpers.sandbox.not_imitated import NOT_IMITATED
from rokt_helpers.sandbox.page import render
from rokt_helpers.sandbox.state import ReceivedFile, ReceivedRequest, State

__all__ = ["Inspection"]

_JSON: Final = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
_HTML: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    # The page needs nothing but its own style sheet, and nothing may be slipped into it.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}


@dataclass(slots=True)
class Inspection:
    """The view of one sandbox; ``downloads`` is the folder that stands for /downloads."""

    account_id: str
    state: State
    events: EventStore
    faults: FaultScript
    downloads: Path
    today: Callable[[], date]

    def page(self, method: str) -> Answer:
        """Return the page for a person."""
        if method not in ("GET", "HEAD"):
            return _not_allowed("GET, HEAD")
        return Answer(200, render(self.overview()), _HTML)

    def answer(self, method: str, path: str, *, body: bytes) -> Answer:
        """Answer a call below the inspection address; ``path`` is what follows it."""
        if path == "/faults":
            return self._script(body) if method == "POST" else _not_allowed("POST")
        if method not in ("GET", "HEAD"):
            return _not_allowed("GET, HEAD")
        if path in ("", "/"):
            return _json(200, self.overview())
        if path == "/conversions":
            return _json(200, _digests(self.state.conversions()))
        if path == "/events":
            return _json(200, event_detail(self.events))
        return self._list(unquote(path.removeprefix("/lists/")))

    def overview(self) -> dict[str, Any]:
        """Return everything there is to see, as JSON values. No digest is in it."""
        return {
            "account_id": self.account_id,
            "lists": self.state.lists(),
            "conversions": len(self.state.conversions()),
            "requests": [_request(request) for request in self.state.requests()],
            "events": event_overview(self.events),
            "files": [_file(file) for file in self.state.files()],
            "downloads": self._downloads(),
            "faults": self.faults.waiting(),
            "not_imitated": list(NOT_IMITATED),
        }

    def _downloads(self) -> list[dict[str, Any]]:
        return [self._download(path) for path in sorted(self.downloads.iterdir(), reverse=True)]

    def _download(self, path: Path) -> dict[str, Any]:
        facts = path.stat()
        delivered = datetime.fromtimestamp(facts.st_mtime, UTC)
        age_days = (self.today() - delivered.date()).days
        return {
            "name": path.name,
            "size_bytes": facts.st_size,
            "modified": delivered.isoformat(),
            "days_left": max(0, contract.REFERRAL_RETENTION_DAYS - age_days),
        }

    def _list(self, name: str) -> Answer:
        if name not in self.state.lists():
            return _json(404, {"error": "there is no such list"})
        return _json(200, _digests(self.state.members(name)))

    def _script(self, body: bytes) -> Answer:
        try:
            given = json.loads(body)
            faults = [Fault.from_json(item) for item in (given if _is_list(given) else [given])]
        except ValueError as reason:
            what = "the body is not JSON" if _is_syntax(reason) else str(reason)
            return _json(400, {"error": what})
        self.faults.add(*faults)
        return _json(200, {"faults": self.faults.waiting()})


def _request(request: ReceivedRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "at": request.at.isoformat(),
        "started": request.started,
        "path": request.path,
        "status": request.status,
        "answered": request.answered,
        "action": request.action,
        "list": request.list_name,
        "identifiers": request.identifiers,
        "request_id": request.request_id,
    }


def _file(file: ReceivedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "outcome": file.outcome,
        "reason": file.reason,
        "identifiers": file.identifiers,
        "failed": file.failed,
        "at": file.at.isoformat(),
    }


def _digests(digests: frozenset[str]) -> dict[str, Any]:
    return {"members": len(digests), "digests": sorted(digests)}


def _is_list(given: object) -> bool:
    return isinstance(given, list)


def _is_syntax(error: ValueError) -> bool:
    return isinstance(error, json.JSONDecodeError | UnicodeDecodeError)


def _json(status: int, content: object) -> Answer:
    return Answer(status, json.dumps(content, ensure_ascii=False), _JSON)


def _not_allowed(allow: str) -> Answer:
    return Answer(405, "Method Not Allowed", {"Allow": allow})
