"""Collect referrals, hold lists and purchases beside them, and write what they say as a report."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from rokt_helpers.errors import DeliveryError, InputError
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.places import reports_folder
from rokt_helpers.jobs.referral_beside import (
    Beside,
    View,
    customers_in,
    delivered_lists,
    named_in,
    purchases_in,
)
from rokt_helpers.jobs.referral_report import referral_report
from rokt_helpers.jobs.referral_study import ReferralStudy
from rokt_helpers.jobs.referral_views import NOTHING_COLLECTED, ReferralViews
from rokt_helpers.progress import OnProgress
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.collected import Collected
from rokt_helpers.referrals.inbox import delivered_files
from rokt_helpers.referrals.reading import Personal
from rokt_helpers.referrals.rhythm import Gap, find_gaps, in_words
from rokt_helpers.referrals.vault import Vault

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Beside", "ReferralsJob", "View"]

_MOST_EXPIRING: Final = 5  # the most urgent ones; the command line tells all of them


class ReferralsJob(ReferralViews):
    """Collects what is new and analyses all that is kept.

    Parameters
    ----------
    personal
        ``hash`` keeps digests only, ``mask`` keeps personal columns masked, ``keep`` keeps them.
    beside
        Customers, purchases and lists to hold the referrals against.
    view
        How they are looked at.
    report
        Where to write it all as one HTML page; empty writes none.
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        One of several accounts, by its name; empty takes ``ROKT_ACCOUNT``.
    """

    notebook = "40_referrals"

    def __init__(
        self,
        *,
        personal: Personal = "hash",
        beside: Beside | None = None,
        view: View | None = None,
        report: str = "",
        profile: str = "",
        account: str = "",
    ) -> None:
        super().__init__(profile, account)
        self.personal = personal
        self.beside = beside or Beside()
        self.view = view or View()
        self.report = report
        self.written: Path | None = None
        self.collected: Collected | None = None
        self._study: ReferralStudy | None = None

    def run(
        self, progress: OnProgress | None = None, cancel: threading.Event | None = None
    ) -> Collected:
        """Fetch the files that are new on every route, each once.

        Raises
        ------
        SettingsError, DeliveryError
            As for :meth:`Workbench.fetch_referrals`; what came before a route failed is shown.
        InputError
            When a list that was named cannot be used; what was collected is kept.
        """
        self.workbench.desk.take_over_pushed(personal=self.personal)
        try:
            self.collected = self.workbench.fetch_referrals(
                personal=self.personal, progress=progress, cancel=cancel
            )
        except DeliveryError:
            self.look_again()
            raise
        self.look_again()
        if self.report and not self.study().referrals.is_empty():
            self.write_report(self.report)
        return self.collected

    def look_again(self, *, beside: Beside | None = None, view: View | None = None) -> None:
        """Hold the referrals against other lists, or look at them otherwise.

        Raises
        ------
        InputError
            When a list that was named cannot be used; what was shown before stays.
        """
        beside, view = beside or self.beside, view or self.view
        self._study = self._look(beside, view)
        self.beside, self.view = beside, view
        self._tell_it_changed()

    # --- what is known ------------------------

    def referrals(self) -> pd.DataFrame:
        """Return every collected referral, one a row."""
        return self.workbench.referrals()

    def study(self) -> ReferralStudy:
        """Return all that is known now: referrals, files, and what is held beside them.

        Raises
        ------
        InputError
            When a list that was named cannot be used.
        """
        if self._study is None:
            self._study = self._look(self.beside, self.view)
        return self._study

    def lists(self) -> tuple[str, ...]:
        """Return the lists that this ledger delivered to, in their order by name."""
        return delivered_lists(self.workbench)

    def _look(self, beside: Beside, view: View) -> ReferralStudy:
        vault = self.workbench.desk.vault()
        suppressions = self.workbench.desk.suppressions(named_in(beside.suppression_lists))
        return ReferralStudy(
            referrals=_of_the_last_days(vault.read(), view.days),
            files=vault.files(),
            gaps=pl.DataFrame({"day": [gap.day for gap in self._gaps(vault)]}, {"day": pl.Date}),
            customers=customers_in(beside.customers),
            conversions=purchases_in(
                beside.purchases, mapping=beside.mapping, time_zone=beside.purchases_time_zone
            ),
            suppressions=suppressions if len(suppressions) else None,
            currency=view.currency,
            time_zone=view.time_zone,
            window_days=view.window_days,
            grace_hours=view.grace_hours,
            fewest=view.fewest,
        )

    def _gaps(self, vault: Vault) -> list[Gap]:
        return find_gaps(
            delivered_files(vault),
            now=self._now(),
            retention_days=self.workbench.settings.referrals_retention_days,
        )

    def _now(self) -> datetime:
        return self.workbench.clock.now()

    def _present(self) -> dict[str, Any]:
        own = {"personal": self.personal, "report": self.report, "profile": self.profile}
        own["account"] = self.account_name
        return vars(self.beside) | vars(self.view) | own

    # --- what is told -------------------------

    def attention(self) -> Sentences | Notice:
        """Return what is to be done before something is lost."""
        said = []
        if self.collected is not None:
            expiring = self.collected.expiring
            said += [str(each) for each in expiring[:_MOST_EXPIRING]]
            if len(expiring) > _MOST_EXPIRING:
                more = len(expiring) - _MOST_EXPIRING
                said.append(f"{more:,} more files were not collected, and will be removed later.")
        vault = self.workbench.desk.vault()
        said += in_words(self._gaps(vault), now=self._now())
        aside = vault.quarantined()
        said += [f"{row['name']} was set aside: {row['reason']}" for row in aside.to_dicts()]
        return Sentences(tuple(said)) if said else Notice("Nothing needs your attention.")

    def write_report(self, path: str | Path = "") -> Path:
        """Write all of it as one HTML page that opens offline, readable by its owner only.

        Parameters
        ----------
        path
            Where; without it ``reports/`` beside the inbox, named for the day. A page that lies
            there is replaced.

        Raises
        ------
        InputError
            When nothing is collected yet; when the folder cannot be written to.
        """
        study = self.study()
        if study.referrals.is_empty():
            raise InputError("No referrals are collected yet. Collect them with `rokt referrals`.")
        attention = self.attention()
        lines = attention.lines if isinstance(attention, Sentences) else ()
        report = referral_report(study, attention=lines, created_at=self._now())
        target = Path(path).expanduser() if path else self._usual_report()
        self.written = report.write(target)
        return self.written

    def _usual_report(self) -> Path:
        return reports_folder() / f"referrals-{self._now().date().isoformat()}.html"

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.collected is None:
            return {"sentence": NOTHING_COLLECTED.text}
        study = self.study()
        return {
            "sentence": " ".join(self.collected.describe(now=self._now())),
            "collected": self.collected.as_dict(),
            "totals": _plain(analysis.totals(study.referrals)),
            "findings": study.findings() if len(study.referrals) else [],
            "report": str(self.written) if self.written else None,
        }


def _of_the_last_days(kept: pl.DataFrame, days: int) -> pl.DataFrame:
    if not days:
        return kept
    day = pl.col("referred_at").dt.date()
    return kept.filter(day > day.max() - pl.duration(days=days))


def _plain(totals: dict[str, Any]) -> dict[str, Any]:
    """Return totals with days as text, ready for JSON."""
    return {
        name: value if isinstance(value, int | float | str | None) else str(value)
        for name, value in totals.items()
    }
