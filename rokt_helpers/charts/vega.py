"""Lay a chart out as the plain Vega-Lite dictionary it is: three shapes, one look.

Law: a chart is plain data that any JSON writer takes and any Vega-Lite program draws. It holds
what is drawn and no other column of the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

__all__ = [
    "BLUE", "GREY", "ORANGE", "Row", "Spec", "days_and_average", "sentence", "side_by_side",
    "stacked",
]  # fmt: skip

Row = dict[str, Any]
Spec = dict[str, Any]

# At least 3:1 against white and against near-black, and told apart without red and green.
BLUE, ORANGE, GREY = "#3a86d4", "#c9741a", "#808995"
_INK: Final = "currentColor"
_WIDTH: Final = 680
_SIDE: Final = 100  # beside the days, for the word at the average line
_ROW_HEIGHT: Final = 30
_TEXT: Final = 13
_LONGEST_NAME: Final = 28
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"  # a name; nothing is fetched
_FONT: Final = "Helvetica, Arial, sans-serif"
_AXIS: Final[Spec] = {
    "labelColor": _INK,
    "labelFontSize": _TEXT,
    "labelPadding": 8,
    "gridColor": _INK,
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
    x = {"x": _along("amount") | {"stack": "zero"}, "order": {"field": "order"}}
    bar = {"width": _WIDTH, "height": 34} | _mark("bar", x | colour, height=34)
    # The labels stand in fixed places under the bar, so that thin parts never push them together.
    place = {"x": _along("order", domain=[0, len(parts)])}
    square = _mark("square", place | colour, size=130, opacity=1, xOffset=7)
    key = {"width": _WIDTH, "height": 20, "layer": [square, _words("label", place, dx=20)]}
    return _finished({"data": {"values": parts}, "vconcat": [bar, key], "spacing": 8})


def side_by_side(rows: list[Row]) -> Spec:
    """Return one bar per row in the order given, its name before it and its figure at its end.

    Each row needs ``name``, ``amount``, ``label`` and ``colour``; a long name is shortened.
    """
    drawn = [row | {"name": _short(row["name"]), "order": i} for i, row in enumerate(rows)]
    # Room on both sides is reckoned in characters: fonts differ, and text must not be cut off.
    start = _pixels(row["name"] for row in drawn)
    end = _WIDTH - _pixels(row["label"] for row in drawn)
    longest = max(row["amount"] for row in drawn) or 1
    x = {"x": _along("amount", domain=[0, longest], range=[start, end])}
    # By number, not by name: two audiences may bear the same name.
    y = {"y": {"field": "order", "type": "ordinal", "axis": None}}
    bar = x | {"color": {"field": "colour", "scale": None}}
    layers = [
        _mark("bar", bar, height=_ROW_HEIGHT * 0.68, cornerRadiusEnd=2),
        _words("label", x, dx=8),
        _words("name", {"x": {"value": start}}, align="right", dx=-8),
    ]
    size = {"width": _WIDTH, "height": _ROW_HEIGHT * len(drawn)}
    return _finished({"data": {"values": drawn}, **size, "encoding": y, "layer": layers})


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
    word = _words("label", average | {"x": {"value": _WIDTH - _SIDE}}, dx=6)
    rule = _mark("rule", average, color=ORANGE, strokeWidth=2, strokeDash=[6, 4])
    said = {"values": [{"mean": mean, "label": f"average {mean:,.0f}"}]}
    bars = {"data": {"values": points}} | _mark("bar", {"x": x, "y": y}, color=BLUE)
    chart = {"layer": [bars, {"data": said, "layer": [rule, word]}]}
    return _finished({"width": _WIDTH - _SIDE, "height": 220} | chart, room=40)


def sentence(text: str) -> Spec:
    """Return a chart that says there is nothing to draw."""
    said = _words("text", {}, x=0)
    return _finished({"data": {"values": [{"text": text}]}, "width": _WIDTH, "height": 30, **said})


def _finished(chart: Spec, *, room: int = 4) -> Spec:
    """Return the chart in the one look of the house; ``room`` is left to the right, in pixels."""
    looks = {
        "aria": False,  # the whole drawing bears one alternative text
        "font": _FONT,
        "axis": _AXIS,
        "background": "transparent",
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": room},
        "text": {"color": _INK, "fontSize": _TEXT, "align": "left"},
        "view": {"stroke": None},
    }
    return {"$schema": _SCHEMA, **chart, "config": looks}


def _mark(kind: str, encoding: Spec, **looks: Any) -> Spec:
    """Return one layer: a bar, a rule or another mark, and what places and colours it."""
    return {"mark": {"type": kind, **looks}, "encoding": encoding}


def _words(column: str, encoding: Spec, **looks: Any) -> Spec:
    """Return one layer of text: what ``column`` says, at the places given."""
    return _mark("text", {**encoding, "text": {"field": column}}, **looks)


def _along(column: str, *, domain: list[float] | None = None, **scale: Any) -> Spec:
    """Return a place by number, without an axis; it ends where the data ends, or ``domain``."""
    limits = {"domain": domain} if domain else {}
    return {
        "field": column,
        "type": "quantitative",
        "axis": None,
        "scale": {"nice": False, **limits, **scale},
    }


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _pixels(texts: Iterable[str]) -> int:
    return 16 + round(_TEXT * 0.62 * max(len(text) for text in texts))
