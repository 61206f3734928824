"""The parameters cells of the notebooks: names and defaults, for jobs that say how to run again.

A test holds them against the notebooks.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["CELLS"]

# Notebook → parameter → the default of its cell, in the cell's order.
CELLS: Final[dict[str, dict[str, Any]]] = {
    "10_prepare_audience": {
        "source": "inbox/sample_customers.csv", "column": "", "output": "sha256",
        "mixed": "refuse", "apply": "", "out": "", "run": False,
    },
    "15_hash_doctor": {
        "source": "inbox/hashed_list.csv", "column": "", "known": "", "run": False,
    },
    "16_list_lab": {
        "left": "inbox/newsletter_2026-11-01.csv", "right": "inbox/do_not_contact.csv",
        "mode": "overlap", "out": "", "history": "inbox/newsletter_*.csv", "run": False,
    },
    "18_spark": {
        "source": "inbox/sample_customers.csv", "column": "", "identifier": "email",
        "output": "sha256", "out": "", "spark_url": "", "run": False,
    },
    "20_deliver_audience": {
        "source": "inbox/sample_customers.csv", "column": "", "list": "AdvertiserDatabase",
        "action": "include", "via": "api", "mode": "full", "allow": "", "profile": "",
        "account": "", "run": False, "send": False,
    },
    "30_conversions": {
        "source": "inbox/sample_purchases.csv", "mapping": "", "time_zone": "", "date_order": "",
        "decimal": "", "conversiontype": "", "currency": "", "via": "events",
        "output": "sha256", "allow": "", "profile": "", "account": "", "run": False, "send": False,
    },
    "40_referrals": {
        "personal": "hash", "currency": "", "time_zone": "UTC", "days": 0, "customers": "",
        "purchases": "", "mapping": "", "purchases_time_zone": "", "suppression_lists": "",
        "window_days": 30.0, "grace_hours": 0.0, "fewest": 5, "report": "", "profile": "",
        "account": "", "run": False,
    },
    "45_close_the_loop": {
        "list": "", "days": 30, "purchases": "", "mapping": "", "purchases_time_zone": "",
        "via": "api", "mode": "delta", "allow": "", "currency": "", "time_zone": "UTC",
        "collect": True, "profile": "", "account": "", "run": False, "send": False,
    },
}  # fmt: skip
