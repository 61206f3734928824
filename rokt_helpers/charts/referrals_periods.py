"""Draw two periods against each other, and why the cost changed.

Law: a drawing computes order and signs, nothing else. Groups of few people are folded first.
"""

from __future__ import annotations

from typing import Final

from rokt_helpers.charts.bars import bar_picture, money, nothing, safe
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.vega import BLUE, GREY, ORANGE, Row, side_by_side
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE, NOT_TOLD

__all__ = ["compare_periods", "cost_change"]

_EFFECTS: Final = {
    "volume_effect": "number of referrals", "mix_effect": "mix of groups", "price_effect": "prices",
}  # fmt: skip


def compare_periods(table: Table, *, currency: str = "") -> Picture:
    """Show by how much each figure changed, in per cent of the earlier period.

    Takes what :func:`analysis.compare_periods` gives. Bars are as long as the change, whichever
    way; the words beside them say the way. Grey is what chance may have done.
    """
    rows = [
        row for row in as_polars(table).to_dicts()
        if row["relative_change"] is not None and row["figure"] != "days"
    ]  # fmt: skip
    if not rows:
        return nothing(table, "The earlier period has nothing to compare with")
    drawn: list[Row] = [
        {
            "name": row["figure"],
            "amount": abs(row["relative_change"]),
            "label": _change(row, currency),
            "colour": GREY if row["compared"] == NOT_TOLD else _colour(row["change"]),
        }
        for row in rows
    ]
    clear = [row for row in rows if row["compared"] not in (None, NOT_TOLD)]
    title = "Nothing changed more than chance may have done"
    if clear:
        title = "; ".join(
            f"{row['figure']} {row['compared']} ({row['relative_change']:+.0%})" for row in clear
        )
        title = title[0].upper() + title[1:]
    said = "; ".join(f"{row['name']}: {row['label']}" for row in drawn)
    return Picture(title, side_by_side(drawn), table, f"{title}. Changes: {said}.")


def cost_change(table: Table, *, currency: str = "", fewest: int = FEWEST_PEOPLE) -> Picture:
    """Show how much of a change in cost is volume, mix and price.

    Takes what :func:`analysis.cost_change` gives; the groups are in the table. Bars are as long as
    the effect, whichever way; the words beside them say the way.
    """
    shown = safe(table, fewest)
    if shown.is_empty():
        return nothing(shown, "There are no referrals in the two periods")
    sums = {name: float(shown[name].sum()) for name in ("change", *_EFFECTS)}
    title = f"Cost changed by {_signed(sums['change'], currency)}"
    if sums["change"]:
        main = max(_EFFECTS, key=lambda name: abs(sums[name]))
        title += f"; the most by the {_EFFECTS[main]}: {_signed(sums[main], currency)}"
    bars: list[Row] = [
        {"effect": word, "size": abs(sums[name]), "label": _signed(sums[name], currency)}
        for name, word in _EFFECTS.items()
    ]
    return bar_picture(bars, "effect", "size", title=title, table=shown)


def _change(row: Row, currency: str) -> str:
    unit = row["unit"]
    if unit == "share":
        ends = [f"{row[side]:.2%}" for side in ("earlier", "later")]
    elif unit == "money":
        ends = [money(row["earlier"]), money(row["later"], currency)]
    else:
        ends = [f"{row[side]:,.1f}".removesuffix(".0") for side in ("earlier", "later")]
    note = f", {row['compared']}" if row["compared"] else ""
    return f"{row['relative_change']:+.1%}: {ends[0]} to {ends[1]}{note}"


def _colour(change: float) -> str:
    return BLUE if change >= 0 else ORANGE


def _signed(amount: float, currency: str) -> str:
    return f"{amount:+,.2f} {currency}".rstrip()
