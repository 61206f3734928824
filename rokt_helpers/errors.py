"""What can go wrong, as one tree. The type says what to do; no message holds a person's data.

RoktError
├─ SettingsError        something that must be set is missing or unusable
├─ InputError           the source cannot be used; nothing was sent
├─ GuardError           a guard stopped the run; the message says what to pass to go on
├─ Cancelled            a person or the system asked to stop; what was sent is in the ledger
├─ ContractError        our own sums do not add up: a bug, stop
├─ LedgerAway           the ledger's database does not answer; nothing is sent without it
└─ DeliveryError        a wire said no, or nothing
   ├─ Unavailable       may be tried again: refused connection, time-out, 429, 5xx
   ├─ Refused           the platform said no; saying it again will not help
   ├─ NotTrusted        the host key or certificate is not the pinned one
   └─ InDoubt           sent, and the answer was lost
"""

from __future__ import annotations

import os
from typing import Any, ClassVar, Protocol

__all__ = [
    "Cancelled",
    "ContractError",
    "DeliveryError",
    "GuardError",
    "InDoubt",
    "InputError",
    "LedgerAway",
    "NotTrusted",
    "Refused",
    "RoktError",
    "SettingsError",
    "Unavailable",
    "spoken",
    "system_reason",
]


def spoken(error: BaseException) -> str:
    """Return what may be said of an error that is none of ours: its type, and why the system did.

    Its own words may hold a value or the name of a file.
    """
    reason = system_reason(error)
    return f"{type(error).__name__} ({reason})" if reason else type(error).__name__


def system_reason(error: BaseException) -> str:
    """Return the system's words for an error of it, such as "No space left on device"."""
    # Other libraries count their own errors in the same place.
    if not isinstance(error, OSError) or type(error).__module__ != "builtins":
        return ""
    return os.strerror(error.errno) if error.errno else ""


class RoktError(Exception):
    """Whatever the workbench raises on purpose. Its text is safe to show, log and mail.

    ``exit_code`` is what the command line ends with: 1 the work failed, 2 the call was wrong,
    3 a guard stopped it, 130 cancelled.
    """

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class SettingsError(RoktError):
    """Something that must be set is missing or unusable. Says where it was looked for."""

    exit_code = 2


class InputError(RoktError):
    """The source cannot be used as it is. Nothing was sent, nothing was written."""

    exit_code = 2


class GuardError(RoktError):
    """A guard stopped the run; ``guard`` is the name to pass as ``allow`` to go on.

    ``reason`` is what it found, without the words for a command line: what a form shows beside its
    own way to go on.
    """

    exit_code = 3

    def __init__(self, message: str, *, guard: str, reason: str = "") -> None:
        super().__init__(message)
        self.guard = guard
        self.reason = reason or message


class Cancelled(RoktError):
    """Somebody asked to stop. What was confirmed until then stands in the ledger."""

    exit_code = 130


class ContractError(RoktError):
    """The sums of a stage do not add up. This is a bug in the workbench, not in the list."""


class LedgerAway(RoktError):
    """The ledger's database does not answer, or let go of a lock. Nothing is sent without it."""


class ReceiptLike(Protocol):
    """As much of a receipt as whoever shows an error needs."""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain values."""


class DeliveryError(RoktError):
    """A wire said no, or nothing. The platform's request id, where it gave one, comes first."""

    def __init__(
        self,
        message: str,
        *,
        request_id: str | None = None,
        status: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(f"[{request_id}] {message}" if request_id else message)
        self.request_id = request_id
        self.status = status
        self.retry_after_seconds = retry_after_seconds
        # What the ledger holds of the run that failed, once delivery has made a receipt of it.
        self.receipt: ReceiptLike | None = None


class Unavailable(DeliveryError):
    """Nobody answered, or the answer was "not now". The same request may be made again."""

    retryable = True


class Refused(DeliveryError):
    """The platform said no. Repeating the request would get the same answer."""


class NotTrusted(DeliveryError):
    """The other side is not who it was pinned to be. Nothing was sent."""


class InDoubt(DeliveryError):
    """Sent, and the answer was lost: the other side may have acted on it.

    Adding a member twice, or removing one twice, changes nothing at Rokt, so it may be repeated.
    """

    retryable = True
