"""Find the job again that a cell made before, so that running the cell twice loses nothing.

The law kept here: what was chosen or planned for one account is never found by a cell that works
for another one by now.
"""

from __future__ import annotations

from inspect import signature
from typing import Final, TypeVar

from rokt_helpers.errors import RoktError
from rokt_helpers.jobs.job import Job
from rokt_helpers.settings import load_settings

__all__ = ["found_again"]

_Made = TypeVar("_Made", bound=Job)
# By its kind, its choices and where it leads. A kernel serves one notebook, and ends with it.
_known: Final[dict[tuple[type[Job], str, tuple[str, ...]], Job]] = {}


def found_again(job: _Made) -> _Made:
    """Return the job of this kernel that was made with the same settings, or this one.

    A delivery that is under way goes on when its cell is run again, and what was chosen and found
    stands there still. Other settings make another job, and so does another profile or account
    that the environment or ``.env`` names by now; back at the first one, its job is found again.
    """
    asked = signature(type(job)).parameters
    chosen = repr([(name, getattr(job, name, None)) for name in asked])
    key = (type(job), chosen, _where(job))
    kept = _known.setdefault(key, job)
    assert isinstance(kept, type(job))  # noqa: S101  the key holds the type
    return kept


def _where(job: Job) -> tuple[str, ...]:
    """Return where a job leads by the settings of this moment, or why nobody can say.

    A key that was changed at Rokt is none of it: an open workbench takes it by itself.
    """
    chosen = {name: getattr(job, name, "") or None for name in ("profile", "account")}
    try:
        said = load_settings(chosen["profile"], account=chosen["account"])
    except RoktError as error:
        return (str(error),)
    hosts = (said.api_url, said.events_url, said.legacy_events_url, said.sftp_host, said.feed_host)
    return (said.profile, said.account, said.account_id, str(said.home), *hosts)
