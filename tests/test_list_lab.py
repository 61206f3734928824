from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.audience import Output, PreparedAudience, prepare_audience
from rokt_helpers.charts.lists import churn_bars, overlap_bar
from rokt_helpers.charts.picture import Picture
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.list_lab import (
    Churn,
    Comparison,
    Conflicts,
    ageing,
    churn,
    compare,
    conflicts,
    overlaps,
)

START = date(2026, 11, 1)


def address(person: int) -> str:
    return f"Person{person}@Example-Shop.com"


def digest(person: int) -> str:
    return hashlib.sha256(address(person).lower().encode()).hexdigest()


def prepared(people: Iterable[int], output: Output = "sha256") -> PreparedAudience:
    """These people, prepared for real. An address that is none keeps an empty list readable."""
    rows = [address(person) for person in people] + ["not@an-address"]
    return prepare_audience(pl.Series("email", rows), output=output)


PEOPLE = st.sets(st.integers(0, 12))
OUTPUTS = st.sampled_from(["sha256", "plain"])


@settings(max_examples=40, deadline=None)
@given(PEOPLE, PEOPLE, OUTPUTS, OUTPUTS)
def test_a_comparison_counts_as_sets_do(
    left: set[int], right: set[int], left_output: Output, right_output: Output
) -> None:
    """Every figure is the one of Python's sets, whether either list is plain or hashed."""
    found = compare(prepared(left, left_output), prepared(right, right_output))
    assert (found.left, found.right) == (len(left), len(right))
    assert (found.only_left, found.both, found.only_right) == (
        len(left - right),
        len(left & right),
        len(right - left),
    )
    assert found.union == len(left | right)
    assert found.jaccard == (len(left & right) / len(left | right) if left | right else 0.0)
    assert found.share_of_left == (len(left & right) / len(left) if left else 0.0)
    assert found.share_of_right == (len(left & right) / len(right) if right else 0.0)
    assert found.table()["people"].sum() == found.union


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), PEOPLE))
def test_the_matrix_counts_as_sets_do(lists: dict[str, set[int]]) -> None:
    """Each ordered pair has one row, as sets count it, and its parts sum to the left list."""
    table = overlaps({name: prepared(people) for name, people in lists.items()})
    assert len(table) == len(lists) * max(0, len(lists) - 1)
    for row in table.to_dicts():
        left, right = lists[row["left"]], lists[row["right"]]
        assert (row["left_people"], row["right_people"]) == (len(left), len(right))
        assert (row["both"], row["only_left"]) == (len(left & right), len(left - right))
        assert row["only_left"] + row["both"] == row["left_people"]
        assert row["jaccard"] == (len(left & right) / len(left | right) if left | right else 0)


@settings(max_examples=25, deadline=None)
@given(PEOPLE, PEOPLE)
def test_conflicts_are_the_people_on_both_lists(target: set[int], suppress: set[int]) -> None:
    """The members are exactly those people's digests, and only `members` shows one."""
    found = conflicts(prepared(target, "plain"), prepared(suppress))
    members = {digest(person) for person in target & suppress}
    assert set(found.members) == members
    assert found.people == len(members)
    assert not any(member[:8] in repr(found) + found.sentence for member in members)


@pytest.mark.parametrize(
    ("target", "suppress", "says"),
    [
        ({1}, {2}, "Nobody is on both the list to target and the list to suppress."),
        ({1, 2}, {2}, "1 person is on both lists: 50.0% of those to target are to be suppressed"),
        ({1, 2}, {1, 2}, "2 people are on both lists: 100.0% of those to target"),
    ],
)
def test_conflicts_are_said_in_words(target: set[int], suppress: set[int], says: str) -> None:
    """One sentence with the number and the share, right for nobody, one and many."""
    assert conflicts(prepared(target), prepared(suppress)).sentence.startswith(says)


@settings(max_examples=25, deadline=None)
@given(PEOPLE, PEOPLE)
def test_churn_counts_as_sets_do(earlier: set[int], later: set[int]) -> None:
    """Who came, went and stayed is what the differences of the sets say."""
    change = churn(prepared(earlier), prepared(later))
    assert (change.came, change.went, change.stayed) == (
        len(later - earlier),
        len(earlier - later),
        len(earlier & later),
    )
    assert change.went_rate == (len(earlier - later) / len(earlier) if earlier else 0.0)
    assert change.came_rate == (len(later - earlier) / len(later) if later else 0.0)
    assert change.table()["people"].sum() == len(earlier | later)
    assert change.table()["share"].sum() == pytest.approx(1.0 if earlier | later else 0.0)


def seen_on(person: int, history: list[set[int]]) -> list[int]:
    return [day for day, people in enumerate(history) if person in people]


