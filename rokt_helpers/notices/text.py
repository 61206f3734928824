"""The words of a notice: a subject that says what happened, a body that says what to do.

The law kept here: no personal data. Whatever came from elsewhere (names of lists and files, a
run's own sentence) is masked once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rokt_helpers.attention import Concern, Kind
from rokt_helpers.notices.changes import Changes, ToldOf
from rokt_helpers.redact import scrub

__all__ = ["SPOKEN", "Notice", "notice"]

SPOKEN: Final[dict[Kind, str]] = {
    "expiring": "referrals will be lost",
    "in_doubt": "outcome not known",
    "failed": "failed",
    "guard_stopped": "stopped by a guard",
    "late": "did not run",
    "incomplete": "rows were left out",
    "set_aside": "could not be read",
    "pickup_missing": "file was not taken",
}
# Which of the two it was nobody can say from here.
_OVER: Final[dict[Kind, str]] = {
    "expiring": "is over: collected, or past its time",
    "set_aside": "is over: read, or removed",
}
# What is told at length; the rest is counted, for some receivers take little text.
_MOST: Final = 8
_SUBJECT_CHARACTERS: Final = 70


@dataclass(frozen=True)
class Notice:
    """One message; ``subject`` is a single line."""

    subject: str
    body: str


def notice(changed: Changes, *, profile: str, account: str) -> Notice:
    """Return the message for these changes.

    Parameters
    ----------
    profile, account
        Where it happened; an account that is not set is left out.
    """
    where = f"profile {profile}, account {account}" if account else f"profile {profile}"
    return Notice(f"Rokt {profile}: {_headline(changed)}", "\n".join(_lines(changed, scrub(where))))


def _headline(changed: Changes) -> str:
    said = [
        *(f"{one.subject} {SPOKEN[one.kind]}" for one in changed.new),
        *(f"{one.subject} still {SPOKEN[one.kind]}" for one in changed.still),
        *(f"{one.subject} {how}" for one, how in _ended(changed)),
    ]
    first = scrub(said[0])
    if len(first) > _SUBJECT_CHARACTERS:
        first = f"{first[: _SUBJECT_CHARACTERS - 1]}…"
    return f"{first}, and {len(said) - 1:,} more" if len(said) > 1 else first


def _lines(changed: Changes, where: str) -> Iterator[str]:
    open_now = [(one, "") for one in changed.new] + [(one, "still ") for one in changed.still]
    for one, still in open_now[:_MOST]:
        yield from _at_length(one, still)
    if len(open_now) > _MOST:
        yield f"And {len(open_now) - _MOST:,} more."
        yield ""
    ended = _ended(changed)
    for over, how in ended[:_MOST]:
        yield f"{scrub(over.subject)}: {how} (was: {SPOKEN[over.kind]})."
    if len(ended) > _MOST:
        yield f"And {len(ended) - _MOST:,} more are over."
    if ended:
        yield ""
    yield f"`rokt status` shows everything that needs a person ({where})."


def _at_length(one: Concern, still: str) -> Iterator[str]:
    since = f"{one.since:%Y-%m-%d %H:%M} UTC"
    yield f"{scrub(one.subject)}: {still}{SPOKEN[one.kind]} (since {since})"
    yield scrub(one.sentence)
    yield f"What to do: {scrub(one.advice)}"
    yield ""


def _ended(changed: Changes) -> list[tuple[ToldOf, str]]:
    """Return what is over, each with how: an entry that was taken out did not recover."""
    return [
        *((one, _OVER.get(one.kind, "recovered")) for one in changed.over),
        *((one, "no longer runs by the schedule") for one in changed.gone),
    ]
