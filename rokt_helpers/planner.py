"""Plans for one account: targets from its wires, what is known of a list from its ledger.

It sends nothing. Everything here is handed to :mod:`rokt_helpers.plan`, which compares, guards and
seals without knowing any of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace
from typing import Final, cast

from rokt_helpers import contract
from rokt_helpers.audience import Identifiers, PreparedAudience
from rokt_helpers.clock import Clock
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.errors import GuardError, InputError
from rokt_helpers.events import (
    Spelling,
    conversion_batches,
    legacy_event_lines,
    membership_batches,
    request_shown,
)
from rokt_helpers.ledger import Ledger, ListName, RunRecord, known_list, to_take_back
from rokt_helpers.plan import (
    AUDIENCE_WIRES,
    CONVERSION_WIRES,
    DeliveryPlan,
    KnownList,
    Limits,
    Purpose,
    Target,
    Via,
    Wish,
    make_conversions_plan,
    make_plan,
    make_undo,
)
from rokt_helpers.profiles import leaves_this_computer
from rokt_helpers.settings import Settings
from rokt_helpers.wires import Wires, spelling_of

__all__ = ["Planner"]

_INVERSE: Final[dict[str, contract.Action]] = {"include": "exclude", "exclude": "include"}
_CONVERSIONS: Final = "conversions"  # they go to no list; this stands where a list's name does


class Planner:
    """Seals plans for the account that the settings name."""

    def __init__(self, settings: Settings, wires: Wires, ledger: Ledger, clock: Clock) -> None:
        self._settings = settings
        self._wires = wires
        self._ledger = ledger
        self._clock = clock

    def audience(
        self,
        prepared: PreparedAudience,
        wish: Wish,
        *,
        list_name: str,
        action: contract.Action,
        via: Via,
    ) -> DeliveryPlan:
        """Seal people to be put on a list, or taken off it."""
        _refuse_wire(via, AUDIENCE_WIRES, "an audience")
        return self._people(prepared, wish, self._target(via, list_name, action))

    def conversions(
        self,
        prepared: PreparedAudience | PreparedConversions,
        *,
        via: Via | None,
        allow: Collection[str],
    ) -> DeliveryPlan:
        """Seal people who bought: as conversions, or as a column for the older SFTP's folder."""
        if isinstance(prepared, PreparedAudience):
            _refuse_wire(via, ("sftp",), "a column of people who bought")
            target = self._target("sftp", _CONVERSIONS, "include", "conversions")
            return self._people(prepared, Wish(allow=allow), target)
        via = via or "events"
        _refuse_wire(via, CONVERSION_WIRES, "conversions")
        target = self._target(via, _CONVERSIONS, "include", "conversions")
        plan = make_conversions_plan(
            self._conversion_lines(prepared, via),
            content="event" if via == "events-legacy" else "batch",
            target=target,
            limits=self._limits(target),
            plan_id=_new_id(),
            summary=prepared.summary,
            known=self._known(target),
            allow=allow,
        )
        return self._shown(plan)

    def _conversion_lines(self, prepared: PreparedConversions, via: Via) -> list[Identifiers]:
        if via == "events-legacy":
            return [legacy_event_lines(prepared)]
        # Files have no address of their own for what is old.
        now = round(self._clock.now().timestamp() * 1000) if via == "events" else 0
        spelling = self._spelling(via)
        return [*conversion_batches(prepared, spelling=spelling, now_unixtime_ms=now)]

    def _spelling(self, via: Via) -> Spelling:
        """Return how people are written; files know only the names of Rokt's connectors."""
        spelling = spelling_of(self._settings)
        return replace(spelling, identities="rokt") if via == "events-sftp" else spelling

    def _shown(self, plan: DeliveryPlan) -> DeliveryPlan:
        """Let a plan show its first request where that is more than a list of identifiers."""
        target = plan.target
        if not plan.batches or not target.via.startswith("events"):
            return plan
        first = plan.batches[0]
        whole_file = target.via == "events-sftp" and target.purpose == "conversions"
        lines = plan.identifiers(first if whole_file else replace(first, rows=1))
        if target.purpose == "audience":
            lines = membership_batches(
                lines,
                spelling=self._spelling(target.via),
                list_name=target.list,
                action=first.action,
                run=plan.plan_id,
            )
        shape = request_shown(lines, first.rows, via=target.via, account=target.account)
        return replace(plan, shape=shape)

    def keep_to_account(self, plan: DeliveryPlan) -> None:
        """Refuse a plan of another account: over SFTP its host alone would not give it away."""
        here = (self._settings.profile, self._settings.account_id)
        if (plan.target.profile, plan.target.account) != here:
            raise GuardError(
                f"The plan was sealed for account {plan.target.account} in the profile "
                f"{plan.target.profile}, and this workbench is open on another. Make a new plan. "
                "Nothing was sent.",
                guard="other_target",
            )

    def undo(self, run: RunRecord, *, allow: Collection[str]) -> DeliveryPlan:
        """Seal the inverse of a run, less the people whom other runs hold.

        Raises
        ------
        InputError
            When it was conversions, which nothing takes back.
        GuardError
            When the run went elsewhere than the wires lead to.
        """
        if run.purpose != "audience":
            raise InputError("Conversions cannot be taken back: Rokt knows no inverse.")
        target = self._target(cast("Via", run.via), run.list, _INVERSE[run.action])
        if (run.profile, run.account, run.host) != (target.profile, target.account, target.host):
            is_other_sandbox = (
                run.profile == target.profile
                and run.host != target.host
                and not leaves_this_computer(run.profile)
            )
            why = (
                f"to another sandbox, {run.host}. If that has ended, its lists are gone, and there "
                "is nothing to take back."
                if is_other_sandbox
                else f"to {run.host} for account {run.account} in the profile {run.profile}, and "
                "this workbench leads elsewhere. Open that one."
            )
            raise GuardError(f"Run {run.run_id} went {why} Nothing was sent.", guard="other_target")
        found = to_take_back(self._ledger, run, hosts=self._wires.hosts())
        plan = make_undo(
            found.people,
            target=target,
            limits=self._limits(target),
            plan_id=_new_id(),
            run_id=run.run_id,
            known=self._known(target),
            held=found.held,
            turned=found.turned,
            allow=allow,
        )
        return self._shown(plan)

    def _people(self, prepared: PreparedAudience, wish: Wish, target: Target) -> DeliveryPlan:
        plan = make_plan(
            prepared,
            target=target,
            limits=self._limits(target),
            plan_id=_new_id(),
            wish=wish,
            known=self._known(target),
        )
        return self._shown(plan)

    def _target(
        self, via: Via, list_name: str, action: contract.Action, purpose: Purpose = "audience"
    ) -> Target:
        return Target(
            profile=self._settings.profile,
            via=via,
            account=self._wires.account_for(via),
            host=self._wires.channel(via).host,
            list=list_name,
            action=action,
            purpose=purpose,
        )

    def _limits(self, target: Target) -> Limits:
        return self._wires.limits(target.via)

    def _known(self, target: Target) -> KnownList:
        name = ListName(target.account, target.purpose, target.list)
        return known_list(self._ledger, name, hosts=self._wires.hosts())


def _refuse_wire(via: Via | None, known: tuple[Via, ...], what: str) -> None:
    if via is not None and via not in known:
        raise InputError(f"For {what} via is {' or '.join(map(repr, known))}, not {via!r}.")


def _new_id() -> str:
    return str(uuid.uuid4())
