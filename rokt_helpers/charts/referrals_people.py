"""Draw who was referred again, and who was known already.

Law: a drawing computes shares and order, nothing else. Groups of few people are folded first.
"""

from __future__ import annotations

from rokt_helpers.charts.bars import (
    bar_picture,
    counted,
    in_brackets,
    money,
    nothing,
    ratio,
    safe,
    stands_back,
)
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.referrals_groups import with_rest
from rokt_helpers.charts.vega import ORANGE, Row
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE, NOT_GIVEN

__all__ = [
    "days_between", "known_customers_by", "new_and_known", "repeat_counts", "repeats_by",
]  # fmt: skip


def repeat_counts(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show how many people were referred how often.

    Takes what :func:`analysis.repeat_counts` gives.
    """
    shown = safe(table, fewest)
    rows = shown.to_dicts()
    if not sum(row["people"] for row in rows):
        return nothing(shown, "No referrals to show")
    # Counted before small groups are folded: what they are folded with was not referred again.
    again = [row for row in as_polars(table).to_dicts() if row["times"] not in ("1", NOT_GIVEN)]
    people, cost = sum(row["people"] for row in again), sum(row["cost_of_repeats"] for row in again)
    who = _heads(people) if not 0 < people < fewest else f"Fewer than {fewest} people were"
    title = f"{who} referred more than once; repeats cost {money(cost, currency)}"
    bars = [
        row | {"name": _times(row["times"]), "label": _heads(row["people"], were=False)}
        for row in rows
    ]
    return bar_picture(bars, "name", "people", title=title, table=shown)


def days_between(table: Table, *, fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show how long after a referral the same person's next one came.

    Takes what :func:`analysis.days_between` gives.
    """
    shown = safe(table, fewest)
    rows = shown.to_dicts()
    whole = sum(row["repeats"] for row in rows)
    if not whole:
        return nothing(shown, "Nobody was referred more than once")
    best = max(rows, key=lambda row: row["repeats"])
    title = f"{best['repeats']:,} of {counted(whole, 'repeat')} came after: {best['days_between']}"
    bars = [
        row | {"label": f"{row['repeats']:,}{in_brackets(ratio(row['repeats'], whole))}"}
        for row in rows
    ]
    return bar_picture(bars, "days_between", "repeats", title=title, table=shown)


def repeats_by(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show where repeats were paid for; takes what :func:`analysis.repeats_by` gives."""
    shown = safe(table, fewest)
    return _costs(shown, "cost_of_repeats", "repeats", "pays most for repeats", currency)


def new_and_known(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show what new people and known customers cost.

    Takes what :func:`analysis.new_and_known` gives.
    """
    shown = safe(table, fewest)
    rows = [row for row in shown.to_dicts() if row["referrals"]]
    if not rows:
        return nothing(shown, "No referrals to show")
    told = sum(row["referrals"] for row in rows if row["customer"] in ("new", "known"))
    known = next((row for row in rows if row["customer"] == "known"), None)
    title = "No group of known customers is large enough to show"
    if all(row["customer"] in ("new", "untold") for row in rows):
        title = "No referral was of a known customer"
    if known:
        title = f"{known['referrals']:,} of {counted(told, 'referral')} were of known customers"
        title += f"{in_brackets(ratio(known['referrals'], told))}: {money(known['cost'], currency)}"
    bars = [
        row | {"label": f"{money(row['cost'], currency)}, {counted(row['referrals'], 'referral')}"}
        for row in rows
    ]
    return bar_picture(bars, "customer", "cost", title=title, table=shown)


def known_customers_by(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show where known customers were paid for.

    Takes what :func:`analysis.known_customers_by` gives.
    """
    shown = safe(table, fewest)
    return _costs(shown, "cost_on_known", "known", "pays most for known customers", currency)


def _costs(shown: Table, cost: str, count: str, says: str, currency: str) -> Picture:
    rows = safe(shown, 0).to_dicts()
    key = safe(shown, 0).columns[0]
    named = [row for row in rows if not stands_back(row[key]) and row[cost]]
    if not named:
        return nothing(shown, f"No {key.replace('_', ' ')} to show")
    best = max(named, key=lambda row: row[cost])
    whole = sum(row[cost] for row in rows)
    title = f"{best[key]} {says}: {money(best[cost], currency)}"
    title += in_brackets(ratio(best[cost], whole), " of all")
    bars: list[Row] = [
        row | {"label": f"{money(row[cost], currency)}, {row[count]:,} of {row['referrals']:,}"}
        for row in with_rest(rows, key, (cost, count, "referrals"))
    ]
    return bar_picture(bars, key, cost, title=title, table=shown, colour=ORANGE)


def _heads(number: int, *, were: bool = True) -> str:
    heads = f"{number:,} {'person' if number == 1 else 'people'}"
    return f"{heads} {'was' if number == 1 else 'were'}" if were else heads


def _times(times: str) -> str:
    return {"1": "once", "2": "twice"}.get(times, f"{times} times" if times[0].isdigit() else times)
