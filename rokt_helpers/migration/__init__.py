"""From Rokt's older interfaces to its newer ones: where each field goes, and proof that it does."""

from rokt_helpers.migration.fields import FIELD_MOVES, FieldMove
from rokt_helpers.migration.page import migration_report
from rokt_helpers.migration.parity import (
    Carried,
    Parity,
    audience_parity,
    conversions_parity,
)

__all__ = [
    "FIELD_MOVES",
    "Carried",
    "FieldMove",
    "Parity",
    "audience_parity",
    "conversions_parity",
    "migration_report",
]
