"""Tokens for the legacy Event API: given out against the app's id and secret, good for an hour."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from urllib.parse import parse_qs

from rokt_helpers import contract
from rokt_helpers.sandbox.answers import Answer, BadRequest, Request, json_answer
from rokt_helpers.sandbox.keys import KeyPair, is_pair
from rokt_helpers.sandbox.legacy_events import legacy_error

__all__ = ["Tokens"]


class Tokens:
    """The tokens that are good now; a new app secret ends those of the old one.

    ``clock`` gives seconds that only grow.
    """

    def __init__(self, app: KeyPair, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._lock = threading.Lock()
        self._ends: dict[str, tuple[float, str]] = {}

    def answer(self, request: Request) -> Answer:
        """Answer a call of the token address (OAuth 2.0, client credentials)."""
        if request.method != "POST":
            return Answer(405, "Method Not Allowed", {"Allow": "POST"})
        if not is_pair(request.headers.get("Authorization", ""), self._app):
            return legacy_error(401, "the app id and secret were not accepted")
        try:
            _check_form(request)
        except BadRequest as reason:
            return legacy_error(400, str(reason))
        seconds = contract.LEGACY_TOKEN_SECONDS
        token = {"access_token": self._issue(), "expires_in": seconds, "token_type": "Bearer"}
        return json_answer(200, token, {"Cache-Control": "no-store"})

    def opens(self, header: str) -> bool:
        """Say whether an Authorization header is a token that is still good."""
        scheme, _, token = header.partition(" ")
        with self._lock:
            ends, secret = self._ends.get(token.strip(), (0.0, ""))
        good = self._clock() < ends and secret == self._app.secret
        return scheme.lower() == "bearer" and good

    def _issue(self) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            ends = self._clock() + contract.LEGACY_TOKEN_SECONDS
            self._ends[token] = ends, self._app.secret
        return token


def _check_form(request: Request) -> None:
    content_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise BadRequest("the Content-Type header must be application/x-www-form-urlencoded")
    form = parse_qs(request.body.decode("latin-1"), keep_blank_values=True)
    if form != {"grant_type": ["client_credentials"]}:
        raise BadRequest("the body must be grant_type=client_credentials")
