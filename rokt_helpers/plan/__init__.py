"""What will be sent, to where, in which pieces: compared, guarded, sealed. It sends nothing."""

from rokt_helpers.plan.guards import GUARDS
from rokt_helpers.plan.keeping import plan_from, plan_to_keep
from rokt_helpers.plan.known import KnownList, PastRun
from rokt_helpers.plan.making import Wish, make_conversions_plan, make_plan, make_undo
from rokt_helpers.plan.modes import Part
from rokt_helpers.plan.people import as_digests
from rokt_helpers.plan.plan import DeliveryPlan
from rokt_helpers.plan.targets import (
    AUDIENCE_WIRES,
    CONVERSION_WIRES,
    UNNAMED_LIST,
    Batch,
    Content,
    Limits,
    Mode,
    Purpose,
    Target,
    Unnamed,
    Via,
)

__all__ = [
    "AUDIENCE_WIRES",
    "CONVERSION_WIRES",
    "GUARDS",
    "UNNAMED_LIST",
    "Batch",
    "Content",
    "DeliveryPlan",
    "KnownList",
    "Limits",
    "Mode",
    "Part",
    "PastRun",
    "Purpose",
    "Target",
    "Unnamed",
    "Via",
    "Wish",
    "as_digests",
    "make_conversions_plan",
    "make_plan",
    "make_undo",
    "plan_from",
    "plan_to_keep",
]
