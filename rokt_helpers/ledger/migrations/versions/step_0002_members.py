"""Runs in their order, with the guards passed and what they undo; batches with their action."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, and fill them for the runs that are there."""
    for column in (
        sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sample", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("allowed", sa.String(255), nullable=False, server_default=""),
        sa.Column("undoes", sa.String(36)),
        sa.Column("summary", sa.Text, nullable=False, server_default="{}"),
    ):
        op.add_column("runs", column)
    op.add_column(
        "batches",
        sa.Column("action", sa.String(16), nullable=False, server_default="include"),
    )
    op.execute(
        "UPDATE runs SET seq = (SELECT count(*) FROM runs AS before "
        "WHERE before.started_at < runs.started_at OR "
        "(before.started_at = runs.started_at AND before.run_id <= runs.run_id))"
    )
    op.execute(
        "UPDATE batches SET action = "
        "(SELECT runs.action FROM runs WHERE runs.run_id = batches.run_id)"
    )
    op.create_table(
        "starts",
        sa.Column("platform", sa.String(255), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
