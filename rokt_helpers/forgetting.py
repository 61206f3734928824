"""One person, by the address, and what becomes of what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass

from rokt_helpers.errors import InputError
from rokt_helpers.identifiers import hash_email

__all__ = ["Forgotten", "person_of"]


@dataclass(frozen=True)
class Forgotten:
    """In how many runs a person was named, and how many referrals of theirs were kept.

    ``files_not_searched`` lie here as they were delivered and may name the person yet: files that
    could not be read, and what was pushed and not taken over.
    """

    runs: int
    referrals: int
    files_not_searched: int = 0


def person_of(address: str) -> bytes:
    """Return the 32 bytes by which a person is kept; InputError when it is no address."""
    digest = hash_email(address)
    if digest is None:
        raise InputError("That is not an e-mail address.")
    return bytes.fromhex(digest)
