"""Judge one request to the Events API: open it, then judge each batch that is in it.

Pure: no socket, no clock, no memory. Strict by mParticle's documents, whose interface Rokt's is,
and by what Rokt's connectors send. A request that is bad as a whole is a 400; in a bulk request
a bad batch is left out without a word, and only the sandbox's own record tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer, BadRequest, Request, json_answer, read_json
from rokt_helpers.sandbox.event_batches import Batch, read_batch
from rokt_helpers.sandbox.keys import KeyPair, is_pair
from rokt_helpers.sandbox.schemas import check_shape

__all__ = ["EVENTS_PATHS", "error", "judge_batches", "open_request", "too_fast"]

EVENTS_PATHS: Final = (
    contract.EVENTS_PATH,
    contract.BULK_EVENTS_PATH,
    contract.HISTORICAL_EVENTS_PATH,
)


def open_request(request: Request, pair: KeyPair) -> list[Any] | Answer:
    """Return the batches of a request as they were sent, or the answer that refuses it whole.

    Parameters
    ----------
    request
        To one of ``EVENTS_PATHS``.
    pair
        The API key and secret that may call.
    """
    if request.method != "POST":
        return Answer(405, "Method Not Allowed", {"Allow": "POST"})
    header = request.headers.get("Authorization", "")
    if not header:
        return error(401, "the Authorization header is missing", {"WWW-Authenticate": "Basic"})
    if not is_pair(header, pair):
        return error(403, "the API key and secret were not accepted")
    try:
        return _open(request)
    except BadRequest as reason:
        return error(400, str(reason))


def judge_batches(request: Request, batches: list[Any], now_ms: int) -> list[Batch | str]:
    """Return for each batch what it says, or why it is refused."""
    historical = request.path == contract.HISTORICAL_EVENTS_PATH
    large = len(request.body) > contract.MAX_BATCH_BYTES
    sizes = list(_sizes(request.body.decode())) if large else [0] * len(batches)
    verdicts: list[Batch | str] = []
    for batch, size in zip(batches, sizes, strict=True):
        try:
            _check_size(size)
            verdict = read_batch(batch, now_ms=now_ms, historical=historical)
            check_shape(batch)
            verdicts.append(verdict)
        except BadRequest as reason:
            verdicts.append(str(reason))
    return verdicts


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    """Return an answer in the form of the interface's errors."""
    code = HTTPStatus(status).name if status in set(HTTPStatus) else "ERROR"
    return json_answer(status, {"errors": [{"code": code, "message": message}]}, headers)


def too_fast(message: str, retry_after_seconds: int | None) -> Answer:
    """Return a 429 as the interface gives it, with or without a pause to keep."""
    headers = {contract.EVENTS_RATE_EXCEEDED_HEADER: "workspace"}
    if retry_after_seconds is not None:
        headers["Retry-After"] = str(retry_after_seconds)
    return error(429, message, headers)


def _open(request: Request) -> list[Any]:
    if len(request.body) > contract.MAX_EVENTS_REQUEST_BYTES:
        most = contract.MAX_EVENTS_REQUEST_BYTES // 1000
        raise BadRequest(f"the request is larger than {most} kB")
    # Rokt's guide lists the header; connectors do without.
    if request.headers.get("Charset", "utf-8").lower() != "utf-8":
        raise BadRequest("the Charset header must be utf-8")
    content = read_json(request)
    if request.path == contract.EVENTS_PATH:
        if not isinstance(content, dict):
            raise BadRequest("the body must be one batch, a JSON object")
        return [content]
    if not isinstance(content, list) or not content:
        raise BadRequest("the body must be an array of batches that is not empty")
    if len(content) > contract.MAX_BATCHES_PER_REQUEST:
        raise BadRequest(f"more than {contract.MAX_BATCHES_PER_REQUEST} batches in one request")
    return content


def _check_size(size_bytes: int) -> None:
    if size_bytes > contract.MAX_BATCH_BYTES:
        raise BadRequest(f"the batch is larger than {contract.MAX_BATCH_BYTES // 1000} kB")


def _sizes(text: str) -> Iterator[int]:
    """Yield the bytes of each batch as it was sent; ``text`` was found to be good JSON."""
    decoder, at = json.JSONDecoder(), _skip(text, 0, " \t\r\n")
    at += text[at] == "["
    while (at := _skip(text, at, " \t\r\n,")) < len(text) and text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        yield len(text[at:end].encode())
        at = end


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at
