"""The parity report as one HTML page: the verdict, people, values, and where each field goes."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from rokt_helpers.contract.sources import TRUST_IN_WORDS
from rokt_helpers.migration.fields import FIELD_MOVES, FieldMove
from rokt_helpers.migration.parity import Parity
from rokt_helpers.report import Report

__all__ = ["field_table", "migration_report"]


def migration_report(parity: Parity, *, source: str, created_at: datetime) -> Report:
    """Return the page; it holds counts and names of fields, and no value of anybody."""
    report = Report(
        "Moving to the Event and Audience API",
        f"{source}: what the older and the newer interfaces would carry. Nothing was sent.",
        created_at=created_at,
    )
    report.section("Does everything arrive?", parity.describe())
    report.section("People", _people(parity))
    if parity.values:
        report.section(
            "Values",
            "In how many rows each attribute would arrive as it is in the source. Where none is "
            "given, the interface has no place for it.",
            parity.table(),
        )
        moves = [move for move in FIELD_MOVES if move.attribute in parity.values]
        report.section(
            "Where each field goes",
            "The path is that of the value in a batch of the Event and Audience API, and the name "
            "of its column in a file of the newer SFTP. Rokt's own table of this was not found: "
            "the last columns say who says so.",
            field_table(moves),
        )
    return report


def field_table(moves: list[FieldMove]) -> pl.DataFrame:
    """Return where fields go: our name, the legacy name, the new path, and who says so."""
    rows = [
        (
            move.attribute,
            move.legacy or "no counterpart",
            move.batch,
            TRUST_IN_WORDS[move.source.trust],
            move.remark,
        )
        for move in moves
    ]
    names = ("attribute", "legacy Event API", "path in a batch", "who says so", "remark")
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")


def _people(parity: Parity) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "interface": [each.interface for each in parity.carried],
            "rows": [each.rows for each in parity.carried],
            "people": [each.people for each in parity.carried],
            "people who differ": [each.people_differ for each in parity.carried],
        }
    )
