"""Make requests to the events interfaces by hand, never with the client that is judged."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import requests

from rokt_helpers import contract
from rokt_helpers.sandbox import Sandbox
from tests.sandbox.wires import TODAY

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOW_MS = 1_795_000_000_000


def milliseconds_ago(milliseconds: int) -> int:
    """Return a moment before now, by the clock of the box, whose day is always the same."""
    now = datetime.now(UTC)
    return int((now + (TODAY - now.date())).timestamp() * 1000) - milliseconds


def conversion(reference: str = "order-1", **changes: Any) -> dict[str, Any]:
    attributes = {
        "conversiontype": "Order Completed",
        "confirmationref": reference,
        "amount": 49.99,
        "currency": "USD",
        **changes.pop("attributes", {}),
    }
    data = {
        "event_name": "conversion",
        "custom_event_type": "transaction",
        "source_message_id": reference,
        "custom_attributes": attributes,
        **changes,
    }
    return {"event_type": "custom_event", "data": data}


def membership(name: str, status: str = "add") -> dict[str, Any]:
    data = {
        "event_name": "audiencemembershipupdate",
        "custom_event_type": "other",
        "custom_attributes": {"audience_name": name, "status": status},
    }
    return {"event_type": "custom_event", "data": data}


def batch(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a good batch; what is changed to None is left out."""
    made: dict[str, Any] = {
        "environment": "production",
        "user_identities": {"email": "hello@example.com"},
        "events": list(events),
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


def send(
    box: Sandbox, body: Any, path: str = contract.EVENTS_PATH, **changes: Any
) -> requests.Response:
    """Post to the Events API; what is given overrides a good request."""
    there = box.environment
    pair = (there["ROKT_EVENTS_KEY"], there["ROKT_EVENTS_SECRET"])
    given = {"json": body, "auth": pair, **changes}
    return requests.post(there["ROKT_EVENTS_URL"] + path, timeout=10, **given)


def send_bulk(box: Sandbox, *batches: Any, **changes: Any) -> requests.Response:
    return send(box, list(batches), contract.BULK_EVENTS_PATH, **changes)


def outcomes(box: Sandbox) -> list[tuple[int, str, str]]:
    return [(each.position, each.outcome, each.reason) for each in box.events.left_out()]


# --- the legacy interface ------------------------------


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"email": "hello@example.com", "confirmationref": f"order-{number}"}
    values |= changes.pop("values", {})
    made = {
        "clientEventId": f"event-{number}",
        "eventType": "conversion",
        "eventTime": "2026-11-20T09:30:00.000+01:00",
        "objectData": [
            {"name": name, "value": value} for name, value in values.items() if value is not None
        ],
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


def legacy_url(box: Sandbox, path: str) -> str:
    return box.environment["ROKT_LEGACY_EVENTS_URL"] + path


def new_token(box: Sandbox, **changes: Any) -> requests.Response:
    there = box.environment
    given = {
        "auth": (there["ROKT_APP_ID"], there["ROKT_APP_SECRET"]),
        "data": {"grant_type": "client_credentials"},
        **changes,
    }
    return requests.post(legacy_url(box, contract.LEGACY_TOKEN_PATH), timeout=10, **given)


def call_v1(box: Sandbox, *records: Any, **headers: str) -> requests.Response:
    """Call version 1; headers are given with _ for -."""
    given = {"Idempotency_Key": str(uuid.uuid4()), **headers}
    if "Authorization" not in given:
        given["Authorization"] = f"Bearer {new_token(box).json()['access_token']}"
    body = {"accountId": box.environment["ROKT_ACCOUNT_ID"], "events": list(records)}
    named = {name.replace("_", "-"): value for name, value in given.items()}
    url = legacy_url(box, contract.LEGACY_EVENTS_V1_PATH)
    return requests.post(url, json=body, headers=named, timeout=10)


def call_v2(box: Sandbox, *records: Any, **changes: Any) -> requests.Response:
    """Call version 2; what is given overrides a good request."""
    there = box.environment
    given = {
        "auth": (there["ROKT_PUBLIC_KEY"], there["ROKT_SECRET_KEY"]),
        "json": {"accountId": there["ROKT_ACCOUNT_ID"], "events": list(records)},
        **changes,
    }
    return requests.post(legacy_url(box, contract.LEGACY_EVENTS_V2_PATH), timeout=10, **given)


def unprocessed(answer: requests.Response) -> list[tuple[str, str]]:
    """Return the code and message of each record that a 200 gives back."""
    assert answer.status_code == 200
    given = answer.json()["data"]["unprocessedRecords"]
    return [(each["error"]["code"], each["error"]["message"]) for each in given]
