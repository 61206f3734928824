"""The first ledgers: runs and batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(36), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, index=True),
        *(
            sa.Column(name, sa.String(length), nullable=False)
            for name, length in (
                ("profile", 16), ("account", 64), ("host", 255), ("purpose", 16), ("list", 255),
                ("action", 16), ("via", 16), ("mode", 16), ("identifier", 16),
            )
        ),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False, index=True),
        sa.Column("finished_at", sa.String(32)),
    )  # fmt: skip
    op.create_table(
        "batches",
        sa.Column("run_id", sa.ForeignKey("runs.run_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("request_id", sa.String(128)),
        sa.Column("name", sa.String(255)),
        sa.Column("picked_up_seconds", sa.Float),
        sa.Column("at", sa.String(32)),
    )
