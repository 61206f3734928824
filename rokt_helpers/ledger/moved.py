"""A ledger whose runs go on elsewhere: it can be looked at, and takes nothing any more.

The law kept here: it refuses by itself. The mark is in the database file, so that a workbench that
has it open, one of an older version, and one that lost its settings cannot go on with it either.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from rokt_helpers.ledger.schema import METADATA

__all__ = ["MOVED", "MOVED_SENTENCE", "is_moved", "mark_moved", "refuses"]

# Greater than the number of any step, so that older workbenches take it for a newer ledger.
MOVED: Final = "moved"
MOVED_SENTENCE: Final = (
    "The runs of this computer's ledger were brought into the one that the team shares, and go on "
    "there: set ROKT_LEDGER_URL to it. Nothing was sent."
)
_REFUSAL: Final = "rokt: this ledger was brought into the one that the team shares"
_DEEDS: Final = ("INSERT", "UPDATE", "DELETE")


def mark_moved(connection: sa.Connection) -> None:
    """Let nothing be written into an SQLite ledger any more, in the caller's transaction."""
    for table in METADATA.tables:
        for deed in _DEEDS:
            connection.exec_driver_sql(
                f"CREATE TRIGGER moved_{table}_{deed.lower()} BEFORE {deed} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
    connection.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": MOVED})


def refuses(error: BaseException | None) -> bool:
    """Tell whether a database said no because its runs go on elsewhere."""
    return isinstance(error, sqlite3.Error) and _REFUSAL in str(error)


def is_moved(file: Path) -> bool:
    """Tell whether a ledger's file carries the mark; it is opened for reading alone."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return False
    return bool(found) and found[0] == MOVED
