"""Draw lists held against one another: how two overlap, and who came and went.

Law: a drawing computes no figure; the table it is given is shown behind it as it came. Each figure
stands beside its bar, so that no legend and no colour is needed.
"""

from __future__ import annotations

from typing import Final

from rokt_helpers.charts.picture import Picture
from rokt_helpers.charts.vega import BLUE, GREY, ORANGE, Row, sentence, side_by_side, stacked
from rokt_helpers.list_lab.comparisons import Churn, Comparison

__all__ = ["churn_bars", "overlap_bar"]

_LONGEST_NAME: Final = 18  # three labels share one line


def overlap_bar(comparison: Comparison, *, left: str = "A", right: str = "B") -> Picture:
    """Show two lists as one bar: only the left one, both, only the right one.

    Parameters
    ----------
    comparison
        What :func:`list_lab.compare` gave.
    left, right
        What the lists are called; a long name is shortened beside the bar.
    """
    table = comparison.table()
    if not comparison.union:
        said = "Nobody is on either list"
        return Picture(said, sentence("Nothing to draw."), table, f"{said}.")
    a, b = _short(left), _short(right)
    wheres = (f"only {a}", "both", f"only {b}")
    rows: list[Row] = [
        {"amount": people, "label": f"{people:,} {where}", "colour": colour}
        for people, where, colour in zip(table["people"], wheres, (BLUE, GREY, ORANGE), strict=True)
    ]
    title = f"{_people(comparison.both)} on both lists: {comparison.share_of_left:.0%} of {left}, "
    title += f"{comparison.share_of_right:.0%} of {right}"
    said = ", ".join(row["label"] for row in rows)
    return Picture(title, stacked(rows), table, f"One bar of people: {said}. {title}.")


def churn_bars(churn: Churn) -> Picture:
    """Show who stayed, came and went between two states of a list, one bar each."""
    table = churn.table()
    if not churn.earlier and not churn.later:
        said = "Nobody is on either list"
        return Picture(said, sentence("Nothing to draw."), table, f"{said}.")
    rows: list[Row] = [
        {"name": part, "amount": people, "label": f"{people:,}", "colour": colour}
        for part, people, colour in zip(
            table["part"], table["people"], (GREY, BLUE, ORANGE), strict=True
        )
    ]
    title = f"From {churn.earlier:,} people to {churn.later:,}: {churn.came:,} came and "
    title += f"{churn.went:,} went ({churn.went_rate:.0%} of the earlier list)"
    said = ", ".join(f"{row['name']} {row['label']}" for row in rows)
    return Picture(title, side_by_side(rows), table, f"Bars of people: {said}. {title}.")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _people(number: int) -> str:
    return "1 person is" if number == 1 else f"{number:,} people are"
