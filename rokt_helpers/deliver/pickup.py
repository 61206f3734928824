"""Look once more for delivered files that nobody has seen taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rokt_helpers.channels.channel import Channel
from rokt_helpers.errors import DeliveryError
from rokt_helpers.ledger import Ledger, RunRecord

__all__ = ["look_for_pickups"]

# So many runs are looked through; what is older than all of them is older than the days.
_RUNS: Final = 1_000


def look_for_pickups(ledger: Ledger, channel: Channel, *, now: datetime, days: int) -> None:
    """Write down which files of the last days are gone from the SFTP.

    Nobody is asked where nothing lies there, or where the SFTP is not the one of the run. The time
    written down is the one until it was seen: the file was gone by then, perhaps earlier. A line
    that breaks proves nothing, and leaves everything as it is.
    """
    since = (now - timedelta(days=days)).isoformat()
    for run in ledger.runs(_RUNS):
        if (run.via, run.host) == ("sftp", channel.host) and run.started_at >= since:
            _look(run, ledger, channel, now)


def _look(run: RunRecord, ledger: Ledger, channel: Channel, now: datetime) -> None:
    for batch in ledger.batches(run.run_id):
        waits = batch.outcome == "confirmed" and batch.picked_up_seconds is None
        if waits and batch.name and batch.at and _is_gone(channel, batch.name):
            seconds = (now - datetime.fromisoformat(batch.at)).total_seconds()
            ledger.batch_picked_up(run.run_id, batch.number, seconds=max(0.0, seconds))


def _is_gone(channel: Channel, name: str) -> bool:
    try:
        return bool(channel.picked_up(name))
    except DeliveryError:
        return False
