"""The two desks that take events: the Events API's and the legacy one's.

Each opens a request, has what is in it judged, lets the good have its effect, keeps a record of
the rest, and answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer, Request
from rokt_helpers.sandbox.event_store import EventStore, LeftOut
from rokt_helpers.sandbox.events_api import error, judge_batches, open_request, too_fast
from rokt_helpers.sandbox.keys import Account, KeyPair
from rokt_helpers.sandbox.legacy_events import (
    judge_records,
    legacy_error,
    open_call,
    unprocessed,
)
from rokt_helpers.sandbox.legacy_records import Record
from rokt_helpers.sandbox.throttle import Flow
from rokt_helpers.sandbox.tokens import Tokens

__all__ = ["EventsDesk", "LegacyDesk"]

_SCRIPTED: Final = "left out by a scripted fault"
_ANSWER_WORDS: Final = "a scripted answer"


class EventsDesk:
    """The Events API. ``now`` gives the moment by which the age of events is reckoned."""

    def __init__(self, pair: KeyPair, store: EventStore, *, now: Callable[[], datetime]) -> None:
        self._pair = pair
        self._store = store
        self._now = now
        self._flow = Flow()

    def answer(self, request: Request, request_id: str, *, left_out: int = 0) -> tuple[Answer, int]:
        """Return the answer, and how many batches the request held.

        ``left_out`` is how many of them, from the first on, come to nothing by a scripted fault.
        """
        batches = open_request(request, self._pair)
        if isinstance(batches, Answer):
            return batches, 0
        used = self._flow.arrive(request.arrived, len(batches))
        if used is None:
            return too_fast("too many batches in a second", 1), len(batches)
        reasons = self._take(request, batches, request_id, left_out)
        if request.path == contract.EVENTS_PATH and reasons[0]:
            return error(400, reasons[0]), 1
        headers = {contract.EVENTS_RATE_USED_HEADER: str(used)}
        return Answer(contract.EVENTS_SUCCESS_STATUS, "", headers), len(batches)

    def scripted(self, status: int, retry_after_seconds: int | None) -> Answer:
        """Return an answer that a fault asks for, in this interface's form."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return too_fast(_ANSWER_WORDS, retry_after_seconds)
        pause = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
        return error(status, _ANSWER_WORDS, pause)

    def _take(
        self, request: Request, batches: list[Any], request_id: str, left_out: int
    ) -> list[str]:
        """Let each batch have its effect; return why one that is bad is bad, empty for the rest."""
        reasons = []
        verdicts = judge_batches(request, batches, int(self._now().timestamp() * 1000))
        for position, verdict in enumerate(verdicts, start=1):
            note = LeftOut(self._now(), "events", request_id, position, "dropped", "")
            if isinstance(verdict, str):
                self._store.leave_out(replace(note, reason=verdict))
            elif position <= left_out:
                self._store.leave_out(replace(note, reason=_SCRIPTED))
            elif not self._store.take(verdict):
                again = "its source_request_id was here before"
                self._store.leave_out(replace(note, outcome="repeated", reason=again))
            reasons.append(verdict if isinstance(verdict, str) else "")
        return reasons


class LegacyDesk:
    """The legacy Event API, versions 1 and 2, and the address of its tokens."""

    def __init__(
        self, account: Account, app: KeyPair, store: EventStore, *, now: Callable[[], datetime]
    ) -> None:
        self._account = account
        self._tokens = Tokens(app)
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._idempotency_keys: dict[str, float] = {}
        self._seen: set[tuple[str, str]] = set()

    def token(self, request: Request) -> Answer:
        """Answer a call of the token address."""
        return self._tokens.answer(request)

    def answer(self, request: Request, request_id: str, *, left_out: int = 0) -> tuple[Answer, int]:
        """Return the answer, and how many events the call held; ``left_out`` as above."""
        events = open_call(request, self._account, opens=self._tokens.opens)
        if isinstance(events, Answer):
            return events, 0
        if not self._claim(request):
            return legacy_error(409, "this Idempotency-Key has been used"), len(events)
        refused = []
        for position, verdict in enumerate(judge_records(events), start=1):
            note = LeftOut(self._now(), "legacy-events", request_id, position, "dropped", "")
            reason = _SCRIPTED if position <= left_out else verdict
            if isinstance(reason, str):
                refused.append((events[position - 1], reason))
                self._store.leave_out(replace(note, reason=reason))
            elif not self._take(reason):
                again = "its clientEventId was here before"
                self._store.leave_out(replace(note, outcome="repeated", reason=again))
        return unprocessed(refused), len(events)

    def scripted(self, status: int, retry_after_seconds: int | None) -> Answer:
        """Return an answer that a fault asks for, in this interface's form."""
        answer = legacy_error(status, _ANSWER_WORDS)
        if retry_after_seconds is None:
            return answer
        pause = {"Retry-After": str(retry_after_seconds)}
        return replace(answer, headers={**answer.headers, **pause})

    def _claim(self, request: Request) -> bool:
        """Keep the idempotency key of version 1; false where it was used before."""
        if request.path != contract.LEGACY_EVENTS_V1_PATH:
            return True
        key, now = request.headers["Idempotency-Key"].lower(), time.monotonic()
        forgotten = contract.LEGACY_IDEMPOTENCY_HOURS * 3600
        with self._lock:
            used = self._idempotency_keys.get(key)
            if used is not None and now - used < forgotten:
                return False
            self._idempotency_keys[key] = now
            return True

    def _take(self, record: Record) -> bool:
        with self._lock:
            if record.key in self._seen:
                return False
            self._seen.add(record.key)
        self._store.take_record(record.conversion, record.person)
        return True
