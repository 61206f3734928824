"""Who is on a list: digests as 32 bytes each, in many small sets.

One set of ten million digests would stop every thread for half a second whenever it grows, and a
request that arrives meanwhile would be noted late. Small sets grow one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Members"]


class Members:
    """The members of one list. Not safe for threads by itself: its owner holds the lock."""

    def __init__(self) -> None:
        # By their first byte: digests are spread evenly.
        self._sets: list[set[bytes]] = [set() for _ in range(256)]

    def __len__(self) -> int:
        return sum(map(len, self._sets))

    def add(self, digests: Iterable[bytes]) -> None:
        """Put digests on the list; those that are on it already change nothing."""
        sets = self._sets
        for digest in digests:
            sets[digest[0]].add(digest)

    def remove(self, digests: Iterable[bytes]) -> None:
        """Take digests off the list; those that are not on it change nothing."""
        sets = self._sets
        for digest in digests:
            sets[digest[0]].discard(digest)

    def as_hex(self) -> frozenset[str]:
        """Return every digest in lower-case hexadecimal."""
        return frozenset(digest.hex() for part in self._sets for digest in part)
