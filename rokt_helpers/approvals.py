"""Four eyes: a plan sealed by one person and sent by another.

A habit that keeps slips from being sent, no fence: whoever may use the account's keys can call
himself anybody. Both names are kept. Of the plan itself the ledger keeps digests only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from rokt_helpers.clock import Clock
from rokt_helpers.deliver import Receipt, read_receipt
from rokt_helpers.errors import ContractError, GuardError, InputError
from rokt_helpers.ledger import Approval, Ledger, ListName
from rokt_helpers.plan import DeliveryPlan, plan_from, plan_to_keep
from rokt_helpers.settings import Settings

__all__ = ["ApprovalDesk"]

_KINDS_COVERED: Final = frozenset({"sha256", "email"})


class ApprovalDesk:
    """Keeps plans until somebody else releases them, for the account that the settings name."""

    def __init__(self, settings: Settings, ledger: Ledger, clock: Clock) -> None:
        self._settings = settings
        self._ledger = ledger
        self._clock = clock

    def refuse_unreleased(self, plan: DeliveryPlan) -> None:
        """Stop a plan for the live account that nobody else has seen, where that is asked for.

        Conversions as JSON are not covered: they put nobody on a list, and hold more than digests,
        so that they cannot be kept.
        """
        is_asked_for = self._settings.approval == "required" and self._settings.is_rokt_itself
        if is_asked_for and plan.identifier in _KINDS_COVERED:
            raise GuardError(
                "On the live account a plan is sent by a second person (ROKT_APPROVAL=required). "
                "Nothing was sent. Put it before the others: call again with --ask instead of "
                "--send, or workbench.ask_release(plan). Then somebody else sends it: "
                "rokt release.",
                guard="approval",
            )

    def ask(self, plan: DeliveryPlan) -> Approval:
        """Keep a plan until somebody else releases it; nothing is sent.

        The same plan asked for again is the one that waits already; one that expired waits anew.

        Raises
        ------
        InputError
            When it holds more than digests, or nothing; when it was released already.
        """
        plan.prove_seal()
        values = plan_to_keep(plan)
        known = self.all()
        for waiting in known:
            if waiting.status == "waiting" and waiting.fingerprint == plan.fingerprint:
                return waiting
        _refuse_released(known, plan)
        now, target = self._clock.now(), plan.target
        approval = Approval(
            approval_id=plan.plan_id,
            fingerprint=plan.fingerprint,
            profile=target.profile,
            account=target.account,
            list=target.list,
            action=target.action,
            via=target.via,
            mode=plan.mode,
            rows=plan.rows,
            status="waiting",
            asked_by=self._settings.person_name,
            asked_at=_iso(now),
            expires_at=_iso(now + timedelta(hours=self._settings.approval_hours)),
            plan=json.dumps(values),
        )
        people = ((batch.number, plan.identifiers(batch)) for batch in plan.batches)
        self._ledger.members.write(approval.members_id, people)
        self._ledger.approvals.put(approval)
        return approval

    def all(self) -> list[Approval]:
        """Return what was asked for, the last first; what has waited too long is let go of."""
        found, now = self._found(), _iso(self._clock.now())
        late = [a for a in found if _is_open(a) and a.expires_at <= now]
        for approval in late:
            self._let_go(approval)
        return self._found() if late else found

    def _found(self) -> list[Approval]:
        account = {"profile": self._settings.profile, "account": self._settings.account_id}
        return self._ledger.approvals.all(**account)

    def _let_go(self, approval: Approval) -> None:
        """Forget the people of a plan that has waited too long, or whose run came to no end."""
        free = self._ledger.try_lock(_lock_of(approval))
        if free is None:
            return  # it is being sent at this moment, and its people are read for that
        try:
            self._forget_people(approval)
        finally:
            free()

    def _forget_people(self, approval: Approval) -> None:
        became: dict[str, str] = {"status": "expired"}
        if self._ledger.run(approval.approval_id) is not None:
            became = {"run_id": approval.approval_id}
        self._ledger.approvals.change(approval.approval_id, **became)
        self._ledger.members.forget_run(approval.members_id)

    def find(self, start: str) -> Approval:
        """Return the one whose id begins so.

        Raises
        ------
        InputError
            When none does, or several do.
        """
        found = [approval for approval in self.all() if approval.approval_id.startswith(start)]
        if len(found) != 1:
            what = "No plan that was asked for begins" if not found else "Several plans begin"
            raise InputError(f"{what} with {start!r}. `rokt approvals --all` lists them.")
        return found[0]

    def plan(self, start: str) -> DeliveryPlan:
        """Return a plan as it was asked for, to be looked at.

        Raises
        ------
        GuardError
            When it has expired, its people are not kept any more, or it is not what was shown.
        """
        approval = self.find(start)
        people = self._ledger.members.path(approval.members_id)
        if people is None:
            raise GuardError(
                f"The plan asked for by {approval.asked_by} is not kept any more: it waited until "
                f"{approval.expires_at[:16]} UTC, or was sent. Ask anew. Nothing was sent.",
                guard="expired",
            )
        plan = plan_from(json.loads(approval.plan), pl.scan_parquet(people))
        try:
            plan.prove_seal()
        except ContractError:
            raise GuardError(
                "The plan is not what was shown any more: somebody in it was forgotten since, or "
                "what is kept of it was changed. Ask anew. Nothing was sent.",
                guard="seal",
            ) from None
        return plan

    def release(self, start: str, send: Callable[[DeliveryPlan], Receipt]) -> Receipt:
        """Let somebody else than who asked send a plan; again, and only the rest is sent.

        Raises
        ------
        GuardError
            When it is the same person; when it has expired, its seal does not fit, something else
            went to the list since, or somebody else is releasing it at this moment.
        """
        approval = self.find(start)
        free = self._ledger.try_lock(_lock_of(approval))
        if free is None:
            raise GuardError(
                "Somebody else is releasing this plan at this moment; rokt history shows its run.",
                guard="busy",
            )
        try:
            return self._release(self.find(start), send)
        finally:
            free()

    def _release(self, approval: Approval, send: Callable[[DeliveryPlan], Receipt]) -> Receipt:
        if approval.run_id is not None and self._ledger.run(approval.run_id) is not None:
            return read_receipt(self._ledger, approval.run_id)
        person = self._settings.person_name
        if _same(person, approval.asked_by):
            raise GuardError(
                f"This plan was asked for by {approval.asked_by}, who you are, too: a second "
                "person releases it. Who shares a login says so with ROKT_PERSON. Nothing was "
                "sent.",
                guard="same_person",
            )
        plan = self.plan(approval.approval_id)
        self._refuse_overtaken(plan)
        self._ledger.approvals.change(
            approval.approval_id,
            status="released",
            released_by=person,
            released_at=_iso(self._clock.now()),
        )
        receipt = send(plan)
        self._ledger.approvals.change(approval.approval_id, run_id=receipt.run_id)
        self._ledger.members.forget_run(approval.members_id)
        return receipt

    def _refuse_overtaken(self, plan: DeliveryPlan) -> None:
        target = plan.target
        last = self._ledger.last_run_on(ListName(target.account, target.purpose, target.list))
        own = last is not None and last.fingerprint == plan.fingerprint
        if not own and self._ledger.version_after(last) != plan.based_on:
            raise GuardError(
                f"Something else was delivered to {target} since this plan was asked for. Make it "
                "anew and ask again. Nothing was sent.",
                guard="overtaken",
            )


def _is_open(approval: Approval) -> bool:
    return approval.status != "expired" and approval.run_id is None


def _lock_of(approval: Approval) -> str:
    return f"release {approval.approval_id}"


def _refuse_released(known: list[Approval], plan: DeliveryPlan) -> None:
    for approval in known:
        if approval.approval_id == plan.plan_id and approval.status != "expired":
            raise InputError(
                f"This plan was released already: rokt release {plan.plan_id[:8]} shows what "
                "became of it, or sends the rest. To send the same once more, make the plan anew."
            )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
