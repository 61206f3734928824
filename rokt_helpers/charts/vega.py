"""Lay a chart out as the plain Vega-Lite dictionary it is: three shapes, one look.

Law: a chart is plain data that any JSON writer takes and any Vega-Lite program draws. It holds
what is drawn and no other column of the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

__all__ = [
    "BLUE",
    "GREY",
    "INK",
    "ORANGE",
    "ROW_HEIGHT",
    "WIDTH",
    "Row",
    "Spec",
    "along",
    "days_and_average",
    "finished",
    "mark",
    "pixels",
    "sentence",
    "short",
    "side_by_side",
    "stacked",
    "words",
]  # fmt: skip

Row = dict[str, Any]
Spec = dict[str, Any]

# At least 3:1 against white and against near-black, and told apart without red and green.
BLUE, ORANGE, GREY = "#3a86d4", "#c9741a", "#808995"
INK: Final = "currentColor"
WIDTH: Final = 680
_SIDE: Final = 100  # beside the days, for the word at the average line
ROW_HEIGHT: Final = 30
_TEXT: Final = 13
_LONGEST_NAME: Final = 28
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"  # a name; nothing is fetched
_FONT: Final = "Helvetica, Arial, sans-serif"
_AXIS: Final[Spec] = {
    "labelColor": INK,
    "labelFontSize": _TEXT,
    "labelPadding": 8,
    "gridColor": INK,
    "gridOpacity": 0.15,
    "domain": False,
    "ticks": False,
    "title": None,
}


def stacked(rows: list[Row]) -> Spec:
    """Return one bar in parts, and below it what each part is.

    Each row needs ``amount``, ``label`` and ``colour``.
    """
    parts = [row | {"order": order} for order, row in enumerate(rows)]
    colour = {"color": {"field": "colour", "scale": None}}
    x = {"x": along("amount") | {"stack": "zero"}, "order": {"field": "order"}}
    bar = {"width": WIDTH, "height": 34} | mark("bar", x | colour, height=34)
    # The labels stand in fixed places under the bar, so that thin parts never push them together.
    place = {"x": along("order", domain=[0, len(parts)])}
    square = mark("square", place | colour, size=130, opacity=1, xOffset=7)
    key = {"width": WIDTH, "height": 20, "layer": [square, words("label", place, dx=20)]}
    return finished({"data": {"values": parts}, "vconcat": [bar, key], "spacing": 8})


def side_by_side(rows: list[Row]) -> Spec:
    """Return one bar per row in the order given, its name before it and its figure at its end.

    Each row needs ``name``, ``amount``, ``label`` and ``colour``; a long name is shortened.
    """
    drawn = [row | {"name": short(row["name"]), "order": i} for i, row in enumerate(rows)]
    # Room on both sides is reckoned in characters: fonts differ, and text must not be cut off.
    start = pixels(row["name"] for row in drawn)
    end = WIDTH - pixels(row["label"] for row in drawn)
    longest = max(row["amount"] for row in drawn) or 1
    x = {"x": along("amount", domain=[0, longest], range=[start, end])}
    # By number, not by name: two audiences may bear the same name.
    y = {"y": {"field": "order", "type": "ordinal", "axis": None}}
    bar = x | {"color": {"field": "colour", "scale": None}}
    layers = [
        mark("bar", bar, height=ROW_HEIGHT * 0.68, cornerRadiusEnd=2),
        words("label", x, dx=8),
        words("name", {"x": {"value": start}}, align="right", dx=-8),
    ]
    size = {"width": WIDTH, "height": ROW_HEIGHT * len(drawn)}
    return finished({"data": {"values": drawn}, **size, "encoding": y, "layer": layers})


def days_and_average(points: list[Row], mean: float) -> Spec:
    """Return one bar per day, and a line at their average with its figure beside it.

    Each point needs ``day``, a moment as ISO text without a zone, and ``referrals``.
    """
    dates = {"format": "%-d %b", "tickCount": min(len(points), 8), "labelOverlap": True}
    # Never more lines than referrals: a line between two whole numbers would bear a wrong one.
    lines = min(max(point["referrals"] for point in points), 4) or 1
    counts = {"format": ",d", "tickCount": lines}
    day = {"field": "day", "timeUnit": "yearmonthdate", "type": "temporal"}
    x = day | {"axis": dates | {"grid": False}}
    y = {"field": "referrals", "type": "quantitative", "axis": counts}
    average = {"y": {"field": "mean", "type": "quantitative"}}
    word = words("label", average | {"x": {"value": WIDTH - _SIDE}}, dx=6)
    rule = mark("rule", average, color=ORANGE, strokeWidth=2, strokeDash=[6, 4])
    said = {"values": [{"mean": mean, "label": f"average {mean:,.0f}"}]}
    bars = {"data": {"values": points}} | mark("bar", {"x": x, "y": y}, color=BLUE)
    chart = {"layer": [bars, {"data": said, "layer": [rule, word]}]}
    return finished({"width": WIDTH - _SIDE, "height": 220} | chart, room=40)


def sentence(text: str) -> Spec:
    """Return a chart that says there is nothing to draw."""
    said = words("text", {}, x=0)
    return finished({"data": {"values": [{"text": text}]}, "width": WIDTH, "height": 30, **said})


def finished(chart: Spec, *, room: int = 4) -> Spec:
    """Return the chart in the one look of the house; ``room`` is left to the right, in pixels."""
    looks = {
        "aria": False,  # the whole drawing bears one alternative text
        "font": _FONT,
        "axis": _AXIS,
        "background": "transparent",
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": room},
        "text": {"color": INK, "fontSize": _TEXT, "align": "left"},
        "view": {"stroke": None},
    }
    return {"$schema": _SCHEMA, **chart, "config": looks}


def mark(kind: str, encoding: Spec, **looks: Any) -> Spec:
    """Return one layer: a bar, a rule or another mark, and what places and colours it."""
    return {"mark": {"type": kind, **looks}, "encoding": encoding}


def words(column: str, encoding: Spec, **looks: Any) -> Spec:
    """Return one layer of text: what ``column`` says, at the places given."""
    return mark("text", {**encoding, "text": {"field": column}}, **looks)


def along(column: str, *, domain: list[float] | None = None, **scale: Any) -> Spec:
    """Return a place by number, without an axis; it ends where the data ends, or ``domain``."""
    limits = {"domain": domain} if domain else {}
    return {
        "field": column,
        "type": "quantitative",
        "axis": None,
        "scale": {"nice": False, **limits, **scale},
    }


def short(name: str) -> str:
    """Return a name that fits beside its bar."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def pixels(texts: Iterable[str]) -> int:
    """Return the room the longest text needs, in whatever typeface there is."""
    return 16 + round(_TEXT * 0.62 * max(len(text) for text in texts))
