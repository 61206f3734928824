"""Plans for one account: targets from its wires, what is known of a list from its ledger.

It sends nothing. Everything here is handed to :mod:`rokt_helpers.plan`, which compares, guards and
seals without knowing any of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Final, cast

from rokt_helpers import contract
from rokt_helpers.audience import PreparedAudience
from rokt_helpers.clock import Clock
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.errors import GuardError, InputError
from rokt_helpers.events import conversion_batches
from rokt_helpers.ledger import Ledger, ListName, RunRecord, known_list, to_take_back
from rokt_helpers.plan import (
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
from rokt_helpers.settings import Settings
from rokt_helpers.wires import Wires

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
        return self._people(prepared, wish, self._target(via, list_name, action))

    def conversions(
        self, prepared: PreparedAudience | PreparedConversions, *, allow: Collection[str]
    ) -> DeliveryPlan:
        """Seal people who bought: as conversions, or as a column for the SFTP's folder."""
        if isinstance(prepared, PreparedAudience):
            target = self._target("sftp", _CONVERSIONS, "include", "conversions")
            return self._people(prepared, Wish(allow=allow), target)
        target = self._target("events", _CONVERSIONS, "include", "conversions")
        batches = conversion_batches(
            prepared,
            environment=self._settings.events_environment,
            now_unixtime_ms=round(self._clock.now().timestamp() * 1000),
        )
        return make_conversions_plan(
            batches,
            target=target,
            limits=self._limits(target),
            plan_id=_new_id(),
            summary=prepared.summary,
            known=self._known(target),
            allow=allow,
        )

    def undo(self, run: RunRecord, *, allow: Collection[str]) -> DeliveryPlan:
        """Seal the inverse of a run, less the people whom other runs own.

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
            raise GuardError(
                f"Run {run.run_id} went to {run.host} for account {run.account}, and this "
                "workbench leads elsewhere. Open that one. Nothing was sent.",
                guard="other_target",
            )
        return make_undo(
            to_take_back(self._ledger, run),
            target=target,
            limits=self._limits(target),
            plan_id=_new_id(),
            run_id=run.run_id,
            known=self._known(target),
            allow=allow,
        )

    def _people(self, prepared: PreparedAudience, wish: Wish, target: Target) -> DeliveryPlan:
        return make_plan(
            prepared,
            target=target,
            limits=self._limits(target),
            plan_id=_new_id(),
            wish=wish,
            known=self._known(target),
        )

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


def _new_id() -> str:
    return str(uuid.uuid4())
