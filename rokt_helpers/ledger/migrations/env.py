"""Run the steps over the connection that the ledger hands in."""

from __future__ import annotations

from alembic import context

from rokt_helpers.ledger.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
