"""Draw lists held against one another: overlap, conflicts, churn and age.

Law: a drawing computes sums and shares, nothing else; the table it is given is shown behind it as
it came. Each figure stands beside its bar, so that no legend and no colour is needed.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import polars as pl

from rokt_helpers.charts.picture import Picture
from rokt_helpers.charts.vega import BLUE, GREY, ORANGE, Row, sentence, side_by_side, stacked
from rokt_helpers.list_lab.comparisons import Churn, Comparison, Conflicts

__all__ = ["Found", "ageing_bars", "churn_bars", "conflicts_bar", "list_picture", "overlap_bar"]

Found: TypeAlias = Comparison | Conflicts | Churn

_LONGEST_NAME: Final = 18  # three labels share one line
_MOST_DAYS: Final = 12


def list_picture(found: Found, *, left: str = "A", right: str = "B") -> Picture:
    """Show whatever the list lab found of two lists; the names are used where they are needed."""
    if isinstance(found, Churn):
        return churn_bars(found)
    if isinstance(found, Conflicts):
        return conflicts_bar(found)
    return overlap_bar(found, left=left, right=right)


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


def conflicts_bar(conflicts: Conflicts) -> Picture:
    """Show a list to target as one bar: who is on it alone, and who is to be suppressed as well.

    The list to suppress is not drawn: it may be a hundred times longer, and only its part that is
    to be targeted matters here. The table behind the chart counts all of it.
    """
    comparison, table = conflicts.comparison, conflicts.comparison.table()
    title = conflicts.sentence.removesuffix(".")
    if not comparison.left:
        said = "Nobody is on the list to target"
        return Picture(said, sentence("Nothing to draw."), table, f"{said}.")
    parts = ((comparison.only_left, "only to target", BLUE),
             (comparison.both, "to target and to suppress", ORANGE))  # fmt: skip
    rows: list[Row] = [
        {"amount": people, "label": f"{_heads(people)} {where}", "colour": colour}
        for people, where, colour in parts
    ]
    said = ", ".join(row["label"] for row in rows)
    return Picture(title, stacked(rows), table, f"One bar of people to target: {said}. {title}.")


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


def ageing_bars(table: pl.DataFrame) -> Picture:
    """Show, for each day somebody was first seen, how many of these people are still listed.

    Parameters
    ----------
    table
        What :func:`list_lab.ageing` gave. Beyond a dozen days the oldest are one bar.
    """
    days = table.to_dicts()
    ever = sum(day["people"] for day in days)
    if not ever:
        said = "Nobody ever was on the list"
        return Picture(said, sentence("Nothing to draw."), table, f"{said}.")
    rows: list[Row] = [
        {
            "name": str(day["first_seen"]),
            "amount": day["listed"],
            "label": f"{day['listed']:,} of {_heads(day['people'])} still listed",
            "colour": BLUE,
        }
        for day in _with_earlier(days)
    ]
    first, latest = days[0], days[-1]
    title = f"{sum(day['listed'] for day in days):,} of {_heads(ever)} ever listed are listed on "
    title += f"{latest['first_seen']}"
    if len(days) > 1:
        title += f", {first['listed']:,} of them first seen {first['first_seen']}"
    said = "; ".join(f"first seen {row['name']}: {row['label']}" for row in rows)
    return Picture(title, side_by_side(rows), table, f"Bars of people: {said}. {title}.")


def _with_earlier(days: list[Row]) -> list[Row]:
    """Return the last days, and all before them as one, so that the sums stay."""
    if len(days) <= _MOST_DAYS:
        return days
    earlier, last = days[: 1 - _MOST_DAYS], days[1 - _MOST_DAYS :]
    sums = {name: sum(day[name] for day in earlier) for name in ("people", "listed")}
    return [{"first_seen": f"before {last[0]['first_seen']}"} | sums, *last]


def _heads(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"


def _people(number: int) -> str:
    return "1 person is" if number == 1 else f"{number:,} people are"
