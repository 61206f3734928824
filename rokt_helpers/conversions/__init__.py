"""From a source of purchases to conversions as Rokt names them, with every row accounted for."""

from rokt_helpers.conversions.amounts import Decimal
from rokt_helpers.conversions.mapping import Mapping, Match
from rokt_helpers.conversions.moments import DateOrder
from rokt_helpers.conversions.prepared import PreparedConversions
from rokt_helpers.conversions.preparing import (
    Output,
    prepare_conversions,
    propose_mapping,
)

__all__ = [
    "DateOrder",
    "Decimal",
    "Mapping",
    "Match",
    "Output",
    "PreparedConversions",
    "prepare_conversions",
    "propose_mapping",
]
