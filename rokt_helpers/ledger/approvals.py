"""Plans that wait for a second person: who asked, until when, and who released them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from rokt_helpers.ledger.schema import APPROVALS

__all__ = ["Approval", "Approvals", "waiting_id"]


@dataclass(frozen=True)
class Approval:
    """One plan that was put before others. Moments are ISO 8601 in UTC; no identifiers.

    ``status`` is ``waiting``, ``released`` (who did stands in ``released_by``) or ``expired``;
    ``run_id`` is the run that it became; ``plan`` is the plan without its people, as JSON.
    """

    approval_id: str
    fingerprint: str
    profile: str
    account: str
    list: str
    action: str
    via: str
    mode: str
    rows: int
    status: Literal["waiting", "released", "expired"]
    asked_by: str
    asked_at: str
    expires_at: str
    plan: str
    released_by: str | None = None
    released_at: str | None = None
    run_id: str | None = None

    @property
    def members_id(self) -> str:
        """What the file of its people is called, among those of runs."""
        return waiting_id(self.approval_id)


def waiting_id(approval_id: str) -> str:
    """Return what the file of the people of a plan that waits is called."""
    return f"waiting-{approval_id}"


class Approvals:
    """The table of them."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def put(self, approval: Approval) -> None:
        """Write down a plan that waits, in the place of what was known of the same one."""
        same = APPROVALS.c.approval_id == approval.approval_id
        with self._engine.begin() as connection:
            connection.execute(APPROVALS.delete().where(same))
            connection.execute(APPROVALS.insert().values(**vars(approval)))

    def change(self, approval_id: str, **values: Any) -> None:
        """Write what became of it."""
        with self._engine.begin() as connection:
            connection.execute(
                APPROVALS.update().where(APPROVALS.c.approval_id == approval_id).values(**values)
            )

    def all(self, *, profile: str, account: str) -> list[Approval]:
        """Return those of an account, the last one asked for first."""
        query = (
            sa.select(APPROVALS)
            .where(APPROVALS.c.profile == profile, APPROVALS.c.account == account)
            .order_by(APPROVALS.c.asked_at.desc(), APPROVALS.c.approval_id)
        )
        with self._engine.connect() as connection:
            return [Approval(**row) for row in connection.execute(query).mappings()]
