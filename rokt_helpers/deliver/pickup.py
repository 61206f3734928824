"""Look once more for delivered files that nobody has seen taken."""

from __future__ import annotations

from datetime import datetime

from rokt_helpers.channels.channel import Channel
from rokt_helpers.errors import DeliveryError
from rokt_helpers.ledger import Ledger, RunRecord

__all__ = ["look_for_pickups"]


def look_for_pickups(run: RunRecord, *, channel: Channel, ledger: Ledger, now: datetime) -> int:
    """Write down which files of a run are gone; return how many still lie there.

    The time written down is the one until it was seen: the file was gone by then, perhaps earlier.
    A line that breaks proves nothing, and leaves everything as it is.
    """
    lying = 0
    for batch in ledger.batches(run.run_id):
        if not batch.name or batch.at is None or batch.picked_up_seconds is not None:
            continue
        if batch.outcome != "confirmed" or not _is_gone(channel, batch.name):
            lying += 1
            continue
        seconds = (now - datetime.fromisoformat(batch.at)).total_seconds()
        ledger.batch_picked_up(run.run_id, batch.number, seconds=max(0.0, seconds))
    return lying


def _is_gone(channel: Channel, name: str) -> bool:
    try:
        return bool(channel.picked_up(name))
    except DeliveryError:
        return False
