"""Judge the attributes of a person or an event: names and values within the platform's limits.

No reason repeats a name or a value: an attribute is told by its position.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import BadRequest
from rokt_helpers.sandbox.digests import is_digest

__all__ = ["check_name", "read_event_attributes", "read_object", "read_user_attributes"]

# Rokt's attributes whose names end so hold a digest; a value that is none was not hashed.
_DIGEST_SUFFIX: Final = "sha256"


def read_object(given: object, where: str) -> Mapping[str, Any]:
    """Return a JSON object, or refuse what is none."""
    if not isinstance(given, dict):
        raise BadRequest(f"{where} must be an object")
    return given


def read_user_attributes(given: object) -> Mapping[str, Any]:
    """Return a person's attributes: scalars, or lists of scalars."""
    return _read(given, "user_attributes", lists=True)


def read_event_attributes(given: object, where: str) -> Mapping[str, Any]:
    """Return an event's attributes: scalars or null, never lists."""
    return _read(given, where, lists=False)


def check_name(name: object, where: str) -> None:
    """Refuse a name that is empty, too long or no text."""
    if not isinstance(name, str) or not name.strip():
        raise BadRequest(f"{where}: a name must be text that is not empty")
    if len(name) > contract.MAX_NAME_CHARACTERS:
        raise BadRequest(f"{where}: a name is longer than {contract.MAX_NAME_CHARACTERS}")


def _read(given: object, where: str, *, lists: bool) -> Mapping[str, Any]:
    attributes = read_object(given, where)
    if len(attributes) > contract.MAX_ATTRIBUTES:
        raise BadRequest(f"{where}: more than {contract.MAX_ATTRIBUTES} attributes")
    for position, (name, value) in enumerate(attributes.items(), start=1):
        here = f"{where}, attribute {position}"
        check_name(name, here)
        if isinstance(value, list) and lists:
            _check_list(value, here)
        elif value is not None or lists:
            _check_scalar(value, here, contract.MAX_VALUE_CHARACTERS)
        if name.lower().endswith(_DIGEST_SUFFIX) and not _holds_digest(value):
            raise BadRequest(f"{here}: not a digest of 64 hexadecimal characters")
    return attributes


def _check_list(values: list[Any], where: str) -> None:
    if len(values) > contract.MAX_LIST_VALUES:
        raise BadRequest(f"{where}: more than {contract.MAX_LIST_VALUES:,} values")
    for value in values:
        _check_scalar(value, where, contract.MAX_LIST_VALUE_CHARACTERS)


def _check_scalar(value: object, where: str, longest: int) -> None:
    if not isinstance(value, str | int | float):  # bool is an int
        raise BadRequest(f"{where}: neither text nor number nor true or false")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadRequest(f"{where}: a number without end")
    if isinstance(value, str) and len(value) > longest:
        raise BadRequest(f"{where}: longer than {longest:,} characters")


def _holds_digest(value: object) -> bool:
    return value is None or (isinstance(value, str) and is_digest(value))
