"""The tables of the ledger. A change here is a new step in ``migrations/versions``."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

__all__ = ["APPROVALS", "BATCHES", "METADATA", "RUNS", "STARTS"]

METADATA: Final = sa.MetaData()
RUNS: Final = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False, index=True),
    sa.Column("profile", sa.String(16), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("list", sa.String(255), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("via", sa.String(16), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("identifier", sa.String(16), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("started_at", sa.String(32), nullable=False, index=True),
    sa.Column("finished_at", sa.String(32)),
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("sample", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("allowed", sa.String(255), nullable=False, server_default=""),
    sa.Column("undoes", sa.String(36)),
    sa.Column("summary", sa.Text, nullable=False, server_default="{}"),
)
BATCHES: Final = sa.Table(
    "batches",
    METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.run_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("action", sa.String(16), nullable=False, server_default="include"),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("request_id", sa.String(128)),
    sa.Column("name", sa.String(255)),
    sa.Column("picked_up_seconds", sa.Float),
    sa.Column("left_out", sa.Text, nullable=False, server_default="[]"),
    sa.Column("at", sa.String(32)),
)
APPROVALS: Final = sa.Table(
    "approvals",
    METADATA,
    sa.Column("approval_id", sa.String(36), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("profile", sa.String(16), nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("list", sa.String(255), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("via", sa.String(16), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("asked_by", sa.String(64), nullable=False),
    sa.Column("asked_at", sa.String(32), nullable=False),
    sa.Column("expires_at", sa.String(32), nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("released_by", sa.String(64)),
    sa.Column("released_at", sa.String(32)),
    sa.Column("run_id", sa.String(36)),
)
# When each of a platform's places for a start was last used, in seconds of the ledger's clock.
STARTS: Final = sa.Table(
    "starts",
    METADATA,
    sa.Column("platform", sa.String(255), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
