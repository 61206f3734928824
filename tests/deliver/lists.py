"""Lists of invented people, and plans in small pieces, for the tests of delivering."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable
from typing import Any

import polars as pl
import pytest

from rokt_helpers import contract
from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.deliver import Patience, Receipt, deliver
from rokt_helpers.errors import DeliveryError
from rokt_helpers.plan import DeliveryPlan, Limits, Wish, make_plan
from rokt_helpers.workbench import Workbench

__all__ = ["HASTY", "addresses", "audience", "digests", "failure", "in_pieces", "send"]

# Tries as often as a test needs, and hardly waits in between.
HASTY = Patience(attempts=3, first_pause_seconds=0.01, longest_pause_seconds=0.05, pickup_seconds=5)


def addresses(count: int, *, first: int = 0) -> list[str]:
    return [f"person{number}@example.com" for number in range(first, first + count)]


def digests(people: Iterable[str]) -> frozenset[str]:
    return frozenset(hashlib.sha256(person.encode()).hexdigest() for person in people)


def audience(count: int, *, first: int = 0, output: Any = "sha256") -> PreparedAudience:
    frame = pl.DataFrame({"email": addresses(count, first=first)})
    return prepare_audience(frame, output=output)


def in_pieces(
    workbench: Workbench,
    prepared: PreparedAudience,
    *,
    rows: int,
    in_flight: int | None = None,
    allow: Collection[str] = (),
    **where: Any,
) -> DeliveryPlan:
    """Seal a plan as the workbench would, but cut into pieces of so few rows."""
    if in_flight is None:
        in_flight = 1 if where.get("via") == "sftp" else contract.MAX_IN_FLIGHT
    limits = Limits(rows, starts_per_second=contract.MAX_STARTS_PER_SECOND, in_flight=in_flight)
    target = workbench.plan(prepared, allow=allow, **where).target
    plan_id = str(uuid.uuid4())
    wish = Wish(allow=allow)
    return make_plan(prepared, target=target, limits=limits, plan_id=plan_id, wish=wish)


def send(workbench: Workbench, plan: DeliveryPlan, **how: Any) -> Receipt:
    """Deliver as the workbench does, with less patience."""
    channel = workbench._wires.channel(plan.target.via)
    return deliver(plan, channel=channel, ledger=workbench._ledger, **{"patience": HASTY, **how})


def failure(workbench: Workbench, plan: DeliveryPlan, **how: Any) -> Any:
    """Deliver what cannot be delivered; give the error, which holds the receipt."""
    with pytest.raises(DeliveryError) as caught:
        send(workbench, plan, **how)
    return caught.value
