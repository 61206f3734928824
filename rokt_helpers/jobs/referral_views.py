"""The views of the referrals: each is drawn from the study, or says what to do first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from rokt_helpers.charts import Picture
from rokt_helpers.jobs.job import WorkbenchJob
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.referral_study import ReferralStudy

__all__ = ["NOTHING_COLLECTED", "ReferralViews"]

T = TypeVar("T")

NOTHING_COLLECTED: Final = Notice(
    "No referrals are collected yet. Use the form above; this place fills itself."
)
_NAME: Final = "above or in the settings: then this is answered."
_ASK: Final = {
    "customers": Notice(f"Choose a list of your customers, {_NAME}"),
    "purchases": Notice(f"Choose a file of purchases, {_NAME}"),
    "currency": Notice(f"Choose a file of purchases and the currency of your bid prices, {_NAME}"),
    "lists": Notice("Nothing was delivered to a list from here yet, so there is nothing to leak."),
    "weeks": Notice("There are fewer than two weeks of referrals, so no two can be compared."),
}


class ReferralViews(WorkbenchJob):
    """A job on referrals, with a view for every question that the study answers."""

    def study(self) -> ReferralStudy:
        """Return all that is known now."""
        raise NotImplementedError

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

    def _shown(self, draw: Callable[[ReferralStudy], T | None], missing: str = "") -> T | Notice:
        """Return what is drawn, or what to do first."""
        study = self.study()
        if study.referrals.is_empty():
            return NOTHING_COLLECTED
        drawn = draw(study)
        return _ASK[missing] if drawn is None else drawn
