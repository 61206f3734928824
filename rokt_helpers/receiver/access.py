"""Who may push: one secret, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from rokt_helpers.errors import SettingsError
from rokt_helpers.receiver.bodies import Unreadable, pairs
from rokt_helpers.receiver.template import Authentication

__all__ = ["Gate", "Secrets"]


@dataclass(frozen=True)
class Secrets:
    """What was agreed with Rokt: a token, or a user name and a password. Never shown."""

    token: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


class Gate:
    """Lets a request in, or does not.

    Parameters
    ----------
    told
        Where the secret stands; None takes Basic where a password is set, else the token as
        ``Authorization: Bearer``.

    Raises
    ------
    SettingsError
        The secret for it is not set; the message names the variable.
    """

    def __init__(self, told: Authentication | None, secrets: Secrets) -> None:
        if told is None and secrets.password:
            told = Authentication("basic")
        elif told is None and secrets.token:
            told = Authentication("header", "Authorization")
        self._told, self._secrets = told, secrets
        if told and told.kind == "basic" and not (secrets.user and secrets.password):
            raise SettingsError(
                "Basic authentication needs ROKT_RECEIVER_USER and ROKT_RECEIVER_PASSWORD."
            )
        if told and told.kind != "basic" and not secrets.token:
            raise SettingsError("Authentication by a token needs ROKT_RECEIVER_TOKEN.")

    @property
    def is_open(self) -> bool:
        """Whether anybody is let in."""
        return self._told is None

    @property
    def challenge(self) -> str:
        """What an answer 401 says is wanted."""
        basic = self._told is not None and self._told.kind == "basic"
        return 'Basic realm="referrals", charset="UTF-8"' if basic else "Bearer"

    def verdict(
        self, headers: Mapping[str, str], query: str
    ) -> Literal["in", "nothing given", "wrong"]:
        """Judge a request by its headers (names in lower case) and its query."""
        if self._told is None:
            return "in"
        given = self._given(headers, query)
        if given is None:
            return "nothing given"
        return "in" if _equal(given, self._wanted) else "wrong"

    @property
    def _wanted(self) -> str:
        if self._told is not None and self._told.kind == "basic":
            return f"{self._secrets.user}:{self._secrets.password}"
        return self._secrets.token

    def _given(self, headers: Mapping[str, str], query: str) -> str | None:
        told = self._told or Authentication("basic")
        if told.kind == "basic":
            return _basic(headers.get("authorization"))
        if told.kind == "query":
            try:
                return dict(pairs(query)).get(told.name)
            except Unreadable:
                return None
        text = headers.get(told.name.lower())
        if text is not None and told.name.lower() == "authorization":
            # Only the standard header has a word before the token.
            scheme, _, token = text.partition(" ")
            return token.strip() if scheme.lower() == "bearer" else text
        return text


def _basic(header: str | None) -> str | None:
    scheme, _, coded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(coded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeError):
        return ""


def _equal(given: str, wanted: str) -> bool:
    """Compare digests, so that not even the length is told by the time it takes."""
    digests = [sha256(word.encode("utf-8", "surrogatepass")).digest() for word in (given, wanted)]
    return hmac.compare_digest(*digests)
