"""Bars with their figures beside them, and numbers the way titles need them."""

from __future__ import annotations

from typing import Final

import polars as pl

from rokt_helpers.charts.picture import Picture, Table, as_polars
from rokt_helpers.charts.vega import BLUE, GREY, Row, sentence, side_by_side
from rokt_helpers.referrals.analysis import FEWEST_PEOPLE, hide_small

__all__ = [
    "ASIDE", "bar_picture", "counted", "in_brackets", "money", "nothing", "ratio", "safe",
    "stands_back",
]  # fmt: skip

ASIDE: Final = ("Other", "not given", "untold")  # groups that are no single thing are grey
_HIDDEN: Final = "fewer than "


def bar_picture(
    rows: list[Row], key: str, value: str, *, title: str, table: Table, colour: str = BLUE
) -> Picture:
    """Draw one bar per row in the order given, each with its ``label`` at its end."""
    drawn: list[Row] = [
        {
            "name": str(row[key]),
            "amount": row[value],
            "label": row["label"],
            "colour": GREY if stands_back(row[key]) else colour,
        }
        for row in rows
    ]
    alt_text = f"{title}. " + "; ".join(f"{row[key]} {row['label']}" for row in rows) + "."
    return Picture(title, side_by_side(drawn), table, alt_text)


def safe(table: Table, fewest: int = FEWEST_PEOPLE) -> pl.DataFrame:
    """Return the table with groups of few people folded, as everything a person sees must be."""
    return hide_small(as_polars(table), fewest=fewest)


def stands_back(name: object) -> bool:
    """Say whether a group is no single thing: the rest, the unknown, the hidden."""
    return name in ASIDE or str(name).startswith(_HIDDEN)


def nothing(table: Table, title: str) -> Picture:
    """Return a picture that says there is nothing to draw."""
    return Picture(title, sentence("Nothing to draw."), table, f"{title}.")


def counted(number: int, thing: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def money(amount: float, currency: str = "") -> str:
    """Return an amount, with its currency where one is known."""
    return f"{amount:,.2f} {currency}".rstrip()


def ratio(amount: float, whole: float) -> float:
    """Return a share; of nothing it is none."""
    return amount / whole if whole else 0.0


def in_brackets(share: float, of: str = "") -> str:
    """Return " (12% of all)", to be put behind a figure; nearly all is not said to be all."""
    shown = f"{share:.0%}"
    if shown == "100%" and share < 1:
        shown = "over 99%"
    if shown == "0%" and share > 0:
        shown = "under 1%"
    return f" ({shown}{of})"
