"""What goes back over the wire, and the one way to say that a request breaks a rule."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["JSON_TYPE", "Answer", "BadRequest", "Request", "json_answer", "read_json"]

JSON_TYPE: Final = {"Content-Type": "application/json; charset=utf-8"}
_HALF_CHARACTER: Final = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a text and headers."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole.

    ``path`` is without its query, ``headers`` have names in title case such as ``Content-Type``,
    ``arrived`` is the moment of its first line in seconds of the monotonic clock.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    arrived: float = 0.0


class BadRequest(Exception):
    """The request breaks a rule; the text is the reason, without any value."""


def json_answer(status: int, content: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer whose body is JSON."""
    return Answer(status, json.dumps(content, ensure_ascii=False), JSON_TYPE | {**(headers or {})})


def read_json(request: Request) -> Any:
    """Return what the body says; numbers are finite and every text can be written as UTF-8.

    Raises
    ------
    BadRequest
        The content type is another, or the body is not JSON.
    """
    content_type = request.headers.get("Content-Type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("the Content-Type header must be application/json")
    try:
        content = json.loads(request.body.decode("utf-8"), parse_constant=_refuse_constant)
        if _HALF_CHARACTER.search(request.body):
            json.dumps(content, ensure_ascii=False).encode()
    except (UnicodeError, ValueError, RecursionError):
        raise BadRequest("the body is not JSON in UTF-8") from None
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
