"""The composition root: settings to wires, ledger, vault; where it leads is chosen here.

Everything below works on whatever it is handed and does not know which of them it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rokt_helpers import contract
from rokt_helpers.approvals import ApprovalDesk
from rokt_helpers.audience import PreparedAudience
from rokt_helpers.channels.channel import Finding, Findings
from rokt_helpers.clock import Clock
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.deliver import Patience, Receipt, deliver, read_receipt
from rokt_helpers.deliver.opening import is_under_way
from rokt_helpers.deliver.pickup import look_for_pickups
from rokt_helpers.errors import InputError
from rokt_helpers.forgetting import Forgotten, person_of
from rokt_helpers.ledger import (
    Approval,
    ListName,
    PeopleOnList,
    RunRecord,
    lists_of_person,
    people_on,
)
from rokt_helpers.plan import UNNAMED_LIST, DeliveryPlan, Mode, Unnamed, Via, Wish
from rokt_helpers.planner import Planner
from rokt_helpers.profiles import place_in_words
from rokt_helpers.progress import OnProgress, StopSign
from rokt_helpers.referral_desk import ReferralDesk
from rokt_helpers.referrals.collected import Collected
from rokt_helpers.referrals.reading import Personal
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.settings import Settings, load_settings
from rokt_helpers.showing import sentences_html
from rokt_helpers.team import open_ledger, shared_storage
from rokt_helpers.wires import Wires

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Forgotten", "Workbench", "open_workbench"]


class Workbench:
    """One open account: plan, deliver, look back, collect. Close it, or use it in ``with``."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.brought_sandbox = False  # one of its own, which goes when it is closed
        self._open = ExitStack()
        shared = shared_storage(settings)
        self._ledger = open_ledger(settings, shared)
        self._open.callback(self._ledger.close)
        self._wires = Wires(settings, clock=self.clock)
        self._open.callback(self._wires.close)
        self.approvals = ApprovalDesk(settings, self._ledger, self.clock)
        self._planner = Planner(settings, self._wires, self._ledger, self.clock)
        self.desk = ReferralDesk(settings, self._wires, self._ledger, self.clock, shared=shared)

    @property
    def profile(self) -> str:
        """``sandbox``, ``staging`` or ``live``."""
        return self.settings.profile

    # --- delivering ---------------------------

    def plan(
        self,
        prepared: PreparedAudience,
        *,
        list: str = UNNAMED_LIST,
        action: contract.Action = "include",
        via: Via = "api",
        mode: Mode = "full",
        sample_rows: int | None = None,
        allow: Collection[str] = (),
    ) -> DeliveryPlan:
        """Seal what would be sent, and send nothing.

        Parameters
        ----------
        list
            The custom audience list; names are kept as they are, capitals too.
        action
            ``include`` puts people on the list, ``exclude`` takes them off it.
        via
            ``api`` (custom audience import), ``api-legacy`` (its first version, with an API key),
            ``sftp`` (files in the list's folder) or ``events`` (the Event and Audience API).
        mode
            ``full`` sends the whole prepared audience; ``delta`` only whom this ledger has not
            brought to that state already; ``mirror`` includes who is new and excludes whom this
            ledger included and who is no longer there.
        sample_rows
            Send only so many of the first rows, ahead; that does not count as the whole.
        allow
            Guards to pass, by name; :data:`rokt_helpers.plan.GUARDS` lists them.

        Raises
        ------
        SettingsError
            When the account or the wire is not set up.
        InputError, GuardError
            When a choice is unknown; when a guard stops it: the message says what to pass.
        """
        named = not isinstance(list, Unnamed)
        wish = Wish(mode=mode, allow=allow, sample_rows=sample_rows, names_list=named)
        return self._planner.audience(prepared, wish, list_name=str(list), action=action, via=via)

    def plan_conversions(
        self,
        prepared: PreparedAudience | PreparedConversions,
        *,
        via: Via | None = None,
        allow: Collection[str] = (),
    ) -> DeliveryPlan:
        """Seal people who bought, and send nothing.

        Parameters
        ----------
        via
            Of conversions: ``events`` (the Event and Audience API, where nothing is named),
            ``events-sftp`` (the newer SFTP) or ``events-legacy``. A column of people goes over
            ``sftp``, into the folder for conversions.

        Raises
        ------
        SettingsError, InputError, GuardError
            As for :meth:`plan`.
        """
        return self._planner.conversions(prepared, via=via, allow=allow)

    def plan_undo(self, run_id: str, *, allow: Collection[str] = ()) -> DeliveryPlan:
        """Seal the inverse of a run, less the people whom other runs own; send nothing.

        Raises
        ------
        InputError
            When there is no such run, or it was a file of conversions, which nothing takes back.
        GuardError
            When the run went elsewhere than this workbench leads to.
        """
        return self._planner.undo(self.receipt(run_id).run, allow=allow)

    def undo(
        self,
        run_id: str,
        *,
        allow: Collection[str] = (),
        progress: OnProgress | None = None,
    ) -> Receipt:
        """Take a run back: send the inverse, less the people whom other runs own."""
        return self.deliver(self.plan_undo(run_id, allow=allow), progress=progress)

    def deliver(
        self,
        plan: DeliveryPlan,
        *,
        progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> Receipt:
        """Send exactly the sealed plan; called again, send only what is not confirmed yet.

        Raises
        ------
        GuardError
            When this workbench does not lead to where the plan was sealed for, or a second person
            has to send it (:meth:`ask_release`).
        DeliveryError
            When a batch was not confirmed. Its ``receipt`` says what was.
        """
        self._planner.keep_to_account(plan)
        self.approvals.refuse_unreleased(plan)
        return self._send(plan, progress, cancel)

    def ask_release(self, plan: DeliveryPlan) -> Approval:
        """Keep a plan of digests until another person releases it; nothing is sent."""
        self._planner.keep_to_account(plan)
        return self.approvals.ask(plan)

    def release(
        self,
        approval_id: str,
        *,
        progress: OnProgress | None = None,
        cancel: threading.Event | None = None,
    ) -> Receipt:
        """Send exactly what another person asked for; called again, only what is not confirmed."""
        return self.approvals.release(approval_id, lambda plan: self._send(plan, progress, cancel))

    def _send(
        self, plan: DeliveryPlan, progress: OnProgress | None, cancel: threading.Event | None
    ) -> Receipt:
        return deliver(
            plan,
            channel=self._wires.channel(plan.target.via),
            ledger=self._ledger,
            clock=self.clock,
            patience=Patience(pickup_seconds=self.settings.pickup_seconds),
            progress=progress,
            cancel=cancel,
        )

    def history(self, limit: int | None = 100, *, list: str | None = None) -> list[RunRecord]:
        """Return the last runs, newest first, or all of them; of one list, where one is named."""
        if list is None:
            return self._ledger.runs(limit)
        name = ListName(self.settings.account_id, "audience", list)
        return self._ledger.runs_on(name)[:limit]

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

    def look_for_pickups(self, *, days: int = 14) -> None:
        """Look whether files that lay on the SFTP when their run ended were taken since."""
        if not self._wires.missing("sftp"):
            channel, now = self._wires.channel("sftp"), self.clock.now()
            look_for_pickups(self._ledger, channel, now=now, days=days)

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

    # --- looking back -------------------------

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

    # --- looking ------------------------------

    def check(self) -> Findings:
        """Prove credentials, host key and folders, and write nothing."""
        return Findings(finding for look in self.checks().values() for finding in look())

    def checks(self) -> dict[str, Callable[[], list[Finding]]]:
        """Return by name what :meth:`check` looks at, for whoever cannot wait for all of it."""
        return {**self._wires.checks(), "routes of referrals": self.desk.check}

    # --- referrals ----------------------------

    def fetch_referrals(
        self,
        *,
        personal: Personal = "hash",
        progress: OnProgress | None = None,
        cancel: StopSign | None = None,
    ) -> Collected:
        """Collect what is new on every route that is set up, each file once, into the vault.

        Parameters
        ----------
        personal
            ``hash`` keeps the digest of the e-mail address and drops every other column that
            names a person; ``mask`` keeps these masked; ``keep`` keeps them all.

        Raises
        ------
        SettingsError
            When no route is set up, or one only by half.
        DeliveryError
            When a route failed; the others were collected before.
        """
        return self.desk.fetch(personal=personal, progress=progress, cancel=cancel)

    def referrals(self) -> pd.DataFrame:
        """Return every collected referral, one a row, in the columns of the tidy table."""
        return self.referral_table().to_pandas()

    def referral_table(self) -> pl.DataFrame:
        """Return the same table for :mod:`rokt_helpers.referrals.analysis`, which wants Polars."""
        return self.desk.vault().read()

    def close(self) -> None:
        """Close the ledger and every connection."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        name = f" {self.settings.account}" if self.settings.account else ""
        return f"<Workbench {self.profile}, account{name} {self.settings.account_id or 'not set'}>"

    def _repr_html_(self) -> str:
        where = place_in_words(self.profile, self.settings.account_id or "not set")
        return sentences_html(where, [f"check() looks at: {', '.join(self.checks())}."])


def open_workbench(
    profile: str | None = None, *, account: str | None = None, **overrides: Any
) -> Workbench:
    """Open the workbench on an account.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; None takes ``ROKT_PROFILE``, and without it the
        sandbox. One that is not running yet is started and lives as long as the workbench is open.
    account
        One of several accounts, by the name of its file; None takes ``ROKT_ACCOUNT``, and without
        it the account of ``.env``.
    overrides
        Settings by field name, for programs; people set the environment.

    Raises
    ------
    SettingsError, GuardError
        When the settings cannot be used; when a sandbox is aimed at another machine.
    """
    settings = load_settings(profile, account=account, **overrides)
    if not settings.leaves_this_computer and not settings.api_url and not settings.sftp_host:
        return _embedded(settings, overrides)
    return Workbench(settings)


def _embedded(settings: Settings, overrides: dict[str, Any]) -> Workbench:
    """Start a sandbox of its own for a workbench that was opened without one."""
    with ExitStack() as running:
        sandbox = running.enter_context(Sandbox())
        fields = {
            name.removeprefix("ROKT_").lower(): value for name, value in sandbox.environment.items()
        }
        workbench = Workbench(
            load_settings(
                account=settings.account or None, **{**overrides, "home": settings.home, **fields}
            )
        )
        workbench._open.push(running.pop_all())  # noqa: SLF001  the one place that composes
        workbench.brought_sandbox = True
    return workbench
