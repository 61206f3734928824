"""Which accounts a ledger knows, also one that belongs to another profile and is only looked at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from rokt_helpers.ledger.schema import RUNS

__all__ = ["accounts_in", "accounts_query"]


def accounts_query(profile: str) -> sa.Select[tuple[str]]:
    """Return the question for the ids of the accounts that were delivered to in a profile."""
    return sa.select(RUNS.c.account).where(RUNS.c.profile == profile).distinct()


def accounts_in(file: Path) -> set[str]:
    """Return the ids in a ledger's file; empty where there is none, or none that can be read.

    It is opened for reading alone: who looks does not bring it up to date.
    """
    if not file.is_file():
        return set()
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return {row[0] for row in connection.execute("SELECT DISTINCT account FROM runs")}
    except sqlite3.Error:
        return set()
