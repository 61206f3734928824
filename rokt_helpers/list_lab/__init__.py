"""Lists side by side: what they share, what conflicts, who came and who went."""

from rokt_helpers.list_lab.comparing import ageing, churn, compare, conflicts, overlaps
from rokt_helpers.list_lab.comparisons import Churn, Comparison, Conflicts

__all__ = [
    "Churn", "Comparison", "Conflicts", "ageing", "churn", "compare", "conflicts", "overlaps",
]  # fmt: skip
