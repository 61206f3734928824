"""The receipt: what the ledger can prove of one delivery, without a single identifier."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.ledger import BatchRecord, Ledger, RunRecord
from rokt_helpers.showing import sentences_html, table_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Receipt", "read_receipt"]

STATUS_SENTENCES: Final = {
    "delivered": "every batch was confirmed",
    "incomplete": "every batch was taken, and some rows in them were not",
    "started": "the run has not ended",
    "refused": "the platform refused a batch",
    "failed": "the platform could not be reached",
    "in_doubt": "a batch was sent and its answer lost",
    "cancelled": "somebody stopped it",
    "interrupted": "it was cut off, and a later run went on",
}


@dataclass(frozen=True, repr=False)
class Receipt:
    """One delivery as the ledger has it.

    Attributes
    ----------
    run
        Who, what, where to, when; ``run.status`` is ``delivered`` only when every batch is.
    batches
        Each request or file with its outcome, the platform's request id or the file's name.
    rows_sent_now
        Identifiers sent by the call that returned this receipt; 0 when all had been sent before.
    """

    run: RunRecord
    batches: tuple[BatchRecord, ...]
    rows_sent_now: int = 0

    @property
    def run_id(self) -> str:
        """The id of the run, for ``history`` and ``undo``."""
        return self.run.run_id

    @property
    def status(self) -> str:
        """How the run stands: one of the keys of ``STATUS_SENTENCES``."""
        return self.run.status

    @property
    def delivered(self) -> bool:
        """True when every batch was confirmed by the platform."""
        return self.run.status == "delivered"

    @property
    def rows_confirmed(self) -> int:
        """Identifiers in confirmed batches."""
        return sum(self._confirmed(action) for action in contract.ACTIONS)

    @property
    def rows_left_out(self) -> int:
        """Rows that the platform left out of batches which it took."""
        return sum(batch.rows_left_out for batch in self.batches)

    @property
    def left_out(self) -> pl.DataFrame:
        """The rows that were left out: ``position`` among those sent, from 1, and ``reason``.

        ``position`` is null where the platform did not say which row it was.
        """
        rows: list[tuple[int | None, str]] = []
        sent = 0
        for batch in self.batches:
            for place, reason in json.loads(batch.left_out):
                rows.append((None if place is None else sent + place + 1, reason))
            sent += batch.rows
        return pl.DataFrame(rows, {"position": pl.Int64, "reason": pl.String}, orient="row")

    def _planned(self, action: str) -> int:
        return sum(batch.rows for batch in self.batches if batch.action == action)

    def _confirmed(self, action: str) -> int:
        return sum(
            batch.rows - batch.rows_left_out
            for batch in self.batches
            if batch.action == action and batch.outcome == "confirmed"
        )

    @property
    def picked_up_seconds(self) -> float | None:
        """How long the slowest file lay until Rokt took it, in seconds; None if one still lies."""
        seconds = [batch.picked_up_seconds for batch in self.batches]
        return None if None in seconds else max((s for s in seconds if s is not None), default=None)

    def describe(self) -> str:
        """Return the receipt as one sentence for a person."""
        run = self.run
        where = f"list {run.list!r}" if run.purpose == "audience" else "the conversions"
        deeds = [
            f"{self._confirmed(action):,} of {self._planned(action):,} {verb} {where}"
            for action, verb in (("include", "added to"), ("exclude", "removed from"))
            if self._planned(action)
        ]
        if not deeds:
            return f"Nothing was to be done on {where}."
        line = f"{' and '.join(deeds)}: "
        # A 202 of the Event and Audience API is for the request, whatever becomes of its batches.
        by_request = self.delivered and run.via == "events"
        line += "every request was taken" if by_request else STATUS_SENTENCES[run.status]
        if self.delivered and not self.rows_sent_now:
            line += f", by run {run.run_id} of {run.started_at[:16].replace('T', ' ')} UTC"
            line += "; nothing was sent now. To send it once more, allow 'repeat' (--allow repeat)"
        elif by_request:
            line += "; that does not prove each batch in them"
        elif self.delivered and run.via == "sftp":
            taken = self.picked_up_seconds
            line += (
                ", and the file still lies on the server"
                if taken is None
                else f", and Rokt took the file after {taken:.1f} s"
            )
        return f"{line}."

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain values, ready for JSON."""
        return {
            **asdict(self.run),
            "rows_confirmed": self.rows_confirmed,
            "rows_left_out": self.rows_left_out,
            "rows_sent_now": self.rows_sent_now,
            "picked_up_seconds": self.picked_up_seconds,
            "batches": [asdict(batch) for batch in self.batches],
        }

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per batch, with the columns of :class:`ledger.BatchRecord`."""
        rows = [asdict(batch) for batch in self.batches]
        return pl.DataFrame(rows, infer_schema_length=None).to_pandas()

    def __repr__(self) -> str:
        """Show the sums, never values."""
        return f"<Receipt {self.run_id[:8]} {self.describe()}>"

    def _repr_html_(self) -> str:
        rows = [
            [str(b.number), f"{b.rows:,}", _outcome(b), str(b.attempts), _proof(b)]
            for b in self.batches
        ]
        head = sentences_html(f"Receipt {self.run_id[:8]}", (), after_title=f". {self.describe()}")
        return head + table_of(("batch", "rows", "outcome", "attempts", "proof"), rows)


def _outcome(batch: BatchRecord) -> str:
    left_out = batch.rows_left_out
    return f"{batch.outcome}, {left_out:,} left out" if left_out else batch.outcome


def _proof(batch: BatchRecord) -> str:
    """Return what shows that the platform took a batch: its own id, the file, or the answer."""
    return batch.request_id or batch.name or (f"answer {batch.status}" if batch.status else "")


def read_receipt(ledger: Ledger, run_id: str, *, rows_sent_now: int = 0) -> Receipt:
    """Return the receipt of a run that is in the ledger; LookupError when it is not."""
    run = ledger.run(run_id)
    if run is None:
        raise LookupError(f"run {run_id} is not in the ledger")
    return Receipt(run, tuple(ledger.batches(run_id)), rows_sent_now)
