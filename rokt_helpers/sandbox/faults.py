"""Faults that a person scripts beforehand, each consumed once, in order.

No dice: the same script over the same calls gives the same run.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

__all__ = ["API_KINDS", "Fault", "FaultKind", "FaultScript", "Wire"]

FaultKind = Literal[
    "answer",
    "drop_before_answer",
    "drop_before_reading",
    "leave_out",
    "slow",
    "sftp_drop_after",
    "sftp_instant_pickup",
    "sftp_no_pickup",
    "sftp_refuse_rename",
]
# The wires that take requests; the legacy address of the audience API is on the first one.
Wire = Literal["audience", "events", "legacy-events"]
API_KINDS: Final[tuple[FaultKind, ...]] = (
    "answer",
    "drop_before_answer",
    "drop_before_reading",
    "leave_out",
    "slow",
)
# What the figure of each kind is called; the other kinds take none.
_FIGURES: Final[dict[str, str]] = {
    "answer": "status",
    "leave_out": "count",
    "slow": "seconds",
    "sftp_drop_after": "bytes",
}
_LARGEST_STATUS: Final = 599


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong on purpose, ``times`` times in a row.

    ``wire`` is which requests it waits for: imports of audiences unless told otherwise.
    ``at_request`` counts those from the moment of scripting, 1 being the next one. ``figure`` is a
    status, a count, seconds or bytes, by ``kind``. Use the named constructors.
    """

    kind: FaultKind
    times: int = 1
    at_request: int | None = None
    figure: float = 0
    retry_after_seconds: int | None = None
    wire: Wire = "audience"

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"a fault is one of: {', '.join(get_args(FaultKind))}")
        if self.times < 1 or (self.at_request is not None and self.at_request < 1):
            raise ValueError("times and at_request count from 1")
        if self.figure < 0 or not math.isfinite(self.figure):
            raise ValueError("seconds and bytes cannot be less than nothing, nor without end")
        if self.kind == "answer" and not 400 <= self.figure <= _LARGEST_STATUS:  # noqa: PLR2004
            raise ValueError("a scripted answer has a status from 400 to 599")
        if self.at_request is not None and self.kind not in API_KINDS:
            raise ValueError("at_request counts API requests; an SFTP fault takes none")
        self._check_wire()

    @classmethod
    def answer(
        cls,
        status: int,
        *,
        times: int = 1,
        retry_after_seconds: int | None = None,
        at_request: int | None = None,
        wire: Wire = "audience",
    ) -> Fault:
        """Answer with a status from 400 to 599; nothing is applied."""
        return cls(
            kind="answer",
            figure=status,
            times=times,
            retry_after_seconds=retry_after_seconds,
            at_request=at_request,
            wire=wire,
        )

    @classmethod
    def drop_before_answer(
        cls, *, times: int = 1, at_request: int | None = None, wire: Wire = "audience"
    ) -> Fault:
        """Apply the request, then close the connection: the answer is lost."""
        return cls(kind="drop_before_answer", times=times, at_request=at_request, wire=wire)

    @classmethod
    def drop_before_reading(
        cls, *, times: int = 1, at_request: int | None = None, wire: Wire = "audience"
    ) -> Fault:
        """Close the connection before the body is read; nothing is applied."""
        return cls(kind="drop_before_reading", times=times, at_request=at_request, wire=wire)

    @classmethod
    def leave_out(
        cls, count: int, *, times: int = 1, at_request: int | None = None, wire: Wire = "events"
    ) -> Fault:
        """Leave the first so many batches or events of a request out, and answer as if all is well.

        The Events API says nothing of them; the legacy one gives them back in its answer.
        """
        return cls(kind="leave_out", figure=count, times=times, at_request=at_request, wire=wire)

    @classmethod
    def slow(
        cls,
        seconds: float,
        *,
        times: int = 1,
        at_request: int | None = None,
        wire: Wire = "audience",
    ) -> Fault:
        """Wait before deciding. The request counts as in flight for as long."""
        return cls(kind="slow", figure=seconds, times=times, at_request=at_request, wire=wire)

    @classmethod
    def sftp_drop_after(cls, bytes: int, *, times: int = 1) -> Fault:
        """Close the connection once this many bytes of the next file are written."""
        return cls(kind="sftp_drop_after", figure=bytes, times=times)

    @classmethod
    def sftp_refuse_rename(cls, *, times: int = 1) -> Fault:
        """Refuse the next rename; the file keeps its old name."""
        return cls(kind="sftp_refuse_rename", times=times)

    @classmethod
    def sftp_no_pickup(cls, *, times: int = 1) -> Fault:
        """Leave the next file that is ripe for pick-up where it lies, for good."""
        return cls(kind="sftp_no_pickup", times=times)

    @classmethod
    def sftp_instant_pickup(cls, *, times: int = 1) -> Fault:
        """Take the next file the moment it is renamed, before the client hears of it."""
        return cls(kind="sftp_instant_pickup", times=times)

    @classmethod
    def from_json(cls, given: object) -> Fault:
        """Read one fault as the inspection page's interface takes it.

        Raises
        ------
        ValueError
            A key or value that no fault has; the sentence names the key.
        """
        if not isinstance(given, Mapping):
            raise ValueError("a fault is a JSON object")  # noqa: TRY004 - one error for all
        values: dict[str, Any] = dict(given)
        figure_name = _FIGURES.get(str(values.get("kind")), "figure")
        if figure_name in values:
            values["figure"] = values.pop(figure_name)
        _refuse_odd_keys(values)
        return cls(**values)

    def describe(self) -> dict[str, Any]:
        """Return the fault as JSON values, in the words that ``from_json`` takes."""
        words: dict[str, Any] = {"kind": self.kind, "times": self.times}
        if self.kind in _FIGURES:
            words[_FIGURES[self.kind]] = self.figure
        if self.at_request is not None:
            words["at_request"] = self.at_request
        if self.retry_after_seconds is not None:
            words["retry_after_seconds"] = self.retry_after_seconds
        if self.wire != "audience":
            words["wire"] = self.wire
        return words

    def _check_wire(self) -> None:
        if self.wire not in get_args(Wire):
            raise ValueError(f"a wire is one of: {', '.join(get_args(Wire))}")
        if self.wire != "audience" and self.kind not in API_KINDS:
            raise ValueError("an SFTP fault names no other wire")
        if self.wire == "audience" and self.kind == "leave_out":
            raise ValueError("imports of audiences are taken whole; name another wire")


