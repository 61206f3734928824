"""Collect referrals and show what they say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import polars as pl

from rokt_helpers.audience import prepare_audience
from rokt_helpers.charts import Picture
from rokt_helpers.conversions import Mapping, prepare_conversions
from rokt_helpers.errors import InputError
from rokt_helpers.jobs.job import WorkbenchJob
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.places import resolve
from rokt_helpers.jobs.referral_report import referral_report
from rokt_helpers.jobs.referral_study import ReferralStudy
from rokt_helpers.progress import OnProgress
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.beside import conversions_of, customers_of
from rokt_helpers.referrals.collected import Collected
from rokt_helpers.referrals.inbox import delivered_files
from rokt_helpers.referrals.reading import Personal
from rokt_helpers.referrals.rhythm import Gap, find_gaps, in_words
from rokt_helpers.referrals.vault import Vault

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Beside", "ReferralsJob", "View"]

T = TypeVar("T")

_EMPTY: Final = Notice(
    "No referrals are collected yet. Use the form above; this place fills itself."
)
_ASK: Final = {
    "customers": Notice("Name a list of your customers in the settings, and this is answered."),
    "purchases": Notice("Name a file of purchases in the settings, and this is answered."),
    "lists": Notice("Nothing was delivered to a list from here yet, so there is nothing to leak."),
    "weeks": Notice("There are fewer than two weeks of referrals, so no two can be compared."),
    "currency": Notice("Name the currency of your bid prices and a file of purchases."),
}


@dataclass(frozen=True)
class Beside:
    """What is held beside the referrals.

    Attributes
    ----------
    customers
        A list of people who are customers already; empty asks nothing of them.
    purchases
        A file of purchases; empty asks nothing of them.
    mapping
        Which of its columns is what, as it was saved; empty recognises them.
    purchases_time_zone
        Of its times that name none.
    suppression_lists
        The lists that keep people from being shown an offer, separated by commas; empty means all
        lists that this ledger delivered to.
    """

    customers: str = ""
    purchases: str = ""
    mapping: str = ""
    purchases_time_zone: str = ""
    suppression_lists: str = ""


@dataclass(frozen=True)
class View:
    """How referrals are looked at.

    Attributes
    ----------
    currency
        Of the account's bid prices; Rokt's files do not say.
    time_zone
        Whose clock the referral files show; Rokt states none.
    days
        Only the last so many days are looked at; 0 is all of them.
    window_days
        A purchase later than this after the referral is not its doing.
    grace_hours
        How long the platform may need until a suppressed person is shown nothing more.
    fewest
        Groups of fewer people are folded into one, so that nobody can be recognised.
    """

    currency: str = ""
    time_zone: str = "UTC"
    days: int = 0
    window_days: float = 30.0
    grace_hours: float = 0.0
    fewest: int = analysis.FEWEST_PEOPLE


class ReferralsJob(WorkbenchJob):
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
        ``sandbox`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the sandbox.
    """

    def __init__(
        self,
        *,
        personal: Personal = "hash",
        beside: Beside | None = None,
        view: View | None = None,
        report: str = "",
        profile: str = "",
    ) -> None:
        super().__init__(profile)
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
        """Fetch the files that are new on every route, each once."""
        self.workbench.desk.take_over_pushed(personal=self.personal)
        self.collected = self.workbench.fetch_referrals(
            personal=self.personal, progress=progress, cancel=cancel
        )
        self.look_again()
        if self.report and not self.study().referrals.is_empty():
            self.write_report(self.report)
        return self.collected

    def look_again(self, *, beside: Beside | None = None, view: View | None = None) -> None:
        """Hold the referrals against other lists, or look at them otherwise."""
        self.beside = beside or self.beside
        self.view = view or self.view
        self._study = None
        self._tell_it_is_done()

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
            self._study = self._look()
        return self._study

    def _look(self) -> ReferralStudy:
        vault = self.workbench.desk.vault()
        return ReferralStudy(
            referrals=self._of_the_last_days(vault.read()),
            files=vault.files(),
            gaps=pl.DataFrame({"day": [gap.day for gap in self._gaps(vault)]}, {"day": pl.Date}),
            customers=self._customers(),
            conversions=self._conversions(),
            suppressions=self._suppressions(),
            currency=self.view.currency,
            time_zone=self.view.time_zone,
            window_days=self.view.window_days,
            grace_hours=self.view.grace_hours,
            fewest=self.view.fewest,
        )

    def _gaps(self, vault: Vault) -> list[Gap]:
        return find_gaps(
            delivered_files(vault),
            now=self._now(),
            retention_days=self.workbench.settings.referrals_retention_days,
        )

    def _now(self) -> datetime:
        return self.workbench.clock.now()

    def _of_the_last_days(self, kept: pl.DataFrame) -> pl.DataFrame:
        if not self.view.days:
            return kept
        day = pl.col("referred_at").dt.date()
        return kept.filter(day > day.max() - pl.duration(days=self.view.days))

    def _customers(self) -> pl.DataFrame | None:
        if not self.beside.customers:
            return None
        return customers_of(prepare_audience(resolve(self.beside.customers)))

    def _conversions(self) -> pl.DataFrame | None:
        if not self.beside.purchases:
            return None
        mapping = self.beside.mapping
        return conversions_of(
            prepare_conversions(
                resolve(self.beside.purchases),
                mapping=Mapping.load(resolve(mapping)) if mapping else None,
                time_zone=self.beside.purchases_time_zone or None,
            )
        )

    def _suppressions(self) -> pl.DataFrame | None:
        names = [name.strip() for name in self.beside.suppression_lists.split(",")]
        table = self.workbench.desk.suppressions([name for name in names if name])
        return table if len(table) else None

    # --- views --------------------------------

    def attention(self) -> Sentences | Notice:
        """Return what is to be done before something is lost."""
        said = []
        if self.collected is not None:
            said += [str(each) for each in self.collected.expiring]
        vault = self.workbench.desk.vault()
        said += in_words(self._gaps(vault), now=self._now())
        aside = vault.quarantined()
        said += [f"{row['name']} was set aside: {row['reason']}" for row in aside.to_dicts()]
        return Sentences(tuple(said)) if said else Notice("Nothing needs your attention.")

    def findings(self) -> Sentences | Notice:
        """Return what the tables show, in sentences."""
        return self._shown(lambda study: Sentences(tuple(study.findings())))

    def day_by_day(self) -> Picture | Notice:
        """Return referrals and cost by day, with the days for which no file came."""
        return self._shown(ReferralStudy.day_by_day)

    def cost_by_audience(self) -> Picture | Notice:
        """Return what each audience cost."""
        return self._shown(ReferralStudy.cost_by_audience)

    def by(self, segment: str) -> Picture | Notice:
        """Return referrals by campaign, ad_text, source, country, device, browser or another."""
        return self._shown(lambda study: study.by(segment))

    def by_state(self) -> Picture | Notice:
        """Return the states with the most referrals; the rest is one bar."""
        return self._shown(ReferralStudy.by_state)

    def by_age_band(self) -> Picture | Notice:
        """Return referrals by age."""
        return self._shown(ReferralStudy.by_age_band)

    def by_hour_and_weekday(self) -> Picture | Notice:
        """Return when referrals come."""
        return self._shown(ReferralStudy.by_hour_and_weekday)

    def bids(self) -> Picture | Notice:
        """Return how bid prices spread by audience."""
        return self._shown(ReferralStudy.bids)

    def last_week(self) -> Picture | Notice:
        """Return the last seven days beside the seven before."""
        return self._shown(ReferralStudy.last_week, "weeks")

    def why_the_cost_changed(self) -> Picture | Notice:
        """Return how much of last week's change in cost is volume, mix and price."""
        return self._shown(ReferralStudy.why_the_cost_changed, "weeks")

    def repeats(self) -> Picture | Notice:
        """Return how many people were referred how often."""
        return self._shown(ReferralStudy.repeats)

    def new_and_known(self) -> Picture | Notice:
        """Return what new people and known customers cost."""
        return self._shown(ReferralStudy.new_and_known, "customers")

    def known_by_audience(self) -> Picture | Notice:
        """Return where known customers were paid for."""
        return self._shown(ReferralStudy.known_by_audience, "customers")

    def leaks_by_list(self) -> Picture | Notice:
        """Return what people cost who were on a suppression list."""
        return self._shown(ReferralStudy.leaks_by_list, "lists")

    def leaks_by_lag(self) -> Picture | Notice:
        """Return how long after the upload leaks still came."""
        return self._shown(ReferralStudy.leaks_by_lag, "lists")

    def conversion_by(self, segment: str) -> Picture | Notice:
        """Return the rate of each group with its interval."""
        return self._shown(lambda study: study.conversion_by(segment), "purchases")

    def conversion_value(self, segment: str) -> Picture | Notice:
        """Return what conversions were worth for each 1.00 paid."""
        return self._shown(lambda study: study.conversion_value(segment), "currency")

    def conversions_by_lag(self) -> Picture | Notice:
        """Return how soon after a referral conversions came."""
        return self._shown(ReferralStudy.conversions_by_lag, "purchases")

    def cohorts(self) -> Picture | Notice:
        """Return which share of each week's new people had converted."""
        return self._shown(ReferralStudy.cohorts, "purchases")

    def rows_delivered(self) -> Picture | Notice:
        """Return what became of the delivered rows."""
        return self._shown(ReferralStudy.rows_delivered)

    def columns_filled(self) -> Picture | Notice:
        """Return how far each column is filled."""
        return self._shown(ReferralStudy.columns_filled)

    def write_report(self, path: str | Path) -> Path:
        """Write all of it as one HTML page that opens offline, readable by its owner only.

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
        self.written = report.write(Path(path).expanduser())
        return self.written

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.collected is None:
            return {"sentence": _EMPTY.text}
        study = self.study()
        return {
            "sentence": " ".join(self.collected.describe(now=self._now())),
            "collected": self.collected.as_dict(),
            "totals": _plain(analysis.totals(study.referrals)),
            "findings": study.findings() if len(study.referrals) else [],
            "report": str(self.written) if self.written else None,
        }

    def _shown(self, draw: Callable[[ReferralStudy], T | None], missing: str = "") -> T | Notice:
        """Return what is drawn, or what to do first."""
        study = self.study()
        if study.referrals.is_empty():
            return _EMPTY
        drawn = draw(study)
        return _ASK[missing] if drawn is None else drawn


def _plain(totals: dict[str, Any]) -> dict[str, Any]:
    """Return totals with days as text, ready for JSON."""
    return {
        name: value if isinstance(value, int | float | str | None) else str(value)
        for name, value in totals.items()
    }
