"""The steps from one state of the ledger to the next, run by Alembic when one is opened."""
