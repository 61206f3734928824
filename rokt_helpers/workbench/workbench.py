"""One open account: its wires, its ledger and its vault behind the verbs that people use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rokt_helpers import contract
from rokt_helpers.approvals import ApprovalDesk
from rokt_helpers.audience import PreparedAudience
from rokt_helpers.channels.channel import Finding, Findings
from rokt_helpers.clock import Clock
from rokt_helpers.conversions import PreparedConversions
from rokt_helpers.deliver import Patience, Receipt, deliver
from rokt_helpers.deliver.pickup import look_for_pickups
from rokt_helpers.errors import InputError
from rokt_helpers.ledger import Approval
from rokt_helpers.plan import UNNAMED_LIST, DeliveryPlan, Mode, Unnamed, Via, Wish
from rokt_helpers.planner import Planner
from rokt_helpers.profiles import place_in_words
from rokt_helpers.progress import OnProgress, StopSign
from rokt_helpers.referral_desk import ReferralDesk
from rokt_helpers.referrals.collected import Collected
from rokt_helpers.referrals.reading import Personal
from rokt_helpers.settings import Settings
from rokt_helpers.showing import sentences_html
from rokt_helpers.team import open_ledger, shared_storage
from rokt_helpers.wires import Wires
from rokt_helpers.workbench.looking_back import LookingBack

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Workbench"]


class Workbench(LookingBack):
    """One open account: plan, deliver, look back, collect. Close it, or use it in ``with``."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.brought_sandbox = False  # one of its own, which goes when it is closed
        self._is_closed = False
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
            The guard to pass, or several, by name; :data:`rokt_helpers.plan.GUARDS` lists them.

        Raises
        ------
        SettingsError
            When the account or the wire is not set up.
        InputError, GuardError
            When a choice is unknown; when a guard stops it: the message says what to pass.
        """
        self._need_open()
        _check_audience(prepared)
        named = not isinstance(list, Unnamed)
        wish = Wish(mode=mode, allow=_guards(allow), sample_rows=sample_rows, names_list=named)
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
        self._need_open()
        _check_conversions(prepared)
        return self._planner.conversions(prepared, via=via, allow=_guards(allow))

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
        self._need_open()
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

    def look_for_pickups(self, *, days: int = 14) -> None:
        """Look whether files that lay on the SFTP when their run ended were taken since."""
        if not self._wires.missing("sftp"):
            channel, now = self._wires.channel("sftp"), self.clock.now()
            look_for_pickups(self._ledger, channel, now=now, days=days)

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
        self._is_closed = True
        self._open.close()

    def _need_open(self) -> None:
        if self._is_closed:
            raise InputError("This workbench is closed; open it again: open_workbench().")

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


def _guards(allow: Collection[str]) -> Collection[str]:
    """Take one name as it is; as a collection it would be its letters."""
    return (allow,) if isinstance(allow, str) else allow


def _check_audience(prepared: object) -> None:
    if isinstance(prepared, PreparedConversions):
        raise InputError("These are conversions, which go on no list: use plan_conversions().")
    if not isinstance(prepared, PreparedAudience):
        raise InputError(
            f"plan() takes what prepare_audience() returned, not a {type(prepared).__name__}: "
            "plan(prepare_audience(source), list=…)."
        )


def _check_conversions(prepared: object) -> None:
    if not isinstance(prepared, PreparedAudience | PreparedConversions):
        raise InputError(
            "plan_conversions() takes what prepare_conversions() or prepare_audience() returned, "
            f"not a {type(prepared).__name__}: plan_conversions(prepare_conversions(source))."
        )
