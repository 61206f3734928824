"""The drawings of the saving: figures in the title, few people folded, nothing where nothing is."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import polars as pl
import pytest

from rokt_helpers import charts

KINDS = ("first time", "referred before", "bought before", "referred and bought before")


def spared(*people: int) -> pl.DataFrame:
    """Return a table of kinds, each person referred once for 2.00."""
    return pl.DataFrame(
        {"kind": KINDS, "referrals": people, "people": people, "cost": [2.0 * n for n in people]}
    )


def compared(before: int, since: int, leaked: int = 0) -> pl.DataFrame:
    """Return a table of two periods of so many people, a tenth of them avoidable before."""
    return pl.DataFrame({
        "period": ["before the list", "since the list"],
        "referrals": [before, since], "people": [before, since],
        "cost": [2.0 * before, 2.0 * since],
        "avoidable": [before // 10, leaked], "leaked": [0, leaked],
        "cost_avoidable": [0.2 * before, 2.0 * leaked], "cost_leaked": [0.0, 2.0 * leaked],
        "avoidable_per_1000": [100.0, 1000.0 * leaked / since if since else None],
        "leaked_per_1000": [0.0, 1000.0 * leaked / since if since else None],
    })  # fmt: skip


def words(picture: charts.Picture) -> str:
    root = ET.fromstring(picture.svg())  # noqa: S314  our own drawing
    return " ".join(node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize(
    ("people", "title"),
    [
        ((70, 10, 20, 0), ("30 of 100 referrals of the last 7 days could have been spared: "
                           "60.00 USD (30% of the cost)")),
        ((70, 20, 7, 3), ("At least 20 of 100 referrals of the last 7 days could have been spared: "
                         "40.00 USD (20% of the cost)")),
        ((98, 1, 1, 0), "Too few people came again to be shown"),
        ((100, 0, 0, 0), "Nobody who was referred or had bought before came again"),
        ((0, 0, 0, 0), "No referrals to show"),
    ],
)  # fmt: skip
def test_the_title_says_what_could_be_spared(people: tuple[int, ...], title: str) -> None:
    """It counts what may be shown, and says so where some of it is folded."""
    picture = charts.avoidable_cost(spared(*people), days=7, currency="USD")
    assert picture.title == title


def test_a_kind_of_few_people_is_not_named() -> None:
    """Three people who bought and were referred stand nowhere by themselves, nor in the table."""
    picture = charts.avoidable_cost(spared(70, 20, 7, 3))
    assert "first time" not in words(picture)
    assert "referred and bought before" not in words(picture)
    assert "referred and bought before" not in picture._repr_html_()
    assert "fewer than 5 and others" in words(picture)
    assert "20.00, 10 referrals" in words(picture)


def test_two_periods_are_compared_when_both_can_be_shown() -> None:
    """Each 1,000 referrals before and since, and the leaks; none with few people."""
    picture = charts.before_and_after(compared(100, 50, leaked=2), currency="USD")
    assert picture is not None
    assert picture.title == (
        "Of 1,000 referrals 100 could be spared before the list, 40 since; "
        "2 referrals of people on it: 4.00 USD"
    )
    assert "40 of 1,000 (2 of 50 referrals)" in words(picture)
    for before, since in ((100, 0), (100, 3), (3, 100), (0, 100)):
        assert charts.before_and_after(compared(before, since)) is None


def test_who_goes_in_is_drawn_with_who_is_new() -> None:
    """The parts add up to everybody in the title."""
    table = pl.DataFrame({"part": ["referred only", "bought only"], "people": [3, 1],
                          "new": [1, 0]})  # fmt: skip
    picture = charts.going_in(table)
    assert picture.title == "4 people belong on the list; 1 of them is new on it"
    assert "3 (75%), 1 new" in words(picture)
    assert "Nothing to draw." in words(charts.going_in(table.clear()))
