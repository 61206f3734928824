"""Read what a platform answers over HTTP: whole or not at all, short, and masked."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import requests

from rokt_helpers.redact import scrub

__all__ = ["Answer", "read_answer"]

_LONGEST_ANSWER_BYTES: Final = 4096  # of what a server says, more is not read
_LONGEST_REQUEST_ID: Final = 128
_REQUEST_ID_HEADERS: Final = ("X-Rokt-Trace-Id", "X-Request-Id")
_HTTP_1_0: Final = 10  # as urllib3 writes it


@dataclass(frozen=True)
class Answer:
    """What the platform said; ``text`` is masked and short."""

    status: int
    headers: Mapping[str, str]
    text: str
    request_id: str | None

    @property
    def ok(self) -> bool:
        """Whether it is a yes of any kind; an import needs a particular one."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def read_answer(response: requests.Response, secret: str, *, seconds: float) -> Answer:
    """Read an answer to its end, and mask ``secret`` in it, as well as addresses and digests.

    Raises
    ------
    requests.exceptions.RequestException
        It is torn, or did not come to its end within so many seconds.
    """
    if not _has_an_end(response):
        raise requests.exceptions.ConnectionError("torn within its headers")
    return Answer(
        status=response.status_code,
        headers=response.headers,
        text=scrub(_read_text(response, seconds).replace(secret, "•••")),
        request_id=_request_id(response.headers),
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


def _read_text(response: requests.Response, seconds: float) -> str:
    """Return the answer's text; long ones are cut where a word ends, so no half value is left."""
    content, end = bytearray(), time.monotonic() + seconds
    # Byte by byte, so that an answer that trickles cannot hold a sender for hours.
    for byte in response.iter_content(1):
        content += byte
        if time.monotonic() > end:
            raise requests.exceptions.ReadTimeout("the answer trickles")
        if len(content) == _LONGEST_ANSWER_BYTES:
            return content.decode(errors="replace").rpartition(" ")[0]
    return content.decode(errors="replace")


def _request_id(headers: Mapping[str, str]) -> str | None:
    given = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
    return None if given is None else scrub(given)[:_LONGEST_REQUEST_ID]
