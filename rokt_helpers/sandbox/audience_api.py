"""Judge one request to the custom audience API, new or legacy: bytes in, answer and change out.

Pure: no socket, no clock, no lists. Strict by Rokt's page "Custom Audience Import API"; where
that page is silent the stricter reading holds. The legacy address differs in who may call, in the
body, which names no account, and in how much it takes. No reason repeats a value that was sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer, BadRequest
from rokt_helpers.sandbox.digests import (
    are_addresses,
    are_digests,
    is_address,
    is_digest,
    read_digests,
)
from rokt_helpers.sandbox.keys import Account, is_key, is_pair
from rokt_helpers.sandbox.state import Change

__all__ = ["IMPORT_LIMITS", "Verdict", "judge"]

# Where people are imported, and how many identifiers one request may hold there.
IMPORT_LIMITS: Final = {
    contract.IMPORT_PATH: contract.MAX_IDENTIFIERS_PER_REQUEST,
    contract.LEGACY_IMPORT_PATH: contract.LEGACY_MAX_IDENTIFIERS_PER_REQUEST,
}
_LEGACY_KEYS: Final = frozenset({"action", "list", *contract.IDENTIFIER_KEYS})
_KNOWN_KEYS: Final = _LEGACY_KEYS | {"accountId"}
_ASK_FOR_BASIC: Final = {"WWW-Authenticate": "Basic"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and what it changes: nothing unless the status is 201."""

    answer: Answer
    change: Change | None = None
    identifiers: int = 0


def judge(
    method: str, path: str, *, headers: Mapping[str, str], body: bytes, account: Account
) -> Verdict:
    """Decide one request.

    Parameters
    ----------
    method, path
        As in the request line, the path without its query.
    headers
        With names in title case, such as ``Content-Type``.
    body
        The whole body.
    account
        Who may call.
    """
    if path not in IMPORT_LIMITS and path != contract.AUTH_CHECK_PATH:
        return _refusal(404, "Not Found")
    if method != "POST":
        return Verdict(Answer(405, "Method Not Allowed", {"Allow": "POST"}))
    legacy = path == contract.LEGACY_IMPORT_PATH
    header = headers.get("Authorization", "")
    if not (is_key(header, account.api_key) if legacy else is_pair(header, account.pair)):
        return Verdict(Answer(401, "Unauthorized", {} if legacy else _ASK_FOR_BASIC))
    try:
        fields = _read_object(headers.get("Content-Type", ""), body)
        return _answer_known(path, fields, account)
    except BadRequest as reason:
        return _refusal(400, f"Bad Request: {reason}")


def _answer_known(path: str, fields: dict[str, Any], account: Account) -> Verdict:
    """Decide what a caller wants who may call."""
    if path == contract.LEGACY_IMPORT_PATH:
        return _import(fields, _LEGACY_KEYS, IMPORT_LIMITS[path])
    _check_account(fields, account)
    if path == contract.AUTH_CHECK_PATH:
        return _auth_check(fields)
    return _import(fields, _KNOWN_KEYS, IMPORT_LIMITS[path])


def _read_object(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("the Content-Type header must be application/json")
    try:
        fields = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise BadRequest("the body is not JSON in UTF-8") from None
    if not isinstance(fields, dict):
        raise BadRequest("the body must be a JSON object")
    return fields


def _check_account(fields: dict[str, Any], account: Account) -> None:
    if "accountId" not in fields:
        raise BadRequest("accountId is missing")
    if not isinstance(fields["accountId"], str):
        raise BadRequest("accountId must be text")
    if fields["accountId"] != account.account_id:
        raise BadRequest("accountId is not an account of this key pair")


def _auth_check(fields: dict[str, Any]) -> Verdict:
    if set(fields) != {"accountId"}:
        raise BadRequest("the body may hold accountId only")
    return Verdict(Answer(200, "OK"))


def _import(fields: dict[str, Any], known: Collection[str], most: int) -> Verdict:
    if not set(fields) <= set(known):
        raise BadRequest("the body holds a key that is not documented")
    action, list_name = _read_action(fields), _read_list_name(fields)
    key = _read_identifier_key(fields)
    values = _read_values(key, fields[key], most)
    try:
        digests = read_digests(values, hashed=key.startswith("sha256"))
    except UnicodeEncodeError:
        raise BadRequest(f"{key} holds half a character") from None
    change = Change(action, list_name, digests)
    return Verdict(Answer(contract.SUCCESS_STATUS, "Created"), change, len(values))


def _read_action(fields: dict[str, Any]) -> contract.Action:
    for action in contract.ACTIONS:
        if fields.get("action") == action:
            return action
    what = "action must be include or exclude" if "action" in fields else "action is missing"
    raise BadRequest(what)


def _read_list_name(fields: dict[str, Any]) -> str:
    name = fields.get("list", contract.DEFAULT_LIST)
    if not isinstance(name, str) or not name.strip():
        raise BadRequest("list must be text that is not empty, or be left out")
    return name


def _read_identifier_key(fields: dict[str, Any]) -> str:
    present = [key for key in contract.IDENTIFIER_KEYS if key in fields]
    if len(present) != 1:
        names = ", ".join(contract.IDENTIFIER_KEYS)
        raise BadRequest(f"exactly one of {names} must be present; {len(present)} are")
    return present[0]


def _read_values(key: str, given: object, most: int) -> list[str]:
    values = given if key.endswith("s") else [given]
    if not isinstance(values, list):
        raise BadRequest(f"{key} must be an array of texts")
    if not values:
        raise BadRequest(f"{key} is empty")
    if len(values) > most:
        raise BadRequest(f"{key} holds more than {most:,} identifiers")
    if not _are_good(key, values):
        for position, value in enumerate(values, start=1):
            _check_value(key, value, position)
    return values


def _are_good(key: str, values: list[Any]) -> bool:
    """Judge all values at once; after a no :func:`_check_value` finds out which, and why."""
    if set(map(type, values)) != {str}:
        return False
    return are_digests(values) if key.startswith("sha256") else are_addresses(values)


def _check_value(key: str, value: object, position: int) -> None:
    where = f"{key}, value {position}" if key.endswith("s") else key
    if not isinstance(value, str):
        raise BadRequest(f"{where}: not text")
    if key.startswith("sha256"):
        if not is_digest(value):
            raise BadRequest(f"{where}: not a digest of 64 hexadecimal characters")
    elif is_digest(value.strip()):
        raise BadRequest(f"{where}: a digest where an address belongs")
    elif not is_address(value):
        raise BadRequest(f"{where}: no @")


def _refusal(status: int, text: str) -> Verdict:
    return Verdict(Answer(status, text))
