"""Draw the small tables of a prepared audience and of referrals: table in, picture out.

Law: a drawing computes shares and order, nothing else; the table it is given is shown behind it
as it came. Each figure stands beside its bar, so that no legend and no colour is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import altair as alt
import polars as pl

from rokt_helpers import contract
from rokt_helpers.charts.picture import Picture, Table

__all__ = [
    "by_age_band", "by_state", "cost_by_audience", "reasons_bar", "referrals_by_day", "sums_bar",
]  # fmt: skip

Row = dict[str, Any]

# At least 3:1 against white and against near-black, and told apart without red and green.
_BLUE, _ORANGE, _GREY = "#3a86d4", "#c9741a", "#808995"
_ASIDE: Final = ("Other", "not given")  # groups that are no single thing stand back in grey
_WIDTH: Final = 680
_ROW_HEIGHT: Final = 30
_SIDE: Final = 100  # beside the days, for the word at the average line
_TEXT: Final = 13
_MOST_BARS: Final = 10
_LONGEST_NAME: Final = 28
_FONT: Final = "Helvetica, Arial, sans-serif"
_INK: Final = "currentColor"


def sums_bar(summary: Mapping[str, Any]) -> Picture:
    """Show accepted, duplicate and rejected rows of ``PreparedAudience.summary`` as one bar."""
    colours = {"accepted": _BLUE, "duplicates": _GREY, "rejected": _ORANGE}
    whole = summary["rows_in"]
    rows: list[Row] = [
        {"part": part, "rows": summary[part], "share": _part(summary[part], whole), "order": order}
        for order, part in enumerate(colours)
    ]
    labelled = [row | {"label": f"{row['rows']:,} {row['part']}"} for row in rows]
    colour = alt.Color(
        "part:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
    )
    bar = (
        alt.Chart(_data(labelled), width=_WIDTH, height=34)
        .mark_bar(height=34)
        .encode(
            x=alt.X("rows:Q", stack="zero", axis=None, scale=alt.Scale(nice=False)),
            color=colour,
            order="order:O",
        )
    )
    # The labels stand in fixed places under the bar, so that thin parts never push them together.
    place = alt.X("order:Q", axis=None, scale=alt.Scale(domain=[0, 3], nice=False))
    key = alt.Chart(_data(labelled), width=_WIDTH, height=20).encode(x=place)
    squares = key.mark_square(size=130, opacity=1, xOffset=7).encode(color=colour)
    words = key.mark_text(align="left", dx=20, fontSize=_TEXT).encode(text="label:N")
    title = f"{summary['accepted']:,} of {whole:,} rows are accepted{_percent(rows[0]['share'])}"
    chart = alt.vconcat(bar, squares + words, spacing=8)
    alt_text = f"One bar of {whole:,} rows: " + ", ".join(row["label"] for row in labelled) + "."
    table = pl.DataFrame(rows, schema=["part", "rows", "share"], orient="row", strict=False)
    return Picture(title, _finished(chart), table, alt_text)


def reasons_bar(summary: Mapping[str, Any]) -> Picture:
    """Show how many rows of ``PreparedAudience.summary`` were rejected for which reason."""
    counts = sorted(summary["rejected_by_reason"].items(), key=lambda item: -item[1])
    rows: list[Row] = [
        {"reason": reason.replace("_", " "), "rows": count, "meaning": contract.REASONS[reason]}
        for reason, count in counts
        if count
    ]
    columns = {"reason": pl.String, "rows": pl.Int64, "meaning": pl.String}
    table = pl.DataFrame(rows, schema=columns)
    if not rows:
        return Picture("No row was rejected", _sentence("Every row passed."), table, "No row.")
    labelled = [row | {"label": f"{row['rows']:,}"} for row in rows]
    title = f"Most frequent reason: {rows[0]['reason']}, {rows[0]['rows']:,} of "
    title += f"{sum(row['rows'] for row in rows):,} rejected rows"
    return _bars(labelled, "reason", "rows", title=title, table=table, colour=_ORANGE)


def referrals_by_day(table: Table) -> Picture:
    """Show ``referrals`` per ``day`` and their average; the title counts those without a day."""
    rows = _rows(table)
    # A day alone would be read as midnight in London and may fall on the day before.
    points = [r | {"day": f"{r['day']:%Y-%m-%d}T00:00:00"} for r in rows if r["day"] is not None]
    if not points:
        return Picture("No referral has a date", _sentence("Nothing to draw."), table, "No day.")
    mean = sum(point["referrals"] for point in points) / len(points)
    best = max(points, key=lambda point: point["referrals"])
    undated = sum(row["referrals"] for row in rows if row["day"] is None)
    title = f"{mean:,.0f} referrals a day; most on {best['day'][:10]}: {best['referrals']:,}"
    title += f" ({undated:,} without a date)" if undated else ""
    drawn = _finished(_days(points) + _average(mean), room=40)
    return Picture(title, drawn, table, f"Bars of referrals for {len(points):,} days. {title}.")


def cost_by_audience(table: Table, *, currency: str = "") -> Picture:
    """Show the ``cost`` of each ``audience``, dearest first, and what one referral costs there."""
    rows = sorted(_rows(table), key=lambda row: -row["cost"])
    whole = sum(row["cost"] for row in rows)
    unit = f" {currency}".rstrip()
    bars = [
        row
        | {"label": f"{row['cost']:,.2f}{unit}, {_part(row['cost'], row['referrals']):,.2f} each"}
        for row in _with_rest(rows)
    ]
    if not bars:
        return Picture("No cost yet", _sentence("Nothing to draw."), table, "No audience.")
    title = f"{rows[0]['audience']} costs most: {rows[0]['cost']:,.2f}{unit}"
    title += _percent(_part(rows[0]["cost"], whole), " of all")
    return _bars(bars, "audience", "cost", title=title, table=table)


def by_state(table: Table) -> Picture:
    """Show ``referrals`` per ``state``."""
    return _referrals_bars(table, "state", "brings most referrals")


def by_age_band(table: Table) -> Picture:
    """Show ``referrals`` per ``age_band``, from young to old."""
    return _referrals_bars(table, "age_band", "is the largest age band")


def _days(points: list[Row]) -> alt.Chart:
    days = alt.Axis(format="%-d %b", tickCount=min(len(points), 8), labelOverlap=True, grid=False)
    chart = alt.Chart(_data(points), width=_WIDTH - _SIDE, height=220).mark_bar(color=_BLUE)
    drawn: alt.Chart = chart.encode(
        x=alt.X("yearmonthdate(day):T", title=None, axis=days),
        y=alt.Y("referrals:Q", title=None, axis=alt.Axis(format=",d", tickCount=4)),
    )
    return drawn


def _average(mean: float) -> alt.LayerChart | alt.FacetChart:
    chart = alt.Chart(_data([{"mean": mean, "label": f"average {mean:,.0f}"}])).encode(y="mean:Q")
    line = chart.mark_rule(color=_ORANGE, strokeWidth=2, strokeDash=[6, 4])
    word = chart.mark_text(align="left", dx=6, fontSize=_TEXT)
    placed: alt.Chart = word.encode(x=alt.value(_WIDTH - _SIDE), text="label:N")
    return alt.layer(line, placed)


def _referrals_bars(table: Table, key: str, says: str) -> Picture:
    rows = _rows(table)
    named = [row for row in rows if row[key] not in _ASIDE and row["referrals"]]
    if not named:
        return Picture("No referrals to show", _sentence("Nothing to draw."), table, "No group.")
    whole = sum(row["referrals"] for row in rows)
    best = max(named, key=lambda row: row["referrals"])
    share = _part(best["referrals"], whole)
    title = f"{best[key]} {says}: {best['referrals']:,}{_percent(share, ' of all')}"
    labelled = [
        row | {"label": f"{row['referrals']:,}{_percent(_part(row['referrals'], whole))}"}
        for row in rows
    ]
    return _bars(labelled, key, "referrals", title=title, table=table)


def _bars(
    rows: list[Row], key: str, value: str, *, title: str, table: Table, colour: str = _BLUE
) -> Picture:
    """Draw one bar per row in the order given, each with its figure at its end."""
    named = [row | {"name": _short(str(row[key])), "order": i} for i, row in enumerate(rows)]
    # Room on both sides is reckoned in characters: fonts differ, and text must not be cut off.
    start = _pixels(row["name"] for row in named)
    end = _WIDTH - _pixels(row["label"] for row in named)
    length = alt.Scale(domain=[0, max(row[value] for row in rows) or 1], range=[start, end])
    base = alt.Chart(_data(named), width=_WIDTH, height=_ROW_HEIGHT * len(rows)).encode(
        # By number, not by name: two audiences may bear the same name.
        y=alt.Y("order:O", axis=None)
    )
    aside = alt.FieldOneOfPredicate(field=key, oneOf=list(_ASIDE))
    shade = alt.condition(aside, alt.value(_GREY), alt.value(colour))
    x = alt.X(f"{value}:Q", axis=None, scale=length)
    bars = base.mark_bar(height=_ROW_HEIGHT * 0.68, cornerRadiusEnd=2).encode(x=x, color=shade)
    figures = base.mark_text(align="left", dx=8, fontSize=_TEXT).encode(x=x, text="label:N")
    names = base.mark_text(align="right", dx=-8, fontSize=_TEXT).encode(
        x=alt.value(start), text="name:N"
    )
    alt_text = f"{title}. " + "; ".join(f"{row[key]} {row['label']}" for row in rows) + "."
    return Picture(title, _finished(bars + figures + names), table, alt_text)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _pixels(texts: Iterable[str]) -> int:
    return 16 + round(_TEXT * 0.62 * max(len(text) for text in texts))


def _with_rest(rows: list[Row]) -> list[Row]:
    """Return the first bars, and one more for all others together, so that the sum stays."""
    first, rest = rows[:_MOST_BARS], rows[_MOST_BARS:]
    sums = {name: sum(row[name] for row in rest) for name in ("cost", "referrals")}
    return [*first, {"audience": "Other"} | sums] if rest else first


def _sentence(text: str) -> alt.TopLevelMixin:
    mark = alt.Chart(_data([{"text": text}]), width=_WIDTH, height=30)
    return _finished(mark.mark_text(align="left", x=0, fontSize=_TEXT).encode(text="text:N"))


def _finished(
    chart: alt.Chart | alt.LayerChart | alt.VConcatChart | alt.FacetChart, *, room: int = 4
) -> alt.TopLevelMixin:
    """Give the chart the house's looks; ``room`` is left to the right, in pixels."""
    axis = alt.AxisConfig(
        labelColor=_INK, titleColor=_INK, labelFontSize=_TEXT, titleFontSize=_TEXT,
        titleFontWeight="normal", gridColor=_INK, gridOpacity=0.15, domain=False, ticks=False,
        labelPadding=8,
    )  # fmt: skip
    settings = alt.Config(
        font=_FONT,
        axis=axis,
        background="transparent",
        padding={"left": 4, "top": 4, "bottom": 4, "right": room},
        text=alt.MarkConfig(color=_INK),
        view=alt.ViewConfig(stroke=None),
    )
    finished = chart.copy()
    finished.config = settings
    return finished


def _data(rows: list[Row]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _rows(table: Table) -> list[Row]:
    return (table if isinstance(table, pl.DataFrame) else pl.from_pandas(table)).to_dicts()


def _part(amount: float, whole: float) -> float:
    return amount / whole if whole else 0.0


def _percent(share: float, of: str = "") -> str:
    return f" ({share:.0%}{of})"
