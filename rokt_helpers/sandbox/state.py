"""What the sandbox knows: its lists, and every request and file it has received.

Lists hold SHA-256 digests only. Nothing a client sent stands in the records but counts, list
names and file names.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from rokt_helpers import contract
from rokt_helpers.sandbox.members import Members

__all__ = ["Change", "FileOutcome", "ReceivedFile", "ReceivedRequest", "State"]

FileOutcome = Literal["picked_up", "rejected"]


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request on the API's side.

    ``started`` is when its first line arrived, before its body was read, in seconds of the
    monotonic clock: from it the intervals are measured. ``at`` is when it was decided, ``status``
    what was decided, and 0 where the connection was closed unread. ``answered`` is false where the
    client never got to see the status. ``identifiers`` counts what the body held.
    """

    number: int
    at: datetime
    started: float
    path: str
    status: int
    action: str | None
    list_name: str | None
    identifiers: int
    request_id: str
    answered: bool = True


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """One uploaded file that was taken: where it lay, what came of it, and why.

    ``failed`` counts the rows that came to nothing although the file was good, as the newer SFTP
    has them; why stands in :meth:`EventStore.left_out`.
    """

    path: str
    outcome: FileOutcome
    reason: str
    identifiers: int
    at: datetime
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Digests to add to or take off one list; no list name means they are conversions."""

    action: contract.Action
    list_name: str | None
    digests: frozenset[bytes]

    def __repr__(self) -> str:
        return f"Change({self.action}, {len(self.digests)} digests)"


class State:
    """Lists and records, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: dict[str, Members] = {contract.DEFAULT_LIST: Members()}
        self._conversions = Members()
        self._requests: list[ReceivedRequest] = []
        self._files: list[ReceivedFile] = []

    def apply(self, change: Change) -> None:
        """Add to or take off a list. Taking off what is not there changes nothing."""
        with self._lock:
            if change.list_name is None:
                self._conversions.add(change.digests)
            elif change.action == "include":
                self._lists.setdefault(change.list_name, Members()).add(change.digests)
            elif change.list_name in self._lists:
                self._lists[change.list_name].remove(change.digests)

    def record_request(self, request: ReceivedRequest) -> None:
        """Keep a request, numbered from 1 in the order of the decisions."""
        with self._lock:
            self._requests.append(replace(request, number=len(self._requests) + 1))

    def record_file(
        self, path: str, outcome: FileOutcome, *, reason: str, count: int, failed: int = 0
    ) -> None:
        """Keep what came of an uploaded file; ``count`` is how many identifiers it held."""
        taken = ReceivedFile(path, outcome, reason, count, datetime.now(UTC), failed)
        with self._lock:
            self._files.append(taken)

    def members(self, list_name: str) -> frozenset[str]:
        """Return the digests now on a list; none for a list nobody has named yet."""
        with self._lock:
            return self._lists.get(list_name, Members()).as_hex()

    def lists(self) -> dict[str, int]:
        """Return each list's name and how many members it has, by name."""
        with self._lock:
            return {name: len(self._lists[name]) for name in sorted(self._lists)}

    def conversions(self) -> frozenset[str]:
        """Return the digests received as conversions."""
        with self._lock:
            return self._conversions.as_hex()

    def requests(self) -> list[ReceivedRequest]:
        """Return every request so far, oldest first."""
        with self._lock:
            return list(self._requests)

    def files(self) -> list[ReceivedFile]:
        """Return every file taken so far, oldest first."""
        with self._lock:
            return list(self._files)
