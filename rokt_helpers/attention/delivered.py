"""What of the deliveries in the ledger needs a person. Pure: runs in, concerns out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rokt_helpers.attention.concern import Concern, is_out_of_sight
from rokt_helpers.ledger import BatchRecord, ListName, RunRecord

__all__ = ["Delivered", "last_runs", "of_ledger", "still_running", "untaken"]

# How long a file may lie before a person is asked to look. Rokt states no time.
PICKED_UP_WITHIN: Final = timedelta(hours=1)
# Of the newer SFTP nobody says that files vanish once they are read.
_EMPTIED: Final = "sftp"
_TAKEN: Final = frozenset({"delivered", "incomplete"})


@dataclass(frozen=True)
class Delivered:
    """A run that still counts, its batches, and whether it is under way at this moment.

    ``newest`` says whether nothing that was taken went to its list, or of conversions, since.
    """

    run: RunRecord
    batches: Sequence[BatchRecord] = ()
    under_way: bool = False
    newest: bool = True


def last_runs(runs: Iterable[RunRecord], now: datetime) -> list[tuple[RunRecord, bool]]:
    """Return the runs that still count, and whether nothing was delivered to the list since.

    Of a list these are the last one that was taken, for it made the list what it is, and those
    since: a later run that failed settles no doubt of an earlier one. Conversions have no such
    state: there each source counts by itself, until it was sent whole.

    Parameters
    ----------
    runs
        The newest first.
    """
    found: list[tuple[RunRecord, bool]] = []
    settled: set[tuple[ListName, str]] = set()
    lists: set[ListName] = set()
    for run in runs:
        if is_out_of_sight("in_doubt", _ended(run), now):
            continue
        each = run.fingerprint if run.purpose != "audience" else ""
        if (run.list_name, each) in settled:
            continue
        found.append((run, run.list_name not in lists))
        if run.status in _TAKEN:
            settled.add((run.list_name, each))
            lists.add(run.list_name)
    return found


def of_ledger(known: Iterable[Delivered], now: datetime) -> list[Concern]:
    """Return what is in doubt, what was taken in part, and files that still lie there.

    Of several runs of which the same is to be said, the newest one says it.
    """
    found: dict[tuple[str, str], Concern] = {}
    for one in known:
        for concern in () if one.under_way else _of(one, now):
            found.setdefault((concern.kind, concern.subject), concern)
    return list(found.values())


def still_running(known: Iterable[Delivered]) -> frozenset[str]:
    """Return the subjects of runs under way: how they stand is known once they have ended."""
    return frozenset(_subject(one.run) for one in known if one.under_way)


def untaken(batches: Iterable[BatchRecord]) -> list[BatchRecord]:
    """Return the delivered files that nobody has seen taken yet."""
    return [
        batch
        for batch in batches
        if batch.name and batch.outcome == "confirmed" and batch.picked_up_seconds is None
    ]


def _of(one: Delivered, now: datetime) -> Iterator[Concern]:
    run = one.run
    what = f"list {run.list!r}" if run.purpose == "audience" else "conversions"
    since = _ended(run)
    doubtful = {batch.outcome for batch in one.batches} & {"started", "in_doubt"}
    if run.status not in _TAKEN and (doubtful or run.status in {"started", "in_doubt"}):
        # Where no batch was sent, a run that was cut off has changed nothing: still half done.
        told = (
            "sent something whose answer is not known" if doubtful else "was cut off before its end"
        )
        yield Concern(
            "in_doubt",
            _subject(run),
            f"Run {run.run_id[:8]} of {run.rows:,} rows over {run.via} for {what} {told}.",
            "Deliver the same source again with the same choices: only what is not confirmed goes.",
            since,
        )
    # What was mended goes by itself, as another source: the next delivery settles it.
    if run.status == "incomplete" and one.newest:
        left_out = sum(batch.rows_left_out for batch in one.batches)
        yield Concern(
            "incomplete",
            _subject(run),
            f"Rokt took run {run.run_id[:8]} for {what} and left out {left_out:,} of "
            f"{run.rows:,} rows.",
            f"The receipt names their places and the reasons: "
            f"`open_workbench().receipt('{run.run_id}').left_out`. Mend these rows and deliver "
            "them by themselves.",
            since,
        )
    if run.status in _TAKEN and run.via == _EMPTIED:
        yield from _lying(one, what, now)


def _lying(one: Delivered, what: str, now: datetime) -> Iterator[Concern]:
    """Tell of files that were put there and that nobody has seen taken since."""
    lying = untaken(one.batches)
    moments = [datetime.fromisoformat(batch.at) for batch in lying if batch.at]
    if not moments or now - min(moments) <= PICKED_UP_WITHIN:
        return
    files = "1 file" if len(lying) == 1 else f"{len(lying):,} files"
    yield Concern(
        "pickup_missing",
        _subject(one.run),
        f"{files} of run {one.run.run_id[:8]} for {what} had not been taken when last looked at.",
        "`rokt status --look` looks again. If it still lies there, ask your Rokt account manager "
        f"whether they read that folder; the host is {one.run.host}.",
        min(moments),
    )


def _ended(run: RunRecord) -> datetime:
    return datetime.fromisoformat(run.finished_at or run.started_at)


def _subject(run: RunRecord) -> str:
    return run.list if run.purpose == "audience" else f"conversions {run.fingerprint[:8]}"
