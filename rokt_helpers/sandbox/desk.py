"""Say which wire a request came over, and have it decided by whoever takes that wire's requests."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from typing import Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer, Request
from rokt_helpers.sandbox.audience_api import IMPORT_LIMITS, Verdict, judge
from rokt_helpers.sandbox.event_desks import EventsDesk, LegacyDesk
from rokt_helpers.sandbox.events_api import EVENTS_PATHS
from rokt_helpers.sandbox.faults import Fault, FaultScript, Wire
from rokt_helpers.sandbox.inspection import Inspection
from rokt_helpers.sandbox.keys import Account
from rokt_helpers.sandbox.legacy_events import LEGACY_EVENTS_PATHS
from rokt_helpers.sandbox.state import State
from rokt_helpers.sandbox.throttle import Throttle

__all__ = ["LEGACY_PREFIX", "WIRES", "Desk", "id_headers"]

# Ours: at Rokt two of the interfaces have the path /v2/events, on two hosts.
LEGACY_PREFIX: Final = "/legacy"
# The addresses at which scripted faults wait, and where requests are counted for them.
WIRES: Final[dict[str, Wire]] = {
    **dict.fromkeys(IMPORT_LIMITS, "audience"),
    **dict.fromkeys(EVENTS_PATHS, "events"),
    **dict.fromkeys((LEGACY_PREFIX + path for path in LEGACY_EVENTS_PATHS), "legacy-events"),
}
_TOKEN_PATH: Final = LEGACY_PREFIX + contract.LEGACY_TOKEN_PATH


def id_headers(path: str, request_id: str) -> dict[str, str]:
    """Return the header in which an answer carries its request's id; the Events API has none."""
    if path in EVENTS_PATHS:
        return {}
    legacy = path.startswith(f"{LEGACY_PREFIX}/")
    return {"X-Rokt-Trace-Id" if legacy else "X-Request-Id": request_id}


@dataclass(slots=True)
class Desk:
    """What a request needs to be decided."""

    account: Account
    state: State
    faults: FaultScript
    throttle: Throttle
    inspection: Inspection
    events: EventsDesk
    legacy_events: LegacyDesk
    seed: int

    def request_id(self, number: int) -> str:
        """Return the id of the n-th request, the same in every run with this seed."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox-{self.seed}-{number}"))

    def judge(self, request: Request, request_id: str, *, left_out: int = 0) -> Verdict:
        """Decide one request and let it have its effect.

        ``left_out`` is how many of its batches, from the first on, a fault leaves out.
        """
        if request.path == _TOKEN_PATH:
            return Verdict(self.legacy_events.token(request))
        office = self._office(WIRES.get(request.path, "audience"))
        if office is None:
            return self._judge_import(request)
        inner = replace(request, path=request.path.removeprefix(LEGACY_PREFIX))
        answer, held = office.answer(inner, request_id, left_out=left_out)
        return Verdict(answer, identifiers=held)

    def scripted(self, fault: Fault) -> Answer:
        """Return the answer that a fault asks for, in the form of its wire."""
        status, pause = int(fault.figure), fault.retry_after_seconds
        office = self._office(fault.wire)
        if office is not None:
            return office.scripted(status, pause)
        known, _ = BaseHTTPRequestHandler.responses.get(status, ("Scripted fault", ""))
        return Answer(status, known, {} if pause is None else {"Retry-After": str(pause)})

    def _office(self, wire: Wire) -> EventsDesk | LegacyDesk | None:
        if wire == "audience":
            return None
        return self.events if wire == "events" else self.legacy_events

    def _judge_import(self, request: Request) -> Verdict:
        verdict = judge(
            request.method,
            request.path,
            headers=request.headers,
            body=request.body,
            account=self.account,
        )
        if verdict.change is not None:
            self.state.apply(verdict.change)
        return verdict