class FaultScript:
    """The faults still waiting, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._requests: Counter[Wire] = Counter()

    def add(self, *faults: Fault) -> None:
        """Put faults behind those that already wait."""
        with self._lock:
            for fault in faults:
                due = self._requests[fault.wire] + fault.at_request if fault.at_request else 0
                self._waiting.append(_Waiting(fault, due, fault.times))

    def clear(self) -> None:
        """Forget the faults that still wait."""
        with self._lock:
            self._waiting.clear()

    def count_request(self, wire: Wire = "audience") -> None:
        """Count one request, so that ``at_request`` finds its own."""
        with self._lock:
            self._requests[wire] += 1

    def take(self, *kinds: FaultKind, wire: Wire = "audience") -> Fault | None:
        """Consume the first fault of these kinds on this wire that is due, or none."""
        with self._lock:
            for waiting in self._waiting:
                fault = waiting.fault
                fits = fault.kind in kinds and fault.wire == wire
                if fits and waiting.due <= self._requests[wire]:
                    self._use(waiting)
                    return fault
        return None

    def waiting(self) -> list[dict[str, Any]]:
        """Return what still waits, with the number of times that are left."""
        with self._lock:
            return [item.fault.describe() | {"times": item.left} for item in self._waiting]

    def _use(self, waiting: _Waiting) -> None:
        waiting.left -= 1
        if waiting.left == 0:
            self._waiting.remove(waiting)


@dataclass(slots=True, eq=False)
class _Waiting:
    fault: Fault
    due: int
    left: int


def _refuse_odd_keys(values: dict[str, Any]) -> None:
    known = {field.name for field in fields(Fault)}
    if not set(values) <= known or "kind" not in values:
        raise ValueError(f"a fault has a kind and may have: {', '.join(sorted(known - {'kind'}))}")
    for key in ("kind", "wire"):
        if not isinstance(values.get(key, ""), str):
            raise ValueError("the kind and the wire of a fault are texts")  # noqa: TRY004 - one error for all
    for key, value in values.items():
        allowed = (int, float) if key == "figure" else (int,)
        if key not in ("kind", "wire") and (
            isinstance(value, bool) or not isinstance(value, allowed)
        ):
            raise ValueError("everything else about a fault is a number, counts whole ones")
