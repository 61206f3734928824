"""Charts that need no browser and no network: table in, picture out."""

from rokt_helpers.charts.conversions import (
    attributes_bar,
    conversion_reasons_bar,
    sales_by_day,
)
from rokt_helpers.charts.drawings import (
    by_age_band,
    by_state,
    cost_by_audience,
    reasons_bar,
    referrals_by_day,
    sums_bar,
)
from rokt_helpers.charts.lists import (
    ageing_bars,
    churn_bars,
    conflicts_bar,
    list_picture,
    overlap_bar,
)
from rokt_helpers.charts.picture import Picture, table_html
from rokt_helpers.charts.referrals_conversion import (
    cohorts,
    conversion_lags,
    conversion_rates,
    conversion_values,
    conversions_by_lag,
)
from rokt_helpers.charts.referrals_cost import (
    bid_quantiles,
    cost_over_time,
    volume_and_cost,
)
from rokt_helpers.charts.referrals_groups import (
    by_hour_and_weekday,
    by_segment,
)
from rokt_helpers.charts.referrals_leaks import (
    leaks_by_day,
    leaks_by_lag,
    leaks_by_list,
)
from rokt_helpers.charts.referrals_people import (
    days_between,
    known_customers_by,
    new_and_known,
    repeat_counts,
    repeats_by,
)
from rokt_helpers.charts.referrals_periods import (
    compare_periods,
    cost_change,
)
from rokt_helpers.charts.referrals_quality import (
    columns_filled,
    rows_delivered,
    sound_ids,
)
from rokt_helpers.charts.saving import avoidable_cost, before_and_after, going_in

__all__ = [
    "Picture",
    "ageing_bars",
    "attributes_bar",
    "avoidable_cost",
    "before_and_after",
    "bid_quantiles",
    "by_age_band",
    "by_hour_and_weekday",
    "by_segment",
    "by_state",
    "churn_bars",
    "cohorts",
    "columns_filled",
    "compare_periods",
    "conflicts_bar",
    "conversion_lags",
    "conversion_rates",
    "conversion_reasons_bar",
    "conversion_values",
    "conversions_by_lag",
    "cost_by_audience",
    "cost_change",
    "cost_over_time",
    "days_between",
    "going_in",
    "known_customers_by",
    "leaks_by_day",
    "leaks_by_lag",
    "leaks_by_list",
    "list_picture",
    "new_and_known",
    "overlap_bar",
    "reasons_bar",
    "referrals_by_day",
    "repeat_counts",
    "repeats_by",
    "rows_delivered",
    "sales_by_day",
    "sound_ids",
    "sums_bar",
    "table_html",
    "volume_and_cost",
]
