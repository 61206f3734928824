"""From HTTP to an answer: an ASGI application with one endpoint and a sign of life.

It is small enough to need no framework; what a request holds never enters a line it writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from rokt_helpers.clock import Clock
from rokt_helpers.receiver.access import Gate
from rokt_helpers.receiver.agreement import Agreement
from rokt_helpers.receiver.bodies import Unreadable
from rokt_helpers.receiver.desk import Counts, Desk
from rokt_helpers.receiver.judging import Arrived
from rokt_helpers.receiver.rules import Answer
from rokt_helpers.receiver.template import HEALTH, Request

__all__ = ["Receiver"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
_Headers = tuple[tuple[str, str], ...]

_RETRY_SECONDS: Final = 2
# Read and thrown away after a body proved too large: a client that is still sending would
# otherwise find the connection cut and never see the answer.
_MOST_THROWN_AWAY: Final = 4_194_304


class _Problem(Exception):
    """Ends a request with an answer that is not from the rules."""

    def __init__(self, status: int, outcome: str, *headers: tuple[str, str]) -> None:
        super().__init__(outcome)
        self.status, self.outcome, self.headers = status, outcome, headers


class Receiver:
    """The application. ``counts`` says how many requests had which outcome."""

    def __init__(
        self, agreement: Agreement, gate: Gate, desk: Desk, counts: Counts, *, clock: Clock
    ) -> None:
        self._template, self._limits = agreement.template, agreement.limits
        self._gate, self._desk, self._counts, self._clock = gate, desk, counts, clock
        self._under_way = 0

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers: _Headers = ()
        try:
            answer = await self._answer(scope, receive)
        except _Problem as problem:
            self._counts.add(problem.outcome)
            answer, headers = _plain(problem.status), problem.headers
        except Exception:  # noqa: BLE001  a traceback would show values
            self._counts.add("fault of the receiver")
            answer = _plain(HTTPStatus.INTERNAL_SERVER_ERROR)
        await _send(send, answer, headers)

    async def _answer(self, scope: Scope, receive: Callable[[], Awaitable[Message]]) -> Answer:
        if scope["path"] == HEALTH:
            return _plain(HTTPStatus.OK if self._desk.at_work else HTTPStatus.SERVICE_UNAVAILABLE)
        headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]}
        self._admit(scope, headers)
        if self._under_way >= self._limits.waiting or not self._desk.at_work:
            raise _busy("too much at a time")
        self._under_way += 1
        try:
            return await self._take(scope, headers, receive)
        finally:
            self._under_way -= 1

    def _admit(self, scope: Scope, headers: dict[str, str]) -> None:
        """Refuse what is not meant for the endpoint, or comes from nobody we know."""
        if scope["path"] != self._template.path:
            raise _Problem(HTTPStatus.NOT_FOUND, "not this path")
        verdict = self._gate.verdict(headers, _query(scope))
        if verdict == "nothing given":
            told = ("www-authenticate", self._gate.challenge)
            raise _Problem(HTTPStatus.UNAUTHORIZED, "no secret given", told)
        if verdict == "wrong":
            raise _Problem(HTTPStatus.FORBIDDEN, "wrong secret")
        if scope["method"] not in self._template.methods:
            allow = ("allow", ", ".join(self._template.methods))
            raise _Problem(HTTPStatus.METHOD_NOT_ALLOWED, "not this method", allow)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise _Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "compressed")

    async def _take(
        self, scope: Scope, headers: dict[str, str], receive: Callable[[], Awaitable[Message]]
    ) -> Answer:
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=_query(scope),
            content_type=headers.get("content-type", ""),
            body=await self._body(receive),
        )
        try:
            reading = self._template.reading(request)
        except Unreadable as error:
            raise _Problem(error.status, "not readable") from None
        if reading.unknown:
            self._counts.add("values not asked for", reading.unknown)
        arrived = Arrived(reading.values, self._clock.now())
        answer = await asyncio.wrap_future(self._desk.submit(arrived))
        if answer is None:
            raise _busy("asked to come again")
        return answer

    async def _body(self, receive: Callable[[], Awaitable[Message]]) -> bytes:
        chunks: list[bytes] = []
        length, too_large = 0, False
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for chunk in _chunks(receive):
                    length += len(chunk)
                    too_large = length > self._limits.body_bytes
                    if length > self._limits.body_bytes + _MOST_THROWN_AWAY:
                        break
                    if not too_large:
                        chunks.append(chunk)
        except TimeoutError:
            close = ("connection", "close")
            raise _Problem(HTTPStatus.REQUEST_TIMEOUT, "body too slow", close) from None
        if too_large:
            raise _Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large")
        return b"".join(chunks)


async def _chunks(receive: Callable[[], Awaitable[Message]]) -> Any:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Problem(HTTPStatus.BAD_REQUEST, "gone before the end")
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _busy(outcome: str) -> _Problem:
    retry = ("retry-after", str(_RETRY_SECONDS))
    return _Problem(HTTPStatus.SERVICE_UNAVAILABLE, outcome, retry)


def _query(scope: Scope) -> str:
    return str(scope["query_string"].decode("latin-1"))


def _plain(status: int) -> Answer:
    return Answer(status, HTTPStatus(status).phrase.encode())


async def _send(
    send: Callable[[Message], Awaitable[None]], answer: Answer, headers: _Headers
) -> None:
    told = [(b"content-length", str(len(answer.body)).encode())]
    if answer.body:
        told.append((b"content-type", answer.content_type.encode()))
    told += [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": told})
    await send({"type": "http.response.body", "body": answer.body})
