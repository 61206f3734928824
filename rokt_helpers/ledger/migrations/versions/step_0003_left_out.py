"""Rows that the platform left out of a batch which it took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nothing is known to have been left out before."""
    op.add_column("batches", sa.Column("left_out", sa.Text, nullable=False, server_default="[]"))
