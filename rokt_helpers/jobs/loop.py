"""Yesterday's referrals and converters become tomorrow's suppression, and the saving is measured.

Law: without ``send`` nothing is sent; the saving is read off what was delivered and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import polars as pl

from rokt_helpers import charts
from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.charts import Picture
from rokt_helpers.charts.picture import as_polars
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import Cancelled, InputError
from rokt_helpers.jobs.job import DeliveringJob
from rokt_helpers.jobs.notice import Notice
from rokt_helpers.jobs.referral_beside import delivered_lists, named_in, purchases_in
from rokt_helpers.plan import DeliveryPlan, Mode, Via
from rokt_helpers.progress import OnProgress
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.collected import Collected

__all__ = ["LoopJob"]

_MODES: Final = ("delta", "full", "mirror")
_FIRST: Final = Notice("There is no plan yet. Use the form above; this place fills itself.")
_NEW_LIST: Final = Notice(
    "The list was never delivered to before, so nothing can be compared yet. Come back when there "
    "are referrals from before its first delivery and since."
)
_TOO_SOON: Final = Notice(
    "There are too few referrals from before the list's first delivery, or since, to compare them."
)
_NOBODY: Final = (
    "Nobody was referred in that time and no purchase was named, so nobody is to go on the list. "
    "Collect referrals, or let them count for more days."
)


class LoopJob(DeliveringJob):
    """Keeps one suppression list up to date with who was referred and who bought.

    Parameters
    ----------
    list
        The suppression list. It has to be named: Rokt's default list is none.
    days
        How far back a referral counts.
    purchases, mapping, purchases_time_zone
        A file of people who bought; empty leaves them out. Its columns, and the zone of its times,
        as for reporting conversions.
    via, mode
        As for :meth:`Workbench.plan`; ``delta`` sends only who is new on the list.
    allow
        Guards to pass, separated by commas.
    currency
        Of the bid prices.
    time_zone
        Whose clock the referral files show.
    collect
        Fetch the referral files that are new, first.
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        One of several accounts, by its name; empty takes ``ROKT_ACCOUNT``.

    Raises
    ------
    InputError
        When ``via`` or ``mode`` is not one of those there are.
    """

    notebook = "45_close_the_loop"

    def __init__(
        self,
        *,
        list: str = "",
        days: int = 30,
        purchases: str = "",
        mapping: str = "",
        purchases_time_zone: str = "",
        via: Via = "api",
        mode: Mode = "delta",
        allow: str = "",
        currency: str = "",
        time_zone: str = "UTC",
        collect: bool = True,
        profile: str = "",
        account: str = "",
    ) -> None:
        super().__init__(profile, account)
        _check_choice("via", via, get_args(Via))
        _check_choice("mode", mode, _MODES)
        self.list = list
        self.days = days
        self.purchases = purchases
        self.mapping = mapping
        self.purchases_time_zone = purchases_time_zone
        self.via = via
        self.mode = mode
        self.allow = allow
        self.currency = currency
        self.time_zone = time_zone
        self.collect = collect
        self.collected: Collected | None = None
        self._parts: pl.DataFrame | None = None
        self._marked: pl.DataFrame | None = None

    # --- planning and sending -----------------

    def make_plan(
        self, progress: OnProgress | None = None, cancel: threading.Event | None = None
    ) -> DeliveryPlan:
        """Collect, put those who were referred and those who bought together, and seal the plan.

        Raises
        ------
        InputError, GuardError
            When no list is named, nobody is to go on it, or the purchases cannot be used; when a
            guard stops the plan.
        Cancelled
            When ``cancel`` was set while files were collected; those that came are kept.
        """
        if not self.list.strip():
            raise InputError("Name the suppression list, such as ReferredOrBought.")
        if self.days < 1:
            raise InputError("Let referrals count for 1 day at least.")
        self.plan = self.receipt = self._parts = self._marked = None
        try:
            self._collect(progress, cancel)
            sold = purchases_in(
                self.purchases, mapping=self.mapping, time_zone=self.purchases_time_zone
            )
            people = self._people(sold)
            self._marked = analysis.mark_avoidable(
                self.workbench.referral_table(),
                sold,
                days=self.days,
                referral_time_zone=self.time_zone,
            )
            self.plan = self.workbench.plan(
                people,
                list=self.list,
                action="include",
                via=self.via,
                mode=self.mode,
                allow=named_in(self.allow),
            )
        finally:
            self._tell_it_changed()
        return self.plan

    def _collect(self, progress: OnProgress | None, cancel: threading.Event | None) -> None:
        if not self.collect:
            return
        self.workbench.desk.take_over_pushed()
        self.collected = self.workbench.fetch_referrals(progress=progress, cancel=cancel)
        if self.collected.cancelled:
            raise Cancelled("Stopped while files were collected. Nothing was planned or sent.")

    def _people(self, sold: pl.DataFrame | None) -> PreparedAudience:
        """Return everybody who belongs on the list, and keep how many came which way."""
        referred, bought = self._referred(), _nobody()
        if sold is not None:
            bought = sold["email_sha256"].drop_nulls().unique().alias("sha256")
        everybody = pl.concat([referred, bought]).unique().sort().to_frame()
        if everybody.is_empty():
            raise InputError(_NOBODY)
        there = self.workbench.people_on(self.list).digests
        self._parts = analysis.going_in(referred, bought, there)
        return prepare_audience(everybody, column="sha256")

    def _referred(self) -> pl.Series:
        try:
            return self.workbench.desk.people(days=self.days).identifiers
        except InputError:  # nobody was referred: those who bought may go on the list alone
            return _nobody()

    def run(self, *, send: bool) -> DeliveryPlan:
        """Make the plan and, where ``send`` is true, deliver it; return the plan."""
        plan = self.make_plan()
        if send and plan.rows:
            self.send()
        return plan

    # --- views --------------------------------

    def going_in(self) -> Picture | Notice:
        """Return who belongs on the list: referred, bought, or both, and how many are new on it."""
        return _FIRST if self._parts is None else charts.going_in(self._parts)

    def show_plan(self) -> DeliveryPlan | Notice:
        """Return the plan in words, with the first request masked."""
        return self.plan or _FIRST

    def show_receipt(self) -> Receipt | Notice:
        """Return the receipt, batch by batch."""
        return self.receipt or self.no_receipt(_FIRST)

    def saving(self) -> Picture | Notice:
        """Return what people who were referred or had bought before cost in the last days."""
        table = self._avoidable()
        if table is None:
            return _FIRST
        return charts.avoidable_cost(table, days=self.days, currency=self.currency)

    def before_and_after(self) -> Picture | Notice:
        """Return how many of 1,000 referrals the list could spare, before it was and since."""
        if self._marked is None:
            return _FIRST
        table = self._compared(self._marked)
        if table is None:
            return _NEW_LIST
        return charts.before_and_after(table, currency=self.currency) or _TOO_SOON

    def _avoidable(self) -> pl.DataFrame | None:
        """Return what could have been spared of the referrals of the last days."""
        if self._marked is None:
            return None
        since = self.workbench.clock.now().replace(tzinfo=None) - timedelta(days=self.days)
        return analysis.avoidable_cost(self._marked.filter(pl.col("referred_at") >= since))

    def _compared(self, marked: pl.DataFrame) -> pl.DataFrame | None:
        if self.list not in delivered_lists(self.workbench):
            return None
        times = self.workbench.desk.suppressions([self.list])
        first = times["since"].min()
        if not isinstance(first, datetime):
            return None
        zone = self.time_zone
        leaks = analysis.find_leaks(marked, times, referral_time_zone=zone)
        return analysis.before_and_after(marked, leaks, first, referral_time_zone=zone)

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.plan is None:
            return {"sentence": _FIRST.text}
        saving, compared = self.saving(), self.before_and_after()
        told = [saving, *([compared] if isinstance(compared, Picture) else [])]
        titles = [f"{each.title}." for each in told if isinstance(each, Picture)]
        return {
            "sentence": " ".join([self._what_was_done(), *titles]),
            "collected": self.collected.as_dict() if self.collected else None,
            "going_in": self._parts.to_dicts() if self._parts is not None else [],
            "saving": _rows(saving),
            "before_and_after": _rows(compared),
            "plan": self.plan.to_dict(),
            "sent": self.receipt is not None,
            "receipt": self.receipt.to_dict() if self.receipt else None,
        }

    def _what_was_done(self) -> str:
        if self.receipt is not None:
            return self.receipt.describe()
        if self.plan is None or not self.plan.rows:
            return "Nobody is new on the list; nothing was to be sent."
        return f"{self.plan.rows:,} people planned for the list; nothing was sent."


def _check_choice(name: str, given: str, known: Collection[str]) -> None:
    if given not in known:
        raise InputError(f"{name} is {' or '.join(map(repr, known))}, not {given!r}.")


def _nobody() -> pl.Series:
    return pl.Series("sha256", dtype=pl.String)


def _rows(picture: Picture | Notice) -> list[dict[str, Any]]:
    return as_polars(picture.table).to_dicts() if isinstance(picture, Picture) else []
