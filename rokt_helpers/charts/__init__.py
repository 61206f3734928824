"""Charts that need no browser and no network: table in, picture out."""

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

__all__ = [
    "Picture",
    "ageing_bars",
    "by_age_band",
    "by_state",
    "churn_bars",
    "conflicts_bar",
    "cost_by_audience",
    "list_picture",
    "overlap_bar",
    "reasons_bar",
    "referrals_by_day",
    "sums_bar",
    "table_html",
]
