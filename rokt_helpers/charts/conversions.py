"""Draw what was prepared of a file of purchases: reasons, attributes, and the sales of each day.

Law: a drawing computes sums, shares and order, nothing else; no two currencies are added. The
table it is given is shown behind it as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from rokt_helpers import contract
from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.vega import (
    BLUE,
    ORANGE,
    Row,
    Spec,
    days_and_average,
    sentence,
    side_by_side,
)
from rokt_helpers.conversions.words import in_words

__all__ = ["attributes_bar", "conversion_reasons_bar", "sales_by_day"]

_CLICK: Final = "passbackconversiontrackingid"
_MOST_CURRENCIES: Final = 3  # one panel each; more are in the table
_PANEL_HEIGHT: Final = 150
_NONE: Final = "not given"


def conversion_reasons_bar(summary: Mapping[str, Any]) -> Picture:
    """Show how many rows of ``PreparedConversions.summary`` were rejected for which reason."""
    counts = sorted(summary["rejected_by_reason"].items(), key=lambda item: -item[1])
    meanings = contract.CONVERSION_REASONS
    rows = [(r.replace("_", " "), count, meanings[r]) for r, count in counts if count]
    columns = {"reason": pl.String, "rows": pl.Int64, "meaning": pl.String}
    table = pl.DataFrame(rows, schema=columns, orient="row")
    if not rows:
        return Picture("No row was rejected", sentence("Every row passed."), table, "No row.")
    whole = sum(count for _, count, _ in rows)
    title = f"Most frequent reason: {rows[0][0]}, {rows[0][1]:,} of {_count(whole, 'rejected row')}"
    if len(rows) == 1:
        title = f"The only reason: {rows[0][0]}, {_count(whole, 'rejected row')}"
    bars = [_bar(reason, count, f"{count:,}", ORANGE) for reason, count, _ in rows]
    return _picture(title, bars, table)


def attributes_bar(summary: Mapping[str, Any]) -> Picture:
    """Show how many conversions of ``PreparedConversions.summary`` carry which attribute."""
    whole, found = summary["accepted"], summary["attributes"]
    rows = [(name, have, have / whole if whole else 0.0) for name, have in found.items()]
    columns = {"attribute": pl.String, "conversions": pl.Int64, "share": pl.Float64}
    table = pl.DataFrame(rows, schema=columns, orient="row")
    if not whole:
        return Picture("There is no conversion", sentence("Nothing to draw."), table, "None.")
    clicks = found.get(_CLICK, 0)
    title = f"{clicks:,} of {_count(whole, 'conversion')} carry a Rokt click id"
    title += f" ({clicks / whole:.0%})"
    if not clicks:
        title = "No conversion carries a Rokt click id: Rokt can match by the person only"
    bars = [
        _bar(in_words(name), have, f"{have:,} ({share:.0%})", BLUE) for name, have, share in rows
    ]
    return _picture(title, bars, table)


def sales_by_day(table: Table) -> Picture:
    """Show the money of each day, one panel a currency, and the number of conversions below it.

    ``table`` has ``day``, ``currency``, ``conversions`` and ``amount``, as
    :func:`rokt_helpers.conversions.daily.by_day` gives it.
    """
    sales = as_polars(table)
    dated = sales.drop_nulls("day")
    if dated.is_empty():
        said = "No conversion has a date"
        return Picture(said, sentence("Nothing to draw."), table, f"{said}.")
    money = _currencies(sales)
    shown = [name for name in money["currency"] if name != _NONE][:_MOST_CURRENCIES]
    panels = [_of_days(_sums(dated, "amount", name), f"{name} a day") for name in shown]
    panels.append(_of_days(_sums(dated, "conversions"), "conversions a day"))
    title = _title(money, sales, dated)
    alt_text = f"Bars for {_count(dated['day'].n_unique(), 'day')}, one row of bars each for "
    alt_text += f"{', '.join([*shown, 'conversions'])}. {title}."
    return Picture(title, _below_one_another(panels), table, alt_text)


def _currencies(sales: pl.DataFrame) -> pl.DataFrame:
    """Return the money by ``currency``, that of most conversions first, without a name last."""
    named = sales.with_columns(pl.col("currency").fill_null(_NONE)).group_by("currency")
    sums = named.agg(pl.col("conversions", "amount").sum()).filter(pl.col("amount") > 0)
    nameless = pl.col("currency") == _NONE
    return sums.sort(nameless, "conversions", "currency", descending=[False, True, False])


def _sums(dated: pl.DataFrame, value: str, currency: str | None = None) -> list[Row]:
    """Return one point a day, named as the shape of days wants it; no sale is a 0."""
    of_it = pl.lit(value=True) if currency is None else pl.col("currency").eq_missing(currency)
    sold = pl.col(value).filter(of_it).sum()
    days = dated.group_by("day").agg(sold).sort("day")
    # A day alone would be read as midnight in London and may fall on the day before.
    return [{"day": f"{day:%Y-%m-%d}T00:00:00", "referrals": found} for day, found in days.rows()]


def _title(money: pl.DataFrame, sales: pl.DataFrame, dated: pl.DataFrame) -> str:
    sums = [_worth(amount, name) for name, _, amount in money.head(_MOST_CURRENCIES).rows()]
    number = _count(int(sales["conversions"].sum()), "conversion")
    more = len(money) - len(sums)
    sums += [f"{more:,} more {'currency' if more == 1 else 'currencies'}"] if more else []
    title = f"{_and(sums)} in {number}" if sums else f"{number} without an amount"
    # The best day is by money where there is one kind of it, else by conversions.
    name = money["currency"].item() if len(money) == 1 else _NONE
    named = name != _NONE
    points = _sums(dated, "amount", name) if named else _sums(dated, "conversions")
    best = max(points, key=lambda point: float(point["referrals"]))
    most = _worth(best["referrals"], name) if named else _count(best["referrals"], "conversion")
    title += f"; best day {best['day'][:10]}: {most}"
    undated = sales.filter(pl.col("day").is_null())["conversions"].sum()
    return title + (f" ({undated:,} without a date)" if undated else "")


def _and(parts: list[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _worth(amount: float, currency: str) -> str:
    return f"{amount:,.2f} {'without a currency' if currency == _NONE else currency}"


def _of_days(points: list[Row], caption: str) -> Spec:
    mean = sum(point["referrals"] for point in points) / len(points)
    drawn = days_and_average(points, mean)
    # A mark, for a title would speak to reading programs beside the drawing's own text; flush with
    # the bars, and clear of the dates of the panel above.
    head = {"type": "text", "text": caption, "x": 0, "y": -16, "fontWeight": 600}
    layers = [*drawn["layer"], {"data": {"values": [{}]}, "mark": head}]
    return drawn | {"height": _PANEL_HEIGHT, "layer": layers}


def _below_one_another(panels: list[Spec]) -> Spec:
    """Return the panels with their days under one another, in the look of the first."""
    own = ("$schema", "config")
    frame = {name: panels[0][name] for name in own}
    inner = [{name: part for name, part in one.items() if name not in own} for one in panels]
    same_days = {"resolve": {"scale": {"x": "shared"}}}
    return frame | {"vconcat": inner, "bounds": "flush", "spacing": 70} | same_days


def _bar(name: str, amount: int, label: str, colour: str) -> Row:
    return {"name": name, "amount": amount, "label": label, "colour": colour}


def _picture(title: str, bars: list[Row], table: pl.DataFrame) -> Picture:
    said = "; ".join(f"{bar['name']} {bar['label']}" for bar in bars)
    return Picture(title, side_by_side(bars), table, f"{title}. {said}.")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
