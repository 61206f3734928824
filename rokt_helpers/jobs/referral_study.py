"""Everything that is known beside the referrals, and what it shows: tables, charts, sentences.

The law kept here: what a person sees has passed the charts, which fold groups that are too small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final

import polars as pl

from rokt_helpers import charts
from rokt_helpers.charts import Picture
from rokt_helpers.referrals import analysis

__all__ = ["ReferralStudy"]

_WEEK_DAYS: Final = 7


@dataclass(frozen=True)
class ReferralStudy:
    """What is known at one moment.

    Attributes
    ----------
    referrals, files
        The tidy table, and the files it came in.
    gaps
        ``day``: days for which no file came.
    customers, conversions, suppressions
        As :mod:`rokt_helpers.referrals.analysis` takes them; None where nobody said.
    currency
        Of the bid prices; empty where it is not known.
    time_zone
        Whose clock the files show.
    window_days
        A conversion later than this after the referral is not its doing.
    grace_hours
        How long the platform may need until a suppressed person is shown nothing more.
    fewest
        Groups of fewer people are folded.
    """

    referrals: pl.DataFrame = field(repr=False)
    files: pl.DataFrame = field(repr=False)
    gaps: pl.DataFrame = field(repr=False)
    customers: pl.DataFrame | None = field(default=None, repr=False)
    conversions: pl.DataFrame | None = field(default=None, repr=False)
    suppressions: pl.DataFrame | None = field(default=None, repr=False)
    currency: str = ""
    time_zone: str = "UTC"
    window_days: float = 30.0
    grace_hours: float = 0.0
    fewest: int = analysis.FEWEST_PEOPLE

    def findings(self) -> list[str]:
        """Return what the tables show, in sentences."""
        return analysis.findings(
            self.referrals,
            currency=self.currency,
            gaps=self.gaps,
            customers=self.customers,
            suppressions=self.suppressions,
            conversions=self.conversions,
            files=self.files,
            window_days=self.window_days,
            grace_hours=self.grace_hours,
            referral_time_zone=self.time_zone,
            fewest=self.fewest,
        )

    # --- volume and cost ----------------------

    def day_by_day(self) -> Picture:
        """Return referrals and cost by day, with the days for which no file came."""
        table = analysis.volume_and_cost(self.referrals, self.gaps)
        return charts.volume_and_cost(table, currency=self.currency)

    def by(self, segment: str, *, top: int | None = None) -> Picture:
        """Return referrals by what :func:`analysis.segment` takes, the busiest first."""
        table = analysis.by_segment(self.referrals, segment, top=top)
        return charts.by_segment(table, fewest=self.fewest)

    def cost_by_audience(self) -> Picture:
        """Return what each audience cost."""
        table = analysis.by_audience(self.referrals)
        return charts.cost_by_audience(table, currency=self.currency)

    def by_state(self) -> Picture:
        """Return the states with the most referrals."""
        return charts.by_state(analysis.by_state(self.referrals))

    def by_age_band(self) -> Picture:
        """Return referrals by age."""
        return charts.by_age_band(analysis.by_age_band(self.referrals))

    def by_hour_and_weekday(self) -> Picture:
        """Return when referrals come."""
        return charts.by_hour_and_weekday(analysis.by_hour_and_weekday(self.referrals))

    def bids(self) -> Picture:
        """Return how bid prices spread by audience."""
        table = analysis.bid_quantiles(self.referrals, "audience")
        return charts.bid_quantiles(table, currency=self.currency, fewest=self.fewest)

    def last_week(self) -> Picture | None:
        """Return the last seven days beside the seven before; None where there are fewer days."""
        periods = self._periods()
        if periods is None:
            return None
        table = analysis.compare_periods(self.referrals, *periods, attributed=self._attributed)
        return charts.compare_periods(table, currency=self.currency)

    def why_the_cost_changed(self) -> Picture | None:
        """Return how much of last week's change in cost is volume, mix and price."""
        periods = self._periods()
        if periods is None:
            return None
        table = analysis.cost_change(self.referrals, *periods)
        return charts.cost_change(table, currency=self.currency, fewest=self.fewest)

    def _periods(self) -> tuple[analysis.Period, analysis.Period] | None:
        last = analysis.totals(self.referrals)["last_day"]
        first = analysis.totals(self.referrals)["first_day"]
        if last is None or (last - first).days + 1 < 2 * _WEEK_DAYS:
            return None
        begins = last - timedelta(days=_WEEK_DAYS - 1)
        before = begins - timedelta(days=_WEEK_DAYS), begins - timedelta(days=1)
        return before, (begins, last)

    # --- people -------------------------------

    def repeats(self) -> Picture:
        """Return how many people were referred how often."""
        table = analysis.repeat_counts(self.referrals)
        return charts.repeat_counts(table, currency=self.currency, fewest=self.fewest)

    def new_and_known(self) -> Picture | None:
        """Return what new people and known customers cost; None without a list of customers."""
        if self.customers is None:
            return None
        table = analysis.new_and_known(
            self.referrals, self.customers, referral_time_zone=self.time_zone
        )
        return charts.new_and_known(table, currency=self.currency, fewest=self.fewest)

    def known_by_audience(self) -> Picture | None:
        """Return where known customers were paid for; None without a list of customers."""
        if self.customers is None:
            return None
        table = analysis.known_customers_by(
            self.referrals, self.customers, "audience", referral_time_zone=self.time_zone
        )
        return charts.known_customers_by(table, currency=self.currency, fewest=self.fewest)

    def leaks_by_list(self) -> Picture | None:
        """Return what people cost who were on a suppression list; None where none is known."""
        if self._leaks is None:
            return None
        table = analysis.leaks_by_list(self._leaks)
        return charts.leaks_by_list(table, currency=self.currency, fewest=self.fewest)

    def leaks_by_lag(self) -> Picture | None:
        """Return how long after the upload leaks still came; None where no list is known."""
        if self._leaks is None:
            return None
        return charts.leaks_by_lag(analysis.leaks_by_lag(self._leaks), fewest=self.fewest)

    @cached_property
    def _leaks(self) -> pl.DataFrame | None:
        if self.suppressions is None:
            return None
        return analysis.find_leaks(
            self.referrals,
            self.suppressions,
            grace_hours=self.grace_hours,
            referral_time_zone=self.time_zone,
        )

    # --- conversions --------------------------

    def conversion_by(self, segment: str) -> Picture | None:
        """Return the rate of each group with its interval; None without purchases."""
        if self._attributed is None:
            return None
        table = analysis.conversion_rates(self.referrals, self._attributed, segment)
        return charts.conversion_rates(table, fewest=self.fewest)

    def conversion_value(self, segment: str) -> Picture | None:
        """Return what conversions were worth for each 1.00 paid; None without purchases."""
        if self._attributed is None or not self.currency:
            return None
        table = analysis.conversion_values(
            self.referrals, self._attributed, segment, currency=self.currency
        )
        return charts.conversion_values(table, currency=self.currency, fewest=self.fewest)

    def conversions_by_lag(self) -> Picture | None:
        """Return how soon after a referral conversions came; None without purchases."""
        if self._attributed is None:
            return None
        return charts.conversions_by_lag(analysis.conversions_by_lag(self._attributed))

    def cohorts(self) -> Picture | None:
        """Return which share of each week's new people had converted; None without purchases."""
        if self.conversions is None:
            return None
        table = analysis.cohorts(
            self.referrals,
            self.conversions,
            currency=self.currency,
            referral_time_zone=self.time_zone,
        )
        return charts.cohorts(table, fewest=self.fewest)

    @cached_property
    def _attributed(self) -> pl.DataFrame | None:
        if self.conversions is None:
            return None
        return analysis.attribute(
            self.referrals,
            self.conversions,
            window_days=self.window_days,
            referral_time_zone=self.time_zone,
        )

    # --- quality ------------------------------

    def columns_filled(self) -> Picture:
        """Return how far each column is filled."""
        return charts.columns_filled(analysis.columns_filled(self.referrals))

    def rows_delivered(self) -> Picture:
        """Return what became of the delivered rows."""
        return charts.rows_delivered(analysis.rows_delivered(self.files))
