"""Find the job again that a cell made before, so that running the cell twice loses nothing."""

from __future__ import annotations

from inspect import signature
from typing import Final, TypeVar

from rokt_helpers.jobs.job import Job

__all__ = ["found_again"]

_Made = TypeVar("_Made", bound=Job)
# By its kind and its settings. A kernel serves one notebook, and ends with it.
_known: Final[dict[tuple[type[Job], str], Job]] = {}


def found_again(job: _Made) -> _Made:
    """Return the job of this kernel that was made with the same settings, or this one.

    A delivery that is under way goes on when its cell is run again, and what was chosen and found
    stands there still. Other settings make another job.
    """
    asked = signature(type(job)).parameters
    key = (type(job), repr([(name, getattr(job, name, None)) for name in asked]))
    kept = _known.setdefault(key, job)
    assert isinstance(kept, type(job))  # noqa: S101  the key holds the type
    return kept
