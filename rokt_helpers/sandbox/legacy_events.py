"""Judge one call to the legacy Event API, version 1 or 2: open it, then each event in it.

Pure: no socket, no clock, no memory. A call that is good as a whole is answered with 200, and the
events that are not good come back inside that answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer, BadRequest, Request, json_answer, read_json
from rokt_helpers.sandbox.keys import Account, is_pair
from rokt_helpers.sandbox.legacy_records import Record, read_record

__all__ = ["LEGACY_EVENTS_PATHS", "judge_records", "legacy_error", "open_call", "unprocessed"]

LEGACY_EVENTS_PATHS: Final = (contract.LEGACY_EVENTS_V1_PATH, contract.LEGACY_EVENTS_V2_PATH)
_CODES: Final = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    409: "Conflict",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
}
_UUID4: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def open_call(
    request: Request, account: Account, *, opens: Callable[[str], bool]
) -> list[Any] | Answer:
    """Return the events of a call as they were sent, or the answer that refuses it whole.

    Parameters
    ----------
    request
        To one of ``LEGACY_EVENTS_PATHS``.
    account
        Whose pair opens version 2, and whose id must stand in the body.
    opens
        Says whether an Authorization header opens version 1.
    """
    if request.method != "POST":
        return Answer(405, "Method Not Allowed", {"Allow": "POST"})
    header = request.headers.get("Authorization", "")
    if request.path == contract.LEGACY_EVENTS_V1_PATH:
        if not opens(header):
            return legacy_error(401, "the token is missing, unknown or too old")
    elif not is_pair(header, account.pair):
        return legacy_error(401, "the key pair was not accepted")
    try:
        _check_headers(request)
        body = _read_body(request)
    except BadRequest as reason:
        return legacy_error(400, str(reason))
    if body["accountId"] != account.account_id:
        return legacy_error(403, "accountId is not an account of these credentials")
    return list(body["events"])


def judge_records(events: list[Any]) -> list[Record | str]:
    """Return for each event what it says, or why it is refused."""
    seen: set[tuple[str, str]] = set()
    verdicts: list[Record | str] = []
    for event in events:
        try:
            record = read_record(event)
        except BadRequest as reason:
            verdicts.append(str(reason))
            continue
        again = record.key in seen
        verdicts.append("clientEventId stands in this call already" if again else record)
        seen.add(record.key)
    return verdicts


def unprocessed(refused: list[tuple[Any, str]]) -> Answer:
    """Return the 200 that gives back what was not stored: each event, and why."""
    records = [
        {"error": {"code": "ValidationError", "message": reason}, "record": event}
        for event, reason in refused
    ]
    return json_answer(200, {"data": {"unprocessedRecords": records}})


def legacy_error(status: int, message: str) -> Answer:
    """Return an answer in the form of the interface's errors."""
    return json_answer(status, {"data": {"code": _CODES.get(status, "Error"), "message": message}})


def _check_headers(request: Request) -> None:
    headers = request.headers
    if headers.get("Charset", "utf-8").lower() != "utf-8":
        raise BadRequest("the Charset header must be utf-8")
    if headers.get("Rokt-Version", "") not in ("", contract.LEGACY_ROKT_VERSION):
        raise BadRequest("the Rokt-Version header names a version that is not known")
    if request.path == contract.LEGACY_EVENTS_V1_PATH:
        key = headers.get("Idempotency-Key", "")
        if not _UUID4.fullmatch(key.lower()):
            raise BadRequest("the Idempotency-Key header must be a UUID of version 4")


def _read_body(request: Request) -> dict[str, Any]:
    body = read_json(request)
    if not isinstance(body, dict) or set(body) != {"accountId", "events"}:
        raise BadRequest("the body must be an object of accountId and events")
    if not isinstance(body["accountId"], str) or not body["accountId"]:
        raise BadRequest("accountId must be text that is not empty")
    most = contract.MAX_LEGACY_EVENTS_PER_REQUEST
    if not isinstance(body["events"], list) or not 1 <= len(body["events"]) <= most:
        raise BadRequest(f"events must be an array of 1 to {most} events")
    return body
