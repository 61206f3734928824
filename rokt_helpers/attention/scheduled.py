"""What of the unattended runs needs a person. Pure: the clock is handed in."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from rokt_helpers.attention.concern import Concern, Kind
from rokt_helpers.redact import scrub
from rokt_helpers.schedule import Entry, LastRun, next_run

__all__ = ["Scheduled", "of_schedule"]

# `rokt run --due` looks every few minutes, and what is before an entry may take its time.
LATE: Final = timedelta(hours=1)
_GUARD: Final = 3
_TRY: Final = (
    "Mend it, and try it: `rokt run {words}`. It is settled when its turn comes the next time, "
    "not by a run by hand: {why}."
)
_AGAIN: Final = "Mend it, then run it again: `rokt run {words}`. The next time it is run anyway."


@dataclass(frozen=True)
class Scheduled:
    """What is known of unattended runs.

    Attributes
    ----------
    entries
        Those of the schedule; None where there is no schedule to read.
    last
        By name the last run of each entry.
    watched
        By name of the notebook the last run that a scheduler of one's own began and had told of.
    written_at
        When the schedule was last changed: before that nothing was promised.
    under_way
        Names of runs that have not ended yet.
    not_by_hand
        By name why a run by hand would not settle it.
    mended
        Names of runs that failed, and were run by hand with success since.
    """

    entries: tuple[Entry, ...] | None = None
    last: Mapping[str, LastRun] = field(default_factory=dict)
    watched: Mapping[str, LastRun] = field(default_factory=dict)
    written_at: datetime | None = None
    under_way: frozenset[str] = frozenset()
    not_by_hand: Mapping[str, str] = field(default_factory=dict)
    mended: frozenset[str] = frozenset()


def of_schedule(known: Scheduled, now: datetime) -> list[Concern]:
    """Return what failed, was stopped by a guard, or should have run and did not."""
    entries = [entry for entry in known.entries or () if entry.enabled]
    words = {entry.name: _words(entry) for entry in entries}
    names = known.last if known.entries is None else words
    last = {name: known.last[name] for name in names if name in known.last}
    ended = [(name, run, words.get(name, "NOTEBOOK -f PARAMS")) for name, run in last.items()]
    ended += [
        (name, run, f"notebooks/{name}.ipynb -f PARAMS") for name, run in known.watched.items()
    ]
    return [
        *_ended_badly((one for one in ended if one[0] not in known.mended), known),
        *_late(entries, known, now),
    ]


def _words(entry: Entry) -> str:
    """Return how the entry is run by hand: without its params file a page only shows its form."""
    params = ["-f", str(entry.params)] if entry.params else []
    return shlex.join([str(entry.notebook), *params])


def _ended_badly(runs: Iterable[tuple[str, LastRun, str]], known: Scheduled) -> Iterator[Concern]:
    for name, run, words in runs:
        if run.started is None or run.exit_code == 0:
            continue
        if run.exit_code is None and name in known.under_way:
            continue
        kind: Kind = "guard_stopped" if run.exit_code == _GUARD else "failed"
        how = "was stopped by a guard" if kind == "guard_stopped" else "failed"
        said = run.sentence or f"It ended with exit code {run.exit_code}."
        if run.exit_code is None:
            said = "It began and did not end: the computer or the process went away."
        yield Concern(
            kind,
            name,
            f"{name} {how}. {scrub(said)}",
            _again(words, known.not_by_hand.get(name)),
            datetime.fromisoformat(run.started),
        )


def _again(words: str, why: str | None) -> str:
    return _TRY.format(words=words, why=why) if why else _AGAIN.format(words=words)


def _late(entries: Iterable[Entry], known: Scheduled, now: datetime) -> Iterator[Concern]:
    for entry in entries:
        run = known.last.get(entry.name)
        settled = datetime.fromisoformat(run.settled) if run else known.written_at
        if settled is None or settled >= now:
            continue
        missed = next_run(entry, settled)
        if now - missed <= LATE:
            continue
        advice = (
            "Look whether what calls `rokt run --due` is on (`rokt schedule --write crontab` "
            "prints the line), and whether another entry takes too long."
        )
        yield Concern(
            "late",
            entry.name,
            f"{entry.name} should have run at {missed:%Y-%m-%d %H:%M} UTC and did not.",
            advice,
            missed,
        )
