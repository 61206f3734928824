"""Read what a platform answers over HTTP: whole or not at all, short, and masked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import requests

from rokt_helpers.redact import scrub

__all__ = ["LONGEST_WORDS_BYTES", "Answer", "read_answer"]

LONGEST_WORDS_BYTES: Final = 4096  # of what a server says, more is not shown
_LONGEST_REQUEST_ID: Final = 128
_REQUEST_ID_HEADERS: Final = ("X-Rokt-Trace-Id", "X-Request-Id")
_HTTP_1_0: Final = 10  # as urllib3 writes it


@dataclass(frozen=True)
class Answer:
    """What the platform said.

    Attributes
    ----------
    text
        Its words, masked and short: all of it that may enter a message.
    content
        As it came, and so never to be shown.
    """

    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)
    request_id: str | None
    content: bytes = field(repr=False)
    _secret: str = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether it is a yes of any kind; an import needs a particular one."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def json(self) -> Any:
        """Return what the content says as JSON; None where it is not JSON, or was cut off."""
        return _as_json(self.content)

    def masked(self, words: str) -> str:
        """Return words out of the content as they may be shown."""
        return _mask(words, self._secret)


def read_answer(
    response: requests.Response,
    secret: str,
    *,
    seconds: float,
    longest_bytes: int = LONGEST_WORDS_BYTES,
) -> Answer:
    """Read an answer to its end, and mask ``secret`` in it, as well as addresses and digests.

    More than ``longest_bytes`` is not read.

    Raises
    ------
    requests.exceptions.RequestException
        It is torn, or did not come to its end within so many seconds.
    """
    if not _has_an_end(response):
        raise requests.exceptions.ConnectionError("torn within its headers")
    content = _read(response, seconds, longest_bytes)
    return Answer(
        status=response.status_code,
        headers=response.headers,
        text=_mask(_words(content), secret),
        request_id=_request_id(response.headers),
        content=content,
        _secret=secret,
    )


def _has_an_end(response: requests.Response) -> bool:
    """Tell whether an answer says where it ends; one that was torn in its headers does not.

    The library takes the end of a connection for the end of the headers.
    """
    headers = response.headers
    return (
        "Content-Length" in headers
        or "Transfer-Encoding" in headers
        or headers.get("Connection", "").lower() == "close"
        or response.status_code == HTTPStatus.NO_CONTENT
        or response.raw.version == _HTTP_1_0
    )


def _read(response: requests.Response, seconds: float, longest_bytes: int) -> bytes:
    content, end = bytearray(), time.monotonic() + seconds
    # Byte by byte, so that an answer that trickles cannot hold a sender for hours. A megabyte takes
    # three seconds so, and the answers that are common none.
    for byte in response.iter_content(1):
        content += byte
        if time.monotonic() > end:
            raise requests.exceptions.ReadTimeout("the answer trickles")
        if len(content) == longest_bytes:
            break
    return bytes(content)


def _words(content: bytes) -> str:
    """Return what an answer says to a person.

    Of an error in the legacy Event API's form that is its code and message. Long text is cut where
    a word ends, so no half value is left.
    """
    if len(content) >= LONGEST_WORDS_BYTES:
        return content[:LONGEST_WORDS_BYTES].decode(errors="replace").rpartition(" ")[0]
    said = _as_json(content)
    error = said.get("data") if isinstance(said, dict) else None
    if isinstance(error, dict) and {"code", "message"} <= error.keys():
        return f"{error['code']}: {error['message']}"
    return content.decode(errors="replace")


def _as_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _mask(words: str, secret: str) -> str:
    return scrub(words.replace(secret, "•••"))


def _request_id(headers: Mapping[str, str]) -> str | None:
    given = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
    return None if given is None else scrub(given)[:_LONGEST_REQUEST_ID]
