"""Learn from referrals: table in, table out, and sentences about both.

Law: pure functions. Every table adds up to the referrals it was made from, columns that name a
group stand left of ``referrals``, and what a person sees passes :func:`hide_small` first.

Tables in: ``referrals``, the tidy table of :meth:`Vault.read`; ``suppressions`` (``email_sha256``,
``list``, ``since``, ``until``); ``conversions`` (``email_sha256``, ``converted_at``, ``value``,
``currency``, ``conversiontype``, ``confirmationref``); ``customers`` (``email_sha256``, ``since``);
``gaps`` (``day``); ``files``, as :meth:`Vault.files` gives them. Digests are lower-case hex.
"""

from rokt_helpers.referrals.analysis.attribution import OUTCOMES, attribute, conversion_totals
from rokt_helpers.referrals.analysis.chance import HIGHER, LOWER, NOT_TOLD
from rokt_helpers.referrals.analysis.cohorts import cohorts
from rokt_helpers.referrals.analysis.conversion import (
    CONVERSION_LAGS,
    conversion_lags,
    conversion_rates,
    conversion_values,
    conversions_by_lag,
)
from rokt_helpers.referrals.analysis.cost import (
    QUANTILES,
    bid_quantiles,
    cost_over_time,
    volume_and_cost,
)
from rokt_helpers.referrals.analysis.customers import known_customers_by, new_and_known
from rokt_helpers.referrals.analysis.findings import findings
from rokt_helpers.referrals.analysis.groups import (
    by_age_band,
    by_audience,
    by_browser,
    by_campaign,
    by_country,
    by_creative,
    by_day,
    by_device,
    by_gender,
    by_hour,
    by_hour_and_weekday,
    by_segment,
    by_source,
    by_state,
    by_weekday,
    totals,
)
from rokt_helpers.referrals.analysis.leaks import (
    LEAK_LAGS,
    find_leaks,
    leak_totals,
    leaks_by_day,
    leaks_by_lag,
    leaks_by_list,
)
from rokt_helpers.referrals.analysis.periods import Period, compare_periods, cost_change
from rokt_helpers.referrals.analysis.quality import (
    column_changes,
    columns_filled,
    days_without_file,
    rows_delivered,
    sound_ids,
)
from rokt_helpers.referrals.analysis.repeats import (
    REPEAT_DAYS,
    days_between,
    repeat_counts,
    repeats_by,
)
from rokt_helpers.referrals.analysis.saving import (
    AVOIDABLE,
    FIRST_TIME,
    PERIODS,
    avoidable_cost,
    before_and_after,
    going_in,
    mark_avoidable,
)
from rokt_helpers.referrals.analysis.segments import AGE_BANDS, DEVICES, WEEKDAYS, segment
from rokt_helpers.referrals.analysis.small import FEWEST_PEOPLE, hide_small
from rokt_helpers.referrals.analysis.sums import NOT_GIVEN, OTHER, check_adds_up

__all__ = [
    "AGE_BANDS",
    "AVOIDABLE",
    "CONVERSION_LAGS",
    "DEVICES",
    "FEWEST_PEOPLE",
    "FIRST_TIME",
    "HIGHER",
    "LEAK_LAGS",
    "LOWER",
    "NOT_GIVEN",
    "NOT_TOLD",
    "OTHER",
    "OUTCOMES",
    "PERIODS",
    "QUANTILES",
    "REPEAT_DAYS",
    "WEEKDAYS",
    "Period",
    "attribute",
    "avoidable_cost",
    "before_and_after",
    "bid_quantiles",
    "by_age_band",
    "by_audience",
    "by_browser",
    "by_campaign",
    "by_country",
    "by_creative",
    "by_day",
    "by_device",
    "by_gender",
    "by_hour",
    "by_hour_and_weekday",
    "by_segment",
    "by_source",
    "by_state",
    "by_weekday",
    "check_adds_up",
    "cohorts",
    "column_changes",
    "columns_filled",
    "compare_periods",
    "conversion_lags",
    "conversion_rates",
    "conversion_totals",
    "conversion_values",
    "conversions_by_lag",
    "cost_change",
    "cost_over_time",
    "days_between",
    "days_without_file",
    "find_leaks",
    "findings",
    "going_in",
    "hide_small",
    "known_customers_by",
    "leak_totals",
    "leaks_by_day",
    "leaks_by_lag",
    "leaks_by_list",
    "mark_avoidable",
    "new_and_known",
    "repeat_counts",
    "repeats_by",
    "rows_delivered",
    "segment",
    "sound_ids",
    "totals",
    "volume_and_cost",
]  # fmt: skip
