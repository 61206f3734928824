"""One run and one batch as the ledger has them: plain values, no identifiers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["POSSIBLY_SENT", "BatchRecord", "ListName", "Outcome", "RunRecord"]

Outcome = Literal["planned", "started", "confirmed", "refused", "failed", "in_doubt"]
# planned → started → confirmed | refused (the platform said no) | failed (nobody took it)
#                   | in_doubt (sent, answer lost); a run that died leaves batches `started`.

# Batches that may have changed a list: of the last two nobody knows.
POSSIBLY_SENT: Final = ("confirmed", "in_doubt", "started")


@dataclass(frozen=True)
class ListName:
    """One list of one account; ``purpose`` tells an audience from conversions."""

    account: str
    purpose: str
    list: str


@dataclass(frozen=True)
class RunRecord:
    """One run as the ledger has it.

    Moments are ISO 8601 in UTC. ``seq`` counts the runs of a ledger in the order they were opened;
    ``action`` is that of the plan, and each batch of a mirror has its own; ``allowed`` names the
    guards a person passed; ``undoes`` the run that is taken back; ``summary`` is the sums of
    preparing, as JSON.
    """

    run_id: str
    fingerprint: str
    profile: str
    account: str
    host: str
    purpose: str
    list: str
    action: str
    via: str
    mode: str
    identifier: str
    rows: int
    status: str
    started_at: str
    finished_at: str | None = None
    seq: int = 0
    sample: bool = False
    allowed: str = ""
    undoes: str | None = None
    summary: str = "{}"

    @property
    def list_name(self) -> ListName:
        """The list it went to."""
        return ListName(self.account, self.purpose, self.list)


@dataclass(frozen=True)
class BatchRecord:
    """One batch as the ledger has it.

    ``status`` is the answer's HTTP status, ``name`` the delivered file's path on the server; a
    batch has one of them. ``left_out`` is JSON: of a confirmed batch, the rows in it that the
    platform did not take, each as its place (from 0; null where it is not known) and the reason.
    ``at`` is the moment of the outcome, ISO 8601 in UTC.
    """

    run_id: str
    number: int
    action: str
    rows: int
    fingerprint: str
    outcome: Outcome
    attempts: int = 0
    status: int | None = None
    request_id: str | None = None
    name: str | None = None
    picked_up_seconds: float | None = None
    left_out: str = "[]"
    at: str | None = None

    @property
    def rows_left_out(self) -> int:
        """How many rows of the batch the platform did not take."""
        return len(json.loads(self.left_out))
