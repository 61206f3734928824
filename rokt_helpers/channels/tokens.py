"""The token that opens version 1 of the legacy Event API (OAuth 2.0, client credentials).

The law kept here: the token is in no message and no repr, and it is asked for by one sender at a
time, however many find that they need one.
"""

from __future__ import annotations

import re
import threading
from http import HTTPStatus
from typing import Any, Final

from rokt_helpers import contract
from rokt_helpers.channels.answers import Answer
from rokt_helpers.channels.http import Poster
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InDoubt, Refused, Unavailable

__all__ = ["Tokens"]

_SPARE_SECONDS: Final = 60.0  # a token that is about to end might end on its way
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_PLAIN: Final = re.compile("[!-~]+")  # RFC 6750 allows fewer characters yet
_ASKED: Final = b"grant_type=client_credentials"


class Tokens:
    """Gives the Authorization header that is good now.

    Parameters
    ----------
    poster
        To the host of the token address, with the right to ask for a token.
    """

    def __init__(self, poster: Poster, *, clock: Clock) -> None:
        self._poster = poster
        self._clock = clock
        self._lock = threading.Lock()
        self._header = ""
        self._ends = 0.0

    def header(self, *, refused: str | None = None) -> str:
        """Return the header; fetch a token where there is none, or where it is nearly too old.

        Parameters
        ----------
        refused
            A header that the platform no longer takes. Of several senders that were refused with
            one token the first fetches another, and the rest take that.

        Raises
        ------
        DeliveryError, SettingsError
            When no token could be had. No event was sent then.
        """
        with self._lock:
            old = not self._header or self._clock.monotonic() >= self._ends
            if old or self._header == refused:
                self._fetch()
            return self._header

    def fetch(self) -> None:
        """Fetch a token now, whether there is one or not. Raises as :meth:`header` does."""
        with self._lock:
            self._fetch()

    def _fetch(self) -> None:
        asked = self._clock.monotonic()
        try:
            path = contract.LEGACY_TOKEN_PATH
            answer = self._poster.post(path, _ASKED, headers=_FORM)
        except InDoubt:
            # A token too many does no harm, so nothing is in doubt.
            raise Unavailable(
                f"{self._poster.host} did not answer when it was asked for a token. No event was "
                "sent."
            ) from None
        token, seconds = self._read(answer)
        self._header = f"Bearer {token}"
        self._ends = asked + seconds - _SPARE_SECONDS

    def _read(self, answer: Answer) -> tuple[str, float]:
        if not answer.ok:
            raise self._poster.fault(answer)
        told = answer.json() if answer.status == HTTPStatus.OK else None
        given = told if isinstance(told, dict) else {}
        token = given.get("access_token")
        # Anything else would be shown by the refusal of the header that it is put in.
        if not (isinstance(token, str) and _PLAIN.fullmatch(token)):
            raise Refused(
                f"{self._poster.host} answered without a token that can be used. Check "
                "ROKT_LEGACY_EVENTS_URL.",
                request_id=answer.request_id,
                status=answer.status,
            )
        return token, _lifetime(given.get("expires_in"))


def _lifetime(told: Any) -> float:
    """Return for how many seconds a token is good: as it says, or an hour."""
    usual = float(contract.LEGACY_TOKEN_SECONDS)
    return min(told, usual) if type(told) is int and told > 0 else usual
