"""What referrals are held against and how they are looked at: choices, and the tables they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from rokt_helpers.audience import prepare_audience
from rokt_helpers.conversions import prepare_conversions
from rokt_helpers.jobs.columns import load_mapping
from rokt_helpers.jobs.places import resolve
from rokt_helpers.referrals import analysis
from rokt_helpers.referrals.beside import conversions_of, customers_of
from rokt_helpers.workbench import Workbench

__all__ = ["Beside", "View", "customers_in", "delivered_lists", "named_in", "purchases_in"]

_ALL_RUNS: Final = 100_000


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


def customers_in(source: str) -> pl.DataFrame | None:
    """Return ``email_sha256`` of everybody on a list; None where none is named.

    Raises
    ------
    InputError
        When the list cannot be used.
    """
    return customers_of(prepare_audience(resolve(source))) if source else None


def purchases_in(source: str, *, mapping: str = "", time_zone: str = "") -> pl.DataFrame | None:
    """Return a file of purchases as :mod:`analysis` takes them; None where none is named.

    Raises
    ------
    InputError
        When the file or the mapping cannot be used.
    """
    if not source:
        return None
    prepared = prepare_conversions(
        resolve(source), mapping=load_mapping(mapping), time_zone=time_zone or None
    )
    return conversions_of(prepared)


def named_in(text: str) -> list[str]:
    """Return the names in a text that separates them by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def delivered_lists(workbench: Workbench) -> tuple[str, ...]:
    """Return the lists that this ledger delivered to, in their order by name."""
    here = ("audience", workbench.settings.account_id)
    runs = workbench.history(_ALL_RUNS)
    return tuple(sorted({run.list for run in runs if (run.purpose, run.account) == here}))
