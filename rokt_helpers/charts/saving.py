"""Draw what a suppression list of people known already could spare, and what it has spared.

Law: a drawing computes sums, shares and order, nothing else. Groups of few people are folded
first.
"""

from __future__ import annotations

from typing import Final

from rokt_helpers.charts.bars import bar_picture, counted, in_brackets, money, nothing, ratio, safe
from rokt_helpers.charts.picture import Picture, Table
from rokt_helpers.charts.vega import ORANGE, Row
from rokt_helpers.referrals.analysis import AVOIDABLE, FEWEST_PEOPLE, FIRST_TIME, PERIODS

__all__ = ["avoidable_cost", "before_and_after", "going_in"]

_NONE: Final = "Nobody who was referred or had bought before came again"
_TOO_FEW: Final = "Too few people came again to be shown"


def going_in(table: Table) -> Picture:
    """Show who belongs on the list; takes ``part`` (text), ``people`` and ``new`` (on it)."""
    rows = safe(table, 0).to_dicts()
    whole, new = sum(row["people"] for row in rows), sum(row["new"] for row in rows)
    if not whole:
        return nothing(table, "Nobody belongs on the list")
    title = f"{whole:,} {'person belongs' if whole == 1 else 'people belong'} on the list; "
    title += f"{new:,} of them {'is' if new == 1 else 'are'} new on it"
    bars: list[Row] = [
        row | {"label": f"{row['people']:,}{in_brackets(ratio(row['people'], whole))}, "
               f"{row['new']:,} new"}
        for row in rows
    ]  # fmt: skip
    return bar_picture(bars, "part", "people", title=title, table=table)


def avoidable_cost(
    table: Table, *, days: float = 0, currency: str = "", fewest: int = FEWEST_PEOPLE
) -> Picture:
    """Show what people who were referred or had bought before cost.

    Takes what :func:`analysis.avoidable_cost` gives; ``days`` is how many the rows are of, 0 where
    they are all there are. Who came for the first time is in the table, for they dwarf the rest.
    """
    whole = safe(table, 0)
    shown = safe(table, fewest)
    referrals, cost = int(whole["referrals"].sum()), float(whole["cost"].sum())
    if not referrals:
        return nothing(shown, "No referrals to show")
    again = [row for row in shown.to_dicts() if row["kind"] in AVOIDABLE and row["referrals"]]
    came = whole.filter(whole["kind"].is_in(AVOIDABLE))["referrals"].sum()
    title = _TOO_FEW if came else _NONE
    if again:
        many, paid = sum(r["referrals"] for r in again), sum(r["cost"] for r in again)
        span = f" of the last {days:,.0f} days" if days else ""
        least = "At least " if shown.height < whole.height else ""
        title = f"{least}{many:,} of {counted(referrals, 'referral')}{span} could have been "
        title += f"spared: {money(paid, currency)}{in_brackets(ratio(paid, cost), ' of the cost')}"
    bars: list[Row] = [
        row | {"label": f"{money(row['cost'], currency)}, {counted(row['referrals'], 'referral')}"}
        for row in shown.to_dicts()
        if row["kind"] != FIRST_TIME and row["referrals"]
    ]
    if not bars:
        return nothing(shown, title)
    return bar_picture(bars, "kind", "cost", title=title, table=shown, colour=ORANGE)


def before_and_after(
    table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE
) -> Picture | None:
    """Show how many of 1,000 referrals a list could spare, before its first delivery and since.

    Takes what :func:`analysis.before_and_after` gives. None where one of the two periods has too
    few people to be compared.
    """
    shown = safe(table, fewest)
    rows = {row["period"]: row for row in shown.to_dicts()}
    if any(name not in rows or not rows[name]["people"] for name in PERIODS):
        return None
    before, since = (rows[name] for name in PERIODS)
    title = (
        f"Of 1,000 referrals {before['avoidable_per_1000']:,.0f} could be spared before the list, "
        f"{since['avoidable_per_1000']:,.0f} since"
    )
    if since["leaked"]:
        leaked = counted(since["leaked"], "referral")
        title += f"; {leaked} of people on it: {money(since['cost_leaked'], currency)}"
    bars: list[Row] = [
        row | {
            "label": f"{row['avoidable_per_1000']:,.0f} of 1,000 ({row['avoidable']:,} of "
            f"{counted(row['referrals'], 'referral')})"
        }
        for row in (before, since)
    ]  # fmt: skip
    return bar_picture(
        bars, "period", "avoidable_per_1000", title=title, table=shown, colour=ORANGE
    )
