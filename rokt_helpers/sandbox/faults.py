"""Faults that a person scripts beforehand, each consumed once, in order.

No dice: the same script over the same calls gives the same run.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

__all__ = ["Fault", "FaultKind", "FaultScript"]

FaultKind = Literal[
    "answer",
    "drop_before_answer",
    "drop_before_reading",
    "slow",
    "sftp_drop_after",
    "sftp_instant_pickup",
    "sftp_no_pickup",
    "sftp_refuse_rename",
]
API_KINDS: Final[tuple[FaultKind, ...]] = (
    "answer",
    "drop_before_answer",
    "drop_before_reading",
    "slow",
)
# What the figure of each kind is called; the other kinds take none.
_FIGURES: Final[dict[str, str]] = {
    "answer": "status",
    "slow": "seconds",
    "sftp_drop_after": "bytes",
}
_LARGEST_STATUS: Final = 599


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong on purpose, ``times`` times in a row.

    ``at_request`` counts import requests from the moment of scripting, 1 being the next one.
    ``figure`` is a status, seconds or bytes, by ``kind``. Use the named constructors.
    """

    kind: FaultKind
    times: int = 1
    at_request: int | None = None
    figure: float = 0
    retry_after_seconds: int | None = None

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

    @classmethod
    def answer(
        cls,
        status: int,
        *,
        times: int = 1,
        retry_after_seconds: int | None = None,
        at_request: int | None = None,
    ) -> Fault:
        """Answer with a status from 400 to 599; nothing is applied."""
        return cls(
            kind="answer",
            figure=status,
            times=times,
            retry_after_seconds=retry_after_seconds,
            at_request=at_request,
        )

    @classmethod
    def drop_before_answer(cls, *, times: int = 1, at_request: int | None = None) -> Fault:
        """Apply the request, then close the connection: the answer is lost."""
        return cls(kind="drop_before_answer", times=times, at_request=at_request)

    @classmethod
    def drop_before_reading(cls, *, times: int = 1, at_request: int | None = None) -> Fault:
        """Close the connection before the body is read; nothing is applied."""
        return cls(kind="drop_before_reading", times=times, at_request=at_request)

    @classmethod
    def slow(cls, seconds: float, *, times: int = 1, at_request: int | None = None) -> Fault:
        """Wait before deciding. The request counts as in flight for as long."""
        return cls(kind="slow", figure=seconds, times=times, at_request=at_request)

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
        return words


class FaultScript:
    """The faults still waiting, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._imports = 0

    def add(self, *faults: Fault) -> None:
        """Put faults behind those that already wait."""
        with self._lock:
            for fault in faults:
                due = self._imports + fault.at_request if fault.at_request else 0
                self._waiting.append(_Waiting(fault, due, fault.times))

    def count_import(self) -> None:
        """Count one import request, so that ``at_request`` finds its own."""
        with self._lock:
            self._imports += 1

    def take(self, *kinds: FaultKind) -> Fault | None:
        """Consume the first fault of these kinds that is due, or none."""
        with self._lock:
            for waiting in self._waiting:
                if waiting.fault.kind in kinds and waiting.due <= self._imports:
                    self._use(waiting)
                    return waiting.fault
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
    if not isinstance(values["kind"], str):
        raise ValueError("the kind of a fault is a text")  # noqa: TRY004 - one error for all
    for key, value in values.items():
        allowed = (int, float) if key == "figure" else (int,)
        if key != "kind" and (isinstance(value, bool) or not isinstance(value, allowed)):
            raise ValueError("everything about a fault but its kind is a number, counts whole ones")
