"""Months of runs at one look: what is usual, what is not, and the figures for a monitor."""

from rokt_helpers.watching.metrics import metrics_text, write_metrics
from rokt_helpers.watching.page import history_page
from rokt_helpers.watching.watched import LeftToExpire, Watched, watch

__all__ = ["LeftToExpire", "Watched", "history_page", "metrics_text", "watch", "write_metrics"]
