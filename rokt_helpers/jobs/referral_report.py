"""What the referrals show as one HTML page for a meeting: it opens offline and prints well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rokt_helpers.charts import Picture
from rokt_helpers.jobs.referral_study import ReferralStudy
from rokt_helpers.referrals import analysis
from rokt_helpers.report import KeyFigure, Report

__all__ = ["referral_report"]


def referral_report(
    study: ReferralStudy, *, attention: Sequence[str], created_at: datetime
) -> Report:
    """Return the page: what needs attention, the findings, and a section for each question.

    A question that nothing is known for (no purchases, no customers) has no section. Nobody is on
    the page: groups of few people are folded, and there are no rows.
    """
    figures = analysis.totals(study.referrals)
    report = Report(
        "Referrals",
        f"{figures['first_day']} to {figures['last_day']}",
        created_at=created_at,
    )
    report.section("At a glance", *_figures(study), study.findings())
    if attention:
        report.section("Needs attention", list(attention))
    for heading, text, pictures in _sections(study):
        drawn = [picture for picture in pictures if picture is not None]
        if drawn:
            report.section(heading, text, *drawn)
    return report


def _figures(study: ReferralStudy) -> list[KeyFigure]:
    figures = analysis.totals(study.referrals)
    money = study.currency or "in the account's currency"
    return [
        KeyFigure("Referrals", figures["referrals"]),
        KeyFigure("People", figures["people"]),
        KeyFigure("Cost", figures["cost"], money),
        KeyFigure("Per referral", figures["average_bid"], money),
    ]


def _sections(study: ReferralStudy) -> list[tuple[str, str, list[Picture | None]]]:
    return [
        (
            "Volume and cost",
            "Each day, and where a file is missing; the last seven days beside the seven before.",
            [study.day_by_day(), study.last_week(), study.why_the_cost_changed()],
        ),
        (
            "Where the money goes",
            "Bid prices are what each referral cost.",
            [study.cost_by_audience(), study.by("campaign"), study.bids()],
        ),
        (
            "Who they are, and when they come",
            "What was not delivered is shown as not given, so each chart adds up to the whole.",
            [
                study.by_state(),
                study.by_age_band(),
                study.by("device"),
                study.by_hour_and_weekday(),
            ],
        ),
        (
            "Paid for twice, paid for before",
            "People who were referred again, and people who were customers already.",
            [study.repeats(), study.new_and_known(), study.known_by_audience()],
        ),
        (
            "The leak",
            "People who were paid for while they were on a suppression list delivered from here.",
            [study.leaks_by_list(), study.leaks_by_lag()],
        ),
        (
            "From referral to purchase",
            "Each purchase belongs to its person's last referral before it; intervals say chance.",
            [
                study.conversion_by("audience"),
                study.conversion_by("ad_text"),
                study.conversion_value("audience"),
                study.conversions_by_lag(),
                study.cohorts(),
            ],
        ),
        (
            "How good the data is",
            "What became of each delivered row, and how far each column is filled.",
            [study.rows_delivered(), study.columns_filled()],
        ),
    ]
