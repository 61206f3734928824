"""What the ledger remembers: runs, receipts, who is on a list; and forgetting it."""

from __future__ import annotations

from datetime import datetime, timedelta

from rokt_helpers.clock import Clock
from rokt_helpers.deliver import Receipt, read_receipt
from rokt_helpers.deliver.opening import is_under_way, run_before
from rokt_helpers.errors import InputError
from rokt_helpers.forgetting import Forgotten, person_of
from rokt_helpers.ledger import (
    Ledger,
    ListName,
    PeopleOnList,
    RunRecord,
    lists_of_person,
    people_on,
)
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.referral_desk import ReferralDesk
from rokt_helpers.settings import Settings

__all__ = ["LookingBack"]


class LookingBack:
    """The half of a workbench that needs no wire."""

    settings: Settings
    clock: Clock
    desk: ReferralDesk
    _ledger: Ledger

    # --- runs ---------------------------------

    def history(self, limit: int | None = 100, *, list: str | None = None) -> list[RunRecord]:
        """Return the last runs, newest first, or all of them; of one list, where one is named."""
        if list is None:
            return self._ledger.runs(limit)
        name = ListName(self.settings.account_id, "audience", list)
        return self._ledger.runs_on(name)[:limit]

    def receipts(self, limit: int | None = 100, *, list: str | None = None) -> list[Receipt]:
        """Return the receipts of the last runs, newest first, or of all; of one list, if named."""
        return [self.receipt(run.run_id) for run in self.history(limit, list=list)]

    def run_id(self, start: str) -> str:
        """Return the id of the one run that begins so.

        Raises
        ------
        InputError
            When no run begins so, or several do.
        """
        found = [run.run_id for run in self._ledger.runs(None) if run.run_id.startswith(start)]
        if len(found) != 1:
            what = "No run begins" if not found else f"{len(found):,} runs begin"
            raise InputError(f"{what} with {start!r}. `rokt history` lists them.")
        return found[0]

    def is_under_way(self, run: RunRecord) -> bool:
        """Tell whether somebody is delivering to the list of a run at this moment."""
        return is_under_way(run.list_name, ledger=self._ledger)

    def receipt(self, run_id: str) -> Receipt:
        """Return the receipt of an earlier run.

        Raises
        ------
        InputError
            When the ledger has no such run.
        """
        try:
            return read_receipt(self._ledger, run_id)
        except LookupError:
            raise InputError(f"There is no run {run_id!r}. `rokt history` lists them.") from None

    def confirmed_before(self, plan: DeliveryPlan) -> list[str]:
        """Say how much of a plan an earlier run delivered, so that only the rest would go."""
        run = run_before(plan, self._ledger)
        done = self.receipt(run.run_id).rows_confirmed if run else 0
        if run is None or not done:
            return []
        rest = (
            f"only the other {plan.rows - done:,} would go" if done < plan.rows else "none is left"
        )
        return [f"{done:,} of these rows were confirmed by run {run.run_id[:8]}: {rest}."]

    # --- people -------------------------------

    def people_on(self, list: str, *, on: datetime | None = None) -> PeopleOnList:
        """Return who is on a list as far as this ledger made it, now or at a moment."""
        return people_on(self._ledger, ListName(self.settings.account_id, "audience", list), on)

    def lists_of(self, address: str) -> list[str]:
        """Return the lists that a person is on, as far as this ledger made them."""
        found = lists_of_person(self._ledger, self.settings.account_id, person_of(address))
        return [name.list for name in found]

    def forget_person(self, address: str) -> Forgotten:
        """Remove a person from the ledger and the vault of referrals, for every account here.

        No list at Rokt changes; a mirror or undo after this leaves the person as they are.
        """
        person = person_of(address)
        referrals = self.desk.forget_person(person.hex())
        runs = self._ledger.members.forget_person(person)
        return Forgotten(runs, referrals, self.desk.files_not_searched())

    def forget_runs(self, *, older_than_days: int) -> int:
        """Forget old runs and whom they named; return how many.

        They can no longer be undone or resumed, and for delta, mirror and the state of a list it
        is as if they had never been.
        """
        before = self.clock.now() - timedelta(days=older_than_days)
        return self._ledger.forget_runs(before)
