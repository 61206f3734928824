"""Draw what referrals cost: the spread of bids, and volume and cost over time.

Law: a drawing computes order and dates, nothing else. Groups of few people are folded first;
stretches of time are of all people together.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from rokt_helpers.charts.bars import counted, money, nothing, safe, stands_back
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.shapes import spreads, time_panels
from rokt_helpers.charts.vega import BLUE, GREY, Row
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE

__all__ = ["bid_quantiles", "cost_over_time", "span_of", "volume_and_cost"]

_MOST_LINES: Final = 12
_DAY: Final = timedelta(days=1)
_NEEDED: Final = ("bid_p10", "bid_p25", "bid_p50", "bid_p75", "bid_p90")


def bid_quantiles(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show how bids spread in each group: from p10 to p90, the middle half thick, the median.

    Takes what :func:`analysis.bid_quantiles` gives with its usual quantiles. Beyond a dozen groups
    the busiest are drawn; all are in the table.
    """
    shown = safe(table, fewest)
    key = shown.columns[0]
    rows = [row for row in shown.to_dicts() if all(row[name] is not None for name in _NEEDED)]
    if not rows:
        return nothing(shown, "No bid price to show")
    low, from_, middle, to, high = _NEEDED
    drawn: list[Row] = [
        {
            "name": str(row[key]),
            "low": row[low], "from": row[from_], "middle": row[middle], "to": row[to],
            "high": row[high],
            "label": f"{money(row[middle], currency)}, most {row[low]:,.2f} to {row[high]:,.2f}",
            "colour": GREY if stands_back(row[key]) else BLUE,
        }
        for row in rows[:_MOST_LINES]
    ]  # fmt: skip
    dear = max(rows, key=lambda row: row[middle])
    title = f"{dear[key]} has the highest median bid: {money(dear[middle], currency)}"
    said = "; ".join(f"{row['name']}: {row['label']}" for row in drawn)
    told = f"{title}. Median bids, and the span of the middle eight tenths: {said}."
    return Picture(title, spreads(drawn), shown, told)


def cost_over_time(table: Table, *, currency: str = "") -> Picture:
    """Show cost and average bid over time.

    Takes what :func:`analysis.cost_over_time` gives.
    """
    rows = [row for row in as_polars(table).to_dicts() if row["start"] is not None]
    if not rows:
        return nothing(table, "No referral has a date")
    ends = _ends([row["start"] for row in rows])
    unit = f", {currency}" if currency else ""
    priced = [
        span_of(row["start"], end) | {"amount": row["average_bid"]}
        for row, end in zip(rows, ends, strict=True)
        if row["average_bid"] is not None
    ]
    cost = [
        span_of(row["start"], end) | {"amount": row["cost"]}
        for row, end in zip(rows, ends, strict=True)
    ]
    told = [row for row in rows if row["average_bid"] is not None]
    title = "No referral has a bid price"
    if told:
        first, last = told[0], told[-1]
        title = f"A referral cost {money(last['average_bid'], currency)} from {last['start']} on"
        if first is not last:
            title = f"A referral cost {money(first['average_bid'], currency)} at first "
            title += f"({first['start']}), {money(last['average_bid'], currency)} at last "
            title += f"({last['start']})"
    spec = time_panels({f"Cost{unit}": cost, f"Average bid{unit}": priced})
    return Picture(title, spec, table, f"Bars of cost and average bid over time. {title}.")


def volume_and_cost(table: Table, *, currency: str = "") -> Picture:
    """Show referrals and cost by day, with a grey band where no file came.

    Takes what :func:`analysis.volume_and_cost` gives.
    """
    rows = [row for row in as_polars(table).to_dicts() if row["day"] is not None]
    if not rows:
        return nothing(table, "No referral has a date")
    spans = [span_of(row["day"], row["day"] + _DAY) for row in rows]
    panels: dict[str, list[Row]] = {
        name: [span | {"amount": row[column]} for row, span in zip(rows, spans, strict=True)]
        for name, column in (
            ("Referrals", "referrals"),
            (f"Cost, {currency}" if currency else "Cost", "cost"),
        )
    }
    gaps = [span for row, span in zip(rows, spans, strict=True) if row["gap"]]
    referrals, cost = (sum(row[name] for row in rows) for name in ("referrals", "cost"))
    title = f"{counted(referrals, 'referral')} cost {money(cost, currency)} in "
    title += counted(len(rows), "day")
    if gaps:
        title += f"; no file came for {counted(len(gaps), 'day')} (grey)"
    named = ", ".join(gap["start"][:10] for gap in gaps)
    said = f"Bars of referrals and cost by day. {title}" + (f": {named}." if gaps else ".")
    return Picture(title, time_panels(panels, gaps=gaps), table, said)


def span_of(start: date, end: date) -> Row:
    """Return a stretch of time as ISO text; a day alone would be read as midnight in London."""
    return {"start": f"{start:%Y-%m-%d}T00:00:00", "end": f"{end:%Y-%m-%d}T00:00:00"}


def _ends(starts: list[date]) -> list[date]:
    """Return where each stretch ends: where the next begins, the last after as long."""
    last = starts[-1] - starts[-2] if len(starts) > 1 else _DAY
    return [*starts[1:], starts[-1] + last]