@settings(max_examples=40, deadline=None)
@given(st.lists(PEOPLE, min_size=1, max_size=5))
def test_ageing_counts_as_a_diary_does(history: list[set[int]]) -> None:
    """Per first day: who is still there, who left, and who was missing in between."""
    days = [START + timedelta(days=3 * number) for number in range(len(history))]
    table = ageing({day: prepared(people) for day, people in zip(days, history, strict=True)})
    assert table["first_seen"].to_list() == days
    assert table["people"].sum() == len(set().union(*history))
    for number, row in enumerate(table.to_dicts()):
        diary = [
            when
            for person in set().union(*history)
            if (when := seen_on(person, history))[0] == number
        ]
        listed = sum(when[-1] == len(history) - 1 for when in diary)
        assert row["days"] == 3 * (len(history) - 1 - number)
        assert (row["people"], row["listed"], row["left"]) == (
            len(diary),
            listed,
            len(diary) - listed,
        )
        assert row["came_back"] == sum(len(when) < when[-1] - when[0] + 1 for when in diary)


def test_days_may_come_in_any_order() -> None:
    """The order of the mapping does not matter, and plain lists may stand beside hashed ones."""
    lists = {START: prepared([1, 2], "plain"), START + timedelta(days=1): prepared([2, 3])}
    backwards = dict(reversed(lists.items()))
    assert ageing(backwards).equals(ageing(lists))
    assert ageing(lists)["people"].to_list() == [2, 1]


def test_no_list_has_no_age() -> None:
    """Nothing to look at is said, not shown as an empty table."""
    with pytest.raises(InputError, match="at least one"):
        ageing({})


def test_sources_of_every_kind_compare() -> None:
    """A pandas column, a Polars column that mixes kinds, and a prepared list meet by digest."""
    mixed = pl.Series("who", [address(1), digest(2).upper(), address(3), address(3)])
    frame = pd.DataFrame({"email": [address(2), address(3), address(4)]})
    found = compare(mixed, frame)
    assert (found.left, found.both, found.only_right) == (3, 2, 1)
    assert compare(frame["email"], prepared([2, 3, 4])).jaccard == 1.0


def test_sums_that_do_not_add_up_stop() -> None:
    """A comparison, a churn and conflicts whose parts are not the whole cannot be made."""
    with pytest.raises(ContractError, match="parts of a list hold 2 people and the list 3"):
        Comparison(left=3, right=1, only_left=1, both=1, only_right=0)
    with pytest.raises(ContractError, match="bug in the workbench"):
        Comparison(left=2, right=5, only_left=1, both=1, only_right=0)
    with pytest.raises(ContractError, match="bug in the workbench"):
        Churn(earlier=2, later=2, came=1, went=1, stayed=2)
    one = Comparison(left=1, right=1, only_left=0, both=1, only_right=0)
    with pytest.raises(ContractError, match="bug in the workbench"):
        Conflicts(one, pl.Series([], dtype=pl.String))


# --- charts ------------------------------

OVERLAP = Comparison(left=52_000, right=31_000, only_left=41_000, both=11_000, only_right=20_000)
NO_OVERLAP = Comparison(left=0, right=0, only_left=0, both=0, only_right=0)
CHANGE = Churn(earlier=50_000, later=51_200, came=3_100, went=1_900, stayed=48_100)
NO_CHANGE = Churn(earlier=0, later=0, came=0, went=0, stayed=0)


def words(picture: Picture) -> list[str]:
    """The texts a person reads in the drawing."""
    root = ET.fromstring(picture.svg())  # noqa: S314  our own drawing
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_overlap_is_drawn_with_its_figures() -> None:
    """Three parts, each with its number; the title states the finding, the table adds up."""
    picture = overlap_bar(OVERLAP, left="Shop", right="Newsletter of the loyalty club")
    assert words(picture) == [
        "41,000 only Shop",
        "11,000 both",
        "20,000 only Newsletter of the…",
    ]
    assert picture.title == (
        "11,000 people are on both lists: 21% of Shop, 35% of Newsletter of the loyalty club"
    )
    assert isinstance(picture.table, pl.DataFrame)
    assert picture.table["people"].sum() == 72_000


def test_churn_is_drawn_with_its_figures() -> None:
    """One bar each for who stayed, came and went."""
    picture = churn_bars(CHANGE)
    assert set(words(picture)) == {"stayed", "48,100", "came", "3,100", "went", "1,900"}
    assert picture.title == (
        "From 50,000 people to 51,200: 3,100 came and 1,900 went (4% of the earlier list)"
    )


@pytest.mark.parametrize("picture", [overlap_bar(NO_OVERLAP), churn_bars(NO_CHANGE)])
def test_empty_lists_draw_a_sentence(picture: Picture) -> None:
    """Where nobody is on either list the picture says so."""
    assert picture.title == "Nobody is on either list"
    assert words(picture) == ["Nothing to draw."]
