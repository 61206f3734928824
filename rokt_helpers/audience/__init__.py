"""From a source to the identifiers Rokt will match, with every row accounted for."""

from rokt_helpers.audience.columns import Choice, choose_column
from rokt_helpers.audience.judging import Identifier, Mixed, Output
from rokt_helpers.audience.prepared import PreparedAudience, upload_target
from rokt_helpers.audience.preparing import (
    LookedOver,
    check_choices,
    look_over,
    name_of,
    prepare_audience,
)
from rokt_helpers.audience.rejects import masked_examples, rejected_values
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.progress import StopSign

__all__ = [
    "Choice",
    "Identifier",
    "Identifiers",
    "LookedOver",
    "Mixed",
    "Output",
    "PreparedAudience",
    "StopSign",
    "check_choices",
    "choose_column",
    "look_over",
    "masked_examples",
    "name_of",
    "prepare_audience",
    "rejected_values",
    "upload_target",
]
