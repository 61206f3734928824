"""Take a request's body apart: each value with the place it stands at. Pure.

Nothing is interpreted. A number keeps the digits it came with (an id of 19 digits would not
survive as a float), and what refers to anything outside the body is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Literal
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from rokt_helpers.errors import InputError

__all__ = ["Encoding", "Place", "Unreadable", "decoded", "pairs", "values_of"]

Encoding = Literal["json", "xml", "form", "query"]
Place = tuple[str, ...]

_MOST_VALUES: Final = 1_000
_DEEPEST: Final = 32
# Neither half a surrogate pair nor NUL can stand in a file of text.
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")


class Unreadable(InputError):
    """A request that cannot be read as the template says; ``status`` is the answer to it."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def values_of(text: str | bytes, encoding: Encoding) -> dict[Place, str]:
    """Return every value of a body with its place; empty ones are left out.

    Parameters
    ----------
    text
        The body; for ``xml`` its bytes, because an XML text names its own encoding.
    encoding
        ``json``: keys, and positions in lists from 0. ``xml``: element names from the root on
        without name space, the n-th of equal ones as ``name[n]``, attributes as ``@name``.
        ``form`` and ``query``: one key.

    Raises
    ------
    Unreadable
        It is not of that encoding, holds a document type or entities, is too deep, has too many
        values, or has a key twice.
    """
    found: dict[Place, str] = {}
    for number, (place, value) in enumerate(_walk(text, encoding), 1):
        if number > _MOST_VALUES or len(place) > _DEEPEST:
            raise Unreadable("The body has too many values, or they lie too deep.")
        if place in found:
            raise Unreadable("The body has a key twice.")
        if _NO_TEXT.search(value):
            raise Unreadable("The body holds characters that are no text.")
        found[place] = value.strip()
    return {place: value for place, value in found.items() if value}


def decoded(body: bytes, charset: str) -> str:
    """Return the body as text."""
    try:
        return body.decode("utf-8-sig" if charset in {"", "utf-8", "utf8"} else charset)
    except LookupError:
        raise Unreadable("The charset of the body is not known here.", status=415) from None
    except UnicodeError:
        raise Unreadable("The body is not in the charset it names.") from None


def pairs(text: str) -> list[tuple[str, str]]:
    """Return the keys and values of a query, or of a form."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_VALUES)
    except ValueError:
        raise Unreadable("The form, or the query, cannot be read.") from None


def _walk(text: str | bytes, encoding: Encoding) -> Iterator[tuple[Place, str]]:
    if encoding == "json":
        return _branches((), _json(text))
    if encoding == "xml":
        root = _xml(text)
        return _elements((_local(root.tag),), root)
    return (((key,), value) for key, value in pairs(str(text)))


def _json(text: str | bytes) -> Any:
    try:
        # Numbers stay the text they are.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None


def _no_number(_word: str) -> str:
    raise ValueError


def _xml(text: str | bytes) -> Element:
    try:
        # Without a document type there is nothing an entity could be declared in.
        root: Element = fromstring(text, forbid_dtd=True)
    except (DefusedXmlException, ParseError, LookupError, ValueError):
        raise Unreadable("The body is not XML, or has a document type in it.") from None
    return root


def _branches(place: Place, value: Any) -> Iterator[tuple[Place, str]]:
    if len(place) > _DEEPEST:
        raise Unreadable("The body has too many values, or they lie too deep.")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _branches((*place, key), inner)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _branches((*place, str(position)), inner)
    elif value is not None:
        yield place, str(value).lower() if isinstance(value, bool) else value


def _elements(place: Place, element: Element) -> Iterator[tuple[Place, str]]:
    if len(place) > _DEEPEST:
        raise Unreadable("The body has too many values, or they lie too deep.")
    for name, value in element.attrib.items():
        yield (*place, f"@{_local(name)}"), value
    count: dict[str, int] = {}
    for child in element:
        name = _local(child.tag)
        count[name] = count.get(name, 0) + 1
        step = name if count[name] == 1 else f"{name}[{count[name]}]"
        yield from _elements((*place, step), child)
    if element.text and element.text.strip():
        yield place, element.text


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
