"""One chart with the finding as its title and the table it was drawn from behind it.

Law: a picture needs no network and no colour to be understood. Text takes the colour of the page
around it, so light and dark both read well, and everything a person sees is escaped.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl
import vl_convert

from rokt_helpers.charts.vega import Spec

if TYPE_CHECKING:  # whoever has a pandas table has paid for pandas; nobody else should
    import pandas as pd

__all__ = ["Picture", "Table", "as_polars", "table_html"]

# The chart is one picture with one sentence: its single bars and ticks are not read out one by one.
_PARTS_FOR_READERS: Final = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')

Table: TypeAlias = "pl.DataFrame | pd.DataFrame"


@dataclass(frozen=True, repr=False)
class Picture:
    """One chart. ``title`` states what it shows, ``alt_text`` says it to those who cannot see.

    ``spec`` is the chart as Vega-Lite, ``table`` what it was drawn from.
    """

    title: str
    spec: Spec
    table: Table
    alt_text: str

    def __repr__(self) -> str:
        """Return the title: the finding, no cell of the table."""
        return f"<Picture {self.title!r}>"

    def svg(self) -> str:
        """Return the chart as SVG that shrinks with the page and takes its text colour."""
        drawn = vl_convert.vegalite_to_svg(self.spec)
        label = html.escape(self.alt_text, quote=True)
        size = re.compile(r' width="([\d.]+)" height="[\d.]+"')
        fluid = rf' role="img" aria-label="{label}" style="width:\1px;max-width:100%;height:auto"'
        head, bracket, body = drawn.partition(">")
        whole = size.sub(lambda found: found.expand(fluid), head, count=1)
        return whole + bracket + _PARTS_FOR_READERS.sub("", body)

    def _repr_html_(self) -> str:
        return (
            '<figure class="picture" style="margin:0 0 1.5em">'
            '<figcaption style="font-weight:600;margin-bottom:.6em">'
            f"{html.escape(self.title)}</figcaption>{self.svg()}"
            '<details style="margin-top:.4em"><summary style="cursor:pointer;font-size:.85em">'
            f"The table behind it</summary>{table_html(self.table)}</details></figure>"
        )


def as_polars(table: Table) -> pl.DataFrame:
    """Return a pandas table as Polars, and a Polars table as it is."""
    return table if isinstance(table, pl.DataFrame) else pl.from_pandas(table)


def table_html(table: Table) -> str:
    """Return an escaped HTML table: numbers to the right with separators, shares in per cent."""
    frame = as_polars(table)
    sides = ["right" if dtype.is_numeric() else "left" for dtype in frame.dtypes]
    names = [html.escape(name.replace("_", " ")) for name in frame.columns]
    head = "".join(
        f'<th scope="col" style="text-align:{side};padding:.2em .8em">{name}</th>'
        for name, side in zip(names, sides, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(_cell(*cell) for cell in zip(frame.columns, row, sides, strict=True))
        + "</tr>"
        for row in frame.iter_rows()
    )  # fmt: skip
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(column: str, value: object, side: str) -> str:
    style = f"text-align:{side};padding:.2em .8em;font-variant-numeric:tabular-nums"
    if not isinstance(value, str):  # a day is not broken at its hyphens
        style += ";white-space:nowrap"
    return f'<td style="{style}">{html.escape(_shown(column, value))}</td>'


def _shown(column: str, value: object) -> str:
    if value is None:
        return "not given"
    if isinstance(value, float):
        return f"{value:.1%}" if column.startswith("share") else f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)
