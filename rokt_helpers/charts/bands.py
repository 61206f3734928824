"""Two shapes for months of runs: figures with their usual band, and a calendar of days.

Law: as in :mod:`vega`, plain data, and only what is drawn. What stands out has another form, or a
letter, as well as another colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rokt_helpers.charts.vega import (
    BLUE,
    GREY,
    ORANGE,
    WIDTH,
    Row,
    Spec,
    finished,
    mark,
    words,
)

__all__ = ["banded", "days_in_weeks"]

_PANEL_HEIGHT: Final = 110
_SPARE_LEFT: Final = 16
_DAYS_IN_YEAR_AXIS: Final = 300  # a longer axis names the year as well
_CELL: Final = 26
_SMALLEST_LETTER: Final = 9
_WEEKDAYS: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_FOR_WEEKDAYS: Final = 60
_KEY_HEIGHT: Final = 18


def banded(
    panels: Sequence[tuple[str, list[Row]]], *, first: str, last: str, form: str = ",.2~f"
) -> Spec:
    """Return figures over time in panels, each with the band that is usual for it.

    Parameters
    ----------
    panels
        What each panel shows, and its figures in their order: ``day`` (ISO text without a zone),
        ``amount``, ``low`` and ``high`` (both null where nothing is usual yet), and ``odd``.
    first, last
        The days on which all panels begin and end, ISO text without a zone.
    form
        How the figures at the axis are written, in d3's manner.
    """
    drawn = [
        _figures(name, rows, [first, last], form, dates=number == len(panels))
        for number, (name, rows) in enumerate(panels, 1)
    ]
    chart = finished({"vconcat": drawn, "spacing": 24}, room=40)
    # A browser's letters are wider than those that were measured: 100,000 lost its first.
    chart["config"]["padding"]["left"] = _SPARE_LEFT
    return chart


def _figures(name: str, rows: list[Row], ends: list[str], form: str, *, dates: bool) -> Spec:
    place = {"scale": {"type": "time", "domain": ends}}
    axis: Any = {"format": _dates(ends), "tickCount": 8, "labelOverlap": True, "grid": False}
    x = {"x": {"field": "day", "type": "temporal", "axis": axis if dates else None} | place}
    tops = [row[key] for row in rows for key in ("amount", "high") if row[key] is not None]
    scale = {"domain": [0, max(tops, default=0) or 1], "nice": True}
    lines = {"format": form, "tickCount": 4}
    y = {"type": "quantitative", "axis": lines, "scale": scale}
    band = mark("area", x | {"y": y | {"field": "low"}, "y2": {"field": "high"}},
                color=GREY, opacity=0.3)  # fmt: skip
    figure = x | {"y": y | {"field": "amount"}}
    usual = [row for row in rows if not row["odd"]]
    odd = [row for row in rows if row["odd"]]
    layers = [
        {"data": {"values": [row for row in rows if row["low"] is not None]}} | band,
        {"data": {"values": rows}} | mark("line", figure, color=BLUE, strokeWidth=1, opacity=0.5),
        {"data": {"values": usual}} | mark("circle", figure, color=BLUE, size=16, opacity=1),
        {"data": {"values": odd}}
        | mark("point", figure, shape="diamond", color=ORANGE, filled=True, opacity=1, size=80),
        {"data": {"values": [{"text": name}]}}
        | words("text", {"x": {"value": 0}, "y": {"value": -10}}, fontWeight="bold"),
    ]
    return {"width": WIDTH - 100, "height": _PANEL_HEIGHT, "layer": layers}


def _dates(ends: list[str]) -> str:
    months = [int(end[:4]) * 12 + int(end[5:7]) for end in ends]
    return "%b %Y" if (months[1] - months[0]) * 30 > _DAYS_IN_YEAR_AXIS else "%-d %b"


def days_in_weeks(days: list[Row], months: list[Row], key: list[Row]) -> Spec:
    """Return a field for each day: a column for each week, Monday on top.

    Parameters
    ----------
    days
        ``week`` (from 0), ``weekday`` (0 is Monday), ``colour``, ``strength`` (opacity) and
        ``letter``, empty where nothing has to be said.
    months
        ``week`` in which a month begins, and its ``name``.
    key
        What each look means: ``colour``, ``strength``, ``letter`` and ``label``.
    """
    weeks = max(day["week"] for day in days) + 1
    step = min(_CELL, (WIDTH - _FOR_WEEKDAYS) // weeks)
    named = {"axis": {"labelExpr": f"{_WEEKDAYS}[datum.value]", "grid": False}}
    # Half a step of room on either side: fields lie side by side, whatever their number.
    x = {"field": "week", "type": "ordinal", "axis": None,
         "scale": {"domain": list(range(weeks)), "padding": 0.5}}  # fmt: skip
    y = {"field": "weekday", "type": "ordinal", "scale": {"domain": list(range(7)), "padding": 0.5}}
    place = {"x": x, "y": y | named}
    size = {"width": step * weeks, "height": step * 7}
    field = {"data": {"values": days}} | _field(place, step - 2)
    letter = {"data": {"values": [day for day in days if day["letter"]]}} | _letter(
        place, max(step // 2, _SMALLEST_LETTER)
    )
    above = {"x": x, "y": {"value": -8}}
    month = {"data": {"values": months}} | words("name", above, fontSize=12, xOffset=-step // 2)
    grid = {**size, "layer": [field, letter, month]}
    return finished({"vconcat": [grid, _key(key)], "spacing": 14})


def _field(place: Spec, size: int) -> Spec:
    looks = {
        "color": {"field": "colour", "scale": None},
        "opacity": {"field": "strength", "type": "quantitative", "scale": None},
    }
    return mark("square", place | looks, size=size * size, opacity=1)


def _letter(place: Spec, size: int) -> Spec:
    return words(
        "letter", place, align="center", fontWeight="bold", fontSize=size, baseline="middle"
    )


def _key(rows: list[Row]) -> Spec:
    """Return the looks of the fields side by side, each with its meaning."""
    places, here = [], 0.0
    for row in rows:
        places.append(row | {"at": here})
        here += 48 + 7.2 * len(row["label"])
    x = {"x": {"field": "at", "type": "quantitative", "axis": None,
               "scale": {"domain": [0, WIDTH], "range": [0, WIDTH], "nice": False}}}  # fmt: skip
    drawn = {"width": WIDTH, "height": _KEY_HEIGHT, "data": {"values": places}}
    layers = [
        _moved(_field(x, 15), 8),
        _moved(_letter(x, 10), 8),
        words("label", x, dx=21, baseline="middle"),
    ]
    return drawn | {"layer": layers}


def _moved(layer: Spec, pixels: int) -> Spec:
    return layer | {"mark": layer["mark"] | {"xOffset": pixels}}
