"""``rokt contract``: Rokt's rules with page, trust and age, and the questions that are open."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from rokt_helpers.cli.output import as_json, say, table
from rokt_helpers.clock import Clock
from rokt_helpers.contract.questions import QUESTIONS
from rokt_helpers.contract.sources import TRUST_IN_WORDS
from rokt_helpers.contract.table import Rule, contract_rules, older_than, oldest_first
from rokt_helpers.errors import InputError

__all__ = ["command"]

_COLUMNS = {
    "rule": "rule",
    "value": "value",
    "source": "source",
    "trust": "trust",
    "checked": "checked",
    "days": "days ago",
}


@click.command("contract")
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Show only rules checked longer ago; end with 1 when there are any.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day to count up to; today (UTC) when left out.",
)
@click.option("--questions", is_flag=True, help="Show what to ask the account manager instead.")
@as_json
def command(*, older_than: int | None, on: datetime | None, questions: bool, as_json: bool) -> None:
    """Show Rokt's rules: which page each is from, how far to trust it, when it was checked."""
    if questions:
        if older_than is not None or on is not None:
            raise InputError("--questions have no date: leave out --older-than and --on.")
        say({"questions": [asdict(one) for one in QUESTIONS]}, _asked(), as_json=as_json)
        return
    today = on.date() if on else Clock().now().date()
    chosen = _chosen(older_than, today)
    rules = [{**rule.to_dict(), "days_old": rule.days_old(today)} for rule in chosen]
    result = {"on": today, "older_than_days": older_than, "rules": rules}
    say(result, _lines(chosen, older_than, today), as_json=as_json)
    if older_than is not None and chosen:
        sys.exit(1)


def _chosen(days: int | None, today: date) -> list[Rule]:
    rules = oldest_first(contract_rules())
    return rules if days is None else older_than(rules, days, today=today)


def _lines(rules: list[Rule], days: int | None, today: date) -> list[str]:
    if not rules:
        return [f"No rule was checked more than {days:,} days ago."]
    return [*table([_row(rule, today) for rule in rules], _COLUMNS), "", _sum(rules, days)]


def _row(rule: Rule, today: date) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "value": rule.in_short,
        "source": rule.source,
        "trust": TRUST_IN_WORDS[rule.trust],
        "checked": rule.read,
        "days": rule.days_old(today),
    }


def _sum(rules: list[Rule], days: int | None) -> str:
    """Say how many rules rest on what; or, of old ones, which pages are to be read again."""
    if days is not None:
        pages = ", ".join(dict.fromkeys(rule.source for rule in rules))
        return (
            f"{len(rules):,} rules were checked more than {days:,} days ago. Look again at {pages}."
        )
    counts = Counter(rule.trust for rule in rules)
    return f"{len(rules):,} rules: " + ", ".join(
        f"{counts[trust]:,} {words}" for trust, words in TRUST_IN_WORDS.items() if counts[trust]
    )


def _asked() -> list[str]:
    lines: list[str] = []
    for about in dict.fromkeys(question.about for question in QUESTIONS):
        lines += ["", about] if lines else [about]
        for question in (one for one in QUESTIONS if one.about == about):
            lines += [f"  {question.ask}", f"    {question.because}"]
            lines += [f"    The answer goes into {question.setting}."] if question.setting else []
    return lines
