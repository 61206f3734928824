"""Four more shapes in the look of the house: days in panels, spreads, spots, a grid of figures.

Law: as in :mod:`vega`, plain data, and only what is drawn. No shape needs its colour to be read.
"""

from __future__ import annotations

from typing import Any, Final

from rokt_helpers.charts.vega import (
    BLUE,
    GREY,
    INK,
    ROW_HEIGHT,
    WIDTH,
    Row,
    Spec,
    along,
    finished,
    mark,
    pixels,
    short,
    words,
)

__all__ = ["figures_grid", "spots", "spreads", "time_panels"]

_PANEL_HEIGHT: Final = 130
_MOST_LINES: Final = 4
_CELL: Final = 26
_SPARE_LEFT: Final = 16
_TO_THE_LEFT: Final = 122  # room for the names of rows


def time_panels(
    panels: dict[str, list[Row]],
    *,
    gaps: list[Row] | None = None,
    colour: str = BLUE,
    height: int = _PANEL_HEIGHT,
) -> Spec:
    """Return bars over time, one panel below the other, all over the same days.

    Parameters
    ----------
    panels
        What each panel counts → its bars: ``start`` and ``end`` (ISO text without a zone) and
        ``amount``.
    gaps
        ``start`` and ``end`` of stretches without data: a grey band through all panels.
    height
        Of each panel, in pixels.
    """
    every = [bar[end] for bars in panels.values() for bar in bars for end in ("start", "end")]
    every += [gap[end] for gap in gaps or [] for end in ("start", "end")]
    ends = {"scale": {"type": "time", "domain": [min(every), max(every)]}}
    stacked = [
        _panel(name, bars, gaps or [], ends, colour, dates=number == len(panels))
        | {"height": height}
        for number, (name, bars) in enumerate(panels.items(), 1)
    ]
    return finished({"vconcat": stacked, "spacing": 18}, room=40)


def _panel(
    name: str, bars: list[Row], gaps: list[Row], ends: Spec, colour: str, *, dates: bool
) -> Spec:
    axis: Any = {"format": "%-d %b", "tickCount": 8, "labelOverlap": True, "grid": False}
    x = {"field": "start", "type": "temporal", "axis": axis if dates else None} | ends
    sides = {"x": x, "x2": {"field": "end"}}
    top = max((bar["amount"] for bar in bars), default=0) or 1
    whole = all(isinstance(bar["amount"], int) for bar in bars)
    lines: Spec = {"format": ",.2~f", "tickCount": 4} | ({"tickMinStep": 1} if whole else {})
    if whole and top <= _MOST_LINES:
        lines["values"] = list(range(top + 1))  # the least step does not keep 0.5 away from 0 to 1
    scale = {"domain": [0, top], "nice": True}
    y = {"field": "amount", "type": "quantitative", "axis": lines, "scale": scale}
    band = mark("rect", sides, color=GREY, opacity=0.35)
    bar = mark("bar", sides | {"y": y, "y2": {"datum": 0}}, color=colour)
    said = words("text", {"x": {"value": 0}, "y": {"value": -10}}, fontWeight="bold")
    layers = [{"data": {"values": gaps}} | band] if gaps else []
    layers += [{"data": {"values": bars}} | bar, {"data": {"values": [{"text": name}]}} | said]
    return {"width": WIDTH - 100, "layer": layers}


def spreads(rows: list[Row]) -> Spec:
    """Return one line per row from ``low`` to ``high`` with a point at ``middle``.

    Each row needs ``name``, ``low``, ``middle``, ``high``, ``label`` and ``colour``; with
    ``from`` and ``to`` a thicker stretch is drawn between these, and the middle is a line.
    """
    drawn = [row | {"name": short(row["name"]), "order": i} for i, row in enumerate(rows)]
    start = pixels(row["name"] for row in drawn)
    end = WIDTH - pixels(row["label"] for row in drawn)
    longest = max(row["high"] for row in drawn) or 1
    place = {"domain": [0, longest], "range": [start, end]}
    y = {"y": {"field": "order", "type": "ordinal", "axis": None}}
    look = {"color": {"field": "colour", "scale": None}}

    def line(low: str, high: str, width: float) -> Spec:
        sides = {"x": along(low, **place), "x2": {"field": high}}
        return mark("rule", sides | look, strokeWidth=width)

    layers = [line("low", "high", 2)]
    middle = {"x": along("middle", **place)}
    if all("from" in row for row in drawn):
        layers += [line("from", "to", 8), mark("tick", middle, color=INK, thickness=3, size=18)]
    else:
        layers.append(mark("point", middle | look, filled=True, opacity=1, size=90))
    layers += [
        words("label", {"x": along("high", **place)}, dx=10),
        words("name", {"x": {"value": start}}, align="right", dx=-8),
    ]
    size = {"width": WIDTH, "height": ROW_HEIGHT * len(drawn)}
    return finished({"data": {"values": drawn}, **size, "encoding": y, "layer": layers})


def spots(rows: list[Row], columns: list[str], lines: list[str]) -> Spec:
    """Return a grid of spots whose area is the ``amount`` of each ``column`` and ``line``."""
    size = {"field": "amount", "type": "quantitative", "legend": None, "scale": {"range": [0, 420]}}
    spot = mark("circle", {"size": size}, color=BLUE, opacity=1)
    return _grid([spot], rows, columns, lines, width=_CELL - 2)


def figures_grid(rows: list[Row], columns: list[str], lines: list[str]) -> Spec:
    """Return a grid of ``label``, each on a field that is the fuller, the larger its ``amount``."""
    scale = {"range": [0.05, 0.55]}
    full = {"field": "amount", "type": "quantitative", "legend": None, "scale": scale}
    field = mark("rect", {"opacity": full}, color=BLUE)
    said = words("label", {}, align="center")
    return _grid([field, said], rows, columns, lines, width=62)


def _grid(
    layers: list[Spec], rows: list[Row], columns: list[str], lines: list[str], *, width: int
) -> Spec:
    names = {"labelAngle": 0, "labelOverlap": False, "grid": False}
    x = {"field": "column", "type": "ordinal", "sort": columns, "scale": {"domain": columns}}
    y = {"field": "line", "type": "ordinal", "sort": lines, "scale": {"domain": lines}}
    place = {"x": x | {"axis": names | {"orient": "top"}}, "y": y | {"axis": names}}
    step = min(width, (WIDTH - _TO_THE_LEFT) // max(len(columns), 1))
    size = {"width": step * len(columns), "height": _CELL * len(lines)}
    chart = finished({"data": {"values": rows}, **size, "encoding": place, "layer": layers})
    # A browser's letters are wider than those that were measured: "Wednesday" lost its first.
    chart["config"]["padding"]["left"] = _SPARE_LEFT
    return chart
