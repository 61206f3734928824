"""Collect referrals and show what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from rokt_helpers import charts
from rokt_helpers.charts import Picture
from rokt_helpers.jobs.job import WorkbenchJob
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.progress import OnProgress
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.inbox import Collected
from rokt_helpers.workbench import Personal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReferralsJob"]

_EMPTY = Notice("No referrals are collected yet. Use the form above; this place fills itself.")


class ReferralsJob(WorkbenchJob):
    """Collects what is new and analyses all that is kept.

    Parameters
    ----------
    personal
        ``hash`` keeps digests only, ``keep`` every column that names a person.
    currency
        Of the account's bid prices; Rokt's files do not say.
    profile
        ``sandbox`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the sandbox.
    """

    def __init__(
        self, *, personal: Personal = "hash", currency: str = "", profile: str = ""
    ) -> None:
        super().__init__(profile)
        self.personal = personal
        self.currency = currency
        self.collected: Collected | None = None

    def run(self, progress: OnProgress | None = None) -> Collected:
        """Fetch the files that are new, each once."""
        self.collected = self.workbench.fetch_referrals(personal=self.personal, progress=progress)
        self._tell_it_is_done()
        return self.collected

    # --- views --------------------------------

    def referrals(self) -> pd.DataFrame:
        """Return every collected referral, one a row."""
        return self.workbench.referrals()

    def findings(self) -> Sentences | Notice:
        """Return what the tables show, in sentences."""
        kept = self._kept()
        if not len(kept):
            return _EMPTY
        return Sentences(tuple(analysis.findings(kept, currency=self.currency)))

    def by_day(self) -> Picture | Notice:
        """Return referrals a day."""
        return self._picture(lambda kept: charts.referrals_by_day(analysis.by_day(kept)))

    def cost_by_audience(self) -> Picture | Notice:
        """Return what each audience cost."""
        return self._picture(
            lambda kept: charts.cost_by_audience(analysis.by_audience(kept), currency=self.currency)
        )

    def by_state(self) -> Picture | Notice:
        """Return the states with the most referrals; the rest is one bar."""
        return self._picture(lambda kept: charts.by_state(analysis.by_state(kept)))

    def by_age_band(self) -> Picture | Notice:
        """Return referrals by age."""
        return self._picture(lambda kept: charts.by_age_band(analysis.by_age_band(kept)))

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.collected is None:
            return {"sentence": _EMPTY.text}
        kept = self._kept()
        return {
            "sentence": " ".join(self.collected.describe()),
            "collected": self.collected.as_dict(),
            "totals": _plain(analysis.totals(kept)),
            "findings": analysis.findings(kept, currency=self.currency) if len(kept) else [],
        }

    def _kept(self) -> pl.DataFrame:
        return self.workbench.referral_table()

    def _picture(self, draw: Callable[[pl.DataFrame], Picture]) -> Picture | Notice:
        kept = self._kept()
        return draw(kept) if len(kept) else _EMPTY


def _plain(totals: dict[str, Any]) -> dict[str, Any]:
    """Return totals with days as text, ready for JSON."""
    return {
        name: value if isinstance(value, int | float | str | None) else str(value)
        for name, value in totals.items()
    }
