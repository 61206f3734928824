"""Compare the keys of a request with those that open a wire."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field

__all__ = ["Account", "KeyPair", "is_key", "is_pair"]


@dataclass(slots=True)
class Account:
    """Who may call: the account's id, its key pair, and its key for the legacy address.

    Keys change in place when they are rotated, for everybody who holds the account.
    """

    account_id: str
    public_key: str
    secret_key: str = field(repr=False)
    api_key: str = field(repr=False)

    @property
    def pair(self) -> KeyPair:
        """The pair ``rpub-…``, ``rsec-…``."""
        return KeyPair(self.public_key, self.secret_key)


@dataclass(slots=True)
class KeyPair:
    """A key and its secret, as Basic authentication carries them; it changes in place, too."""

    key: str
    secret: str = field(repr=False)


def is_key(header: str, key: str) -> bool:
    """Say whether an Authorization header is a key alone, without a scheme before it."""
    return hmac.compare_digest(header.encode(), key.encode())


def is_pair(header: str, pair: KeyPair) -> bool:
    """Say whether an Authorization header is Basic authentication with this pair."""
    scheme, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{pair.key}:{pair.secret}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(given, expected)
