"""What a push looks like, as data: where in the request each of our columns stands. Pure.

Rokt has no schema of its own for it: each client says what its endpoint takes. So nothing about
a request is written in code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final, Literal, cast, get_args

from rokt_helpers.errors import InputError
from rokt_helpers.receiver.bodies import Encoding, Place, Unreadable, decoded, values_of
from rokt_helpers.receiver.words import choice, entries, text
from rokt_helpers.referrals.fields import FieldRules
from rokt_helpers.referrals.naming import named

__all__ = ["HEALTH", "Authentication", "Reading", "Request", "Template"]

HEALTH: Final = "/health"
_METHODS: Final = ("POST", "PUT", "GET")
_MEDIA: Final[dict[str, tuple[str, ...]]] = {
    "json": ("application/json", "text/json", "+json"),
    "xml": ("application/xml", "text/xml", "+xml"),
    "form": ("application/x-www-form-urlencoded",),
}


@dataclass(frozen=True)
class Request:
    """As much of a request as is read; ``repr`` shows none of what it carries."""

    method: str
    path: str
    query: str = field(default="", repr=False)
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Reading:
    """The values of a request by column, empty ones left out, and how many were not asked for."""

    values: dict[str, str] = field(repr=False)
    unknown: int


@dataclass(frozen=True)
class Authentication:
    """Where the secret stands: ``basic``, ``header`` or ``query``, the latter two with a name."""

    kind: Literal["basic", "header", "query"]
    name: str = ""


@dataclass(frozen=True)
class Template:
    """One endpoint.

    Attributes
    ----------
    methods
        Of POST, PUT and GET; a GET carries its values in the query.
    path
        Such as ``/referrals``.
    encoding
        ``json``, ``xml``, ``form`` or ``query``.
    fields
        Our column, or Rokt's name for it → the place of its value, as
        :func:`~rokt_helpers.receiver.bodies.values_of` names it.
    test
        Column → value of the test that Rokt's connection page sends; a request in which all of
        them stand is answered and not kept.
    authentication
        Where the secret stands; None leaves it to the secrets that are set.
    """

    methods: tuple[str, ...]
    path: str
    encoding: Encoding
    fields: Mapping[str, Place]
    test: Mapping[str, str] = field(default_factory=dict)
    authentication: Authentication | None = None

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Template:
        """Make it out of plain values.

        Raises
        ------
        InputError
            Something is missing, or cannot be meant; the message says what.
        """
        encoding = cast("Encoding", choice(found.get("encoding"), "encoding", get_args(Encoding)))
        fields = _fields(found.get("fields"), encoding)
        test = entries(found.get("test") or {}, "test", fields)
        return cls(
            _methods(found.get("methods"), encoding),
            _path(found.get("path")),
            encoding,
            fields,
            {name: text(value, f"test: {name}") for name, value in test.items()},
            _authentication(found.get("authentication")),
        )

    @property
    def columns(self) -> dict[str, str]:
        """Each column as it is written here → our name for it in the tidy table."""
        return _ours(tuple(self.fields))

    def read(self, request: Request) -> dict[str, str]:
        """Return the request's values by column; a column without a value is left out.

        Raises
        ------
        Unreadable
            The request is not what the template says; no message quotes it.
        """
        return self.reading(request).values

    def reading(self, request: Request) -> Reading:
        """Return the same, and how many values the request has that were not asked for."""
        found = self._values(request)
        wanted = set(self.fields.values())
        if self.encoding == "json":
            self._refuse_branches(found)
        values = {name: found[place] for name, place in self.fields.items() if place in found}
        return Reading(values, len(set(found) - wanted))

    def _refuse_branches(self, found: Mapping[Place, str]) -> None:
        above = {place[:n] for place in found for n in range(len(place))}
        for name, place in self.fields.items():
            if place in above:
                raise Unreadable(f"The field {name!r} is not one value.")

    def is_test(self, values: Mapping[str, str]) -> bool:
        """Tell whether these are the values of Rokt's test."""
        return bool(self.test) and all(values.get(n) == v for n, v in self.test.items())

    def _values(self, request: Request) -> dict[Place, str]:
        if self.encoding == "query":
            return self._without_token(values_of(request.query, "query"))
        media, charset = _media(request.content_type)
        if media and not any(media == m or media.endswith(m) for m in _MEDIA[self.encoding]):
            raise Unreadable(f"The body has to be {_MEDIA[self.encoding][0]}.", status=415)
        body = request.body if self.encoding == "xml" else decoded(request.body, charset)
        return values_of(body, self.encoding)

    def _without_token(self, found: dict[Place, str]) -> dict[Place, str]:
        told = self.authentication
        secret = (told.name,) if told and told.kind == "query" else None
        return {place: value for place, value in found.items() if place != secret}


def _media(header: str) -> tuple[str, str]:
    """Return the media type and the charset that a Content-Type names; either may be empty."""
    message = Message()
    message["content-type"] = header
    return header and message.get_content_type(), (message.get_content_charset() or "").lower()


def _methods(found: object, encoding: Encoding) -> tuple[str, ...]:
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or not listed:
        raise InputError("methods has to be a list such as [POST].")
    methods = tuple(dict.fromkeys(choice(m, "methods", _METHODS) for m in listed))
    if "GET" in methods and encoding != "query":
        raise InputError("A GET has no body: take encoding: query, or leave GET out of methods.")
    return methods


def _path(found: object) -> str:
    path = text(found, "path")
    if not path.startswith("/") or path == HEALTH or any(c in path for c in "?#% "):
        raise InputError(f"path has to be one such as /referrals, and not {HEALTH}.")
    return path


def _fields(found: object, encoding: Encoding) -> dict[str, Place]:
    fields = {
        name.strip(): _place(name, value, encoding)
        for name, value in entries(found, "fields").items()
    }
    if not fields or not all(name and "@" not in name for name in fields):
        raise InputError("fields has to name columns, such as email: customer.email.")
    if len({*_ours(tuple(fields)).values()}) < len(fields):
        raise InputError("Two of the fields are the same column of the tidy table. Keep one.")
    return fields


def _place(name: str, found: object, encoding: Encoding) -> Place:
    where = f"fields: {name}"
    if isinstance(found, list) and found:
        return tuple(text(step, where) for step in found)
    place = text(found, where)
    if encoding in {"form", "query"}:
        return (place,)
    steps = tuple(place.split(".") if encoding == "json" else place.lstrip("/").split("/"))
    if not all(steps):
        raise InputError(f"{where} is a path with a gap in it.")
    return steps


def _ours(names: tuple[str, ...]) -> dict[str, str]:
    # Each alone beside a column that is always known, so that equal ones show as equal.
    return {n: next(iter(named((n, "Bid price"), FieldRules()).headers)) for n in names}


def _authentication(found: object) -> Authentication | None:
    if found is None or found == "basic":
        return Authentication("basic") if found else None
    told = entries(found, "authentication", ("header", "query"))
    if len(told) != 1:
        raise InputError("authentication is basic, {header: a name} or {query: a name}.")
    kind, name = next(iter(told.items()))
    return Authentication(cast("Any", kind), text(name, "authentication"))
