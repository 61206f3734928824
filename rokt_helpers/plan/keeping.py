"""A sealed plan as plain values and a table of digests, to be kept until somebody releases it.

The law kept here: right of preparing nothing raw is kept. Of people only digests go into the table,
in the order in which they would be sent; a plan of anything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import accumulate, groupby
from typing import Any

import polars as pl

from rokt_helpers.audience import Identifiers
from rokt_helpers.errors import InputError
from rokt_helpers.plan.plan import DeliveryPlan
from rokt_helpers.plan.targets import Batch, Limits, Target

__all__ = ["plan_from", "plan_to_keep"]

_PLAIN = (
    "plan_id", "fingerprint", "mode", "identifier", "rows", "summary", "based_on", "sample",
    "undoes", "shape",
)  # fmt: skip


def plan_to_keep(plan: DeliveryPlan) -> dict[str, Any]:
    """Return everything of a plan but its people, ready for JSON.

    Raises
    ------
    InputError
        When it holds more than digests, or nothing.
    """
    if plan.identifier != "sha256":
        raise InputError(
            "Only a plan of digests can be kept until somebody releases it, and this one holds "
            "more. Prepare the list with output='sha256' (the default), and ask again."
        )
    if not plan.batches:
        raise InputError("Nothing is to be done, so there is nothing to release.")
    return {
        **{name: getattr(plan, name) for name in _PLAIN},
        "target": asdict(plan.target),
        "limits": asdict(plan.limits),
        "batches": [asdict(batch) for batch in plan.batches],
        "warnings": list(plan.warnings),
        "allowed": sorted(plan.allowed),
    }


def plan_from(kept: Mapping[str, Any], people: pl.LazyFrame) -> DeliveryPlan:
    """Return the plan that was kept; :meth:`DeliveryPlan.prove_seal` tells whether it still is.

    Parameters
    ----------
    kept
        What :func:`plan_to_keep` returned.
    people
        ``person`` (Binary) of all its batches, in their order.
    """
    batches = tuple(Batch(**values) for values in kept["batches"])
    rows = [sum(b.rows for b in part) for _, part in groupby(batches, lambda b: b.part)]
    digests = people.select(pl.col("person").bin.encode("hex").alias("sha256"))
    starts = accumulate(rows, initial=0)
    parts = (Identifiers(digests.slice(at, n), n) for at, n in zip(starts, rows, strict=False))
    return DeliveryPlan(
        **{name: kept[name] for name in _PLAIN},
        target=Target(**kept["target"]),
        limits=Limits(**kept["limits"]),
        batches=batches,
        warnings=tuple(kept["warnings"]),
        allowed=frozenset(kept["allowed"]),
        _parts=tuple(parts),
    )
