from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rokt_helpers.audience import Output, PreparedAudience, prepare_audience
from rokt_helpers.charts.lists import (
    Found,
    ageing_bars,
    churn_bars,
    conflicts_bar,
    list_picture,
    overlap_bar,
)
from rokt_helpers.charts.picture import Picture
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.jobs import ListsJob, Notice
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
NO_CONFLICT = Conflicts(NO_OVERLAP, pl.Series([], dtype=pl.String))
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


def test_conflicts_are_drawn_as_parts_of_the_list_to_target() -> None:
    """The list to suppress, however long, takes no room; the table behind counts all of it."""
    members = pl.Series([f"{number:064}" for number in range(11_000)])
    found = Conflicts(OVERLAP, members)
    picture = conflicts_bar(found)
    assert words(picture) == [
        "41,000 people only to target",
        "11,000 people to target and to suppress",
    ]
    assert f"{picture.title}." == found.sentence
    assert isinstance(picture.table, pl.DataFrame)
    assert picture.table["people"].sum() == 72_000
    assert members[0] not in picture._repr_html_()


@pytest.mark.parametrize(
    ("found", "picture"),
    [
        (OVERLAP, overlap_bar(OVERLAP, left="X", right="Y")),
        (CHANGE, churn_bars(CHANGE)),
        (NO_CONFLICT, conflicts_bar(NO_CONFLICT)),
    ],
)
def test_each_finding_has_its_picture(found: Found, picture: Picture) -> None:
    """Whatever was asked, the picture is the one of that question."""
    assert list_picture(found, left="X", right="Y").title == picture.title


def ages(days: int) -> pl.DataFrame:
    """Each day one person comes; all stay but the first."""
    lists = [prepared(range(0 if day == 0 else 1, day + 1)) for day in range(days)]
    return ageing({START + timedelta(days=day): people for day, people in enumerate(lists)})


def test_age_is_drawn_with_its_figures() -> None:
    """A bar for each day counts those who are still listed, of those first seen on it."""
    picture = ageing_bars(ages(3))
    assert set(words(picture)) == {
        "2026-11-01", "0 of 1 person still listed", "2026-11-02", "1 of 1 person still listed",
        "2026-11-03",
    }  # fmt: skip
    assert picture.title == (
        "2 of 3 people ever listed are listed on 2026-11-03, 0 of them first seen 2026-11-01"
    )


def test_many_days_begin_with_those_before() -> None:
    """Beyond a dozen days the oldest are one bar, and nobody is lost."""
    said = words(ageing_bars(ages(15)))
    assert said.count("1 of 1 person still listed") == 11
    assert {"before 2026-11-05", "3 of 4 people still listed"} <= set(said)
    assert "2026-11-04" not in said


def test_a_list_nobody_was_on_has_no_age_to_draw() -> None:
    """The picture is a sentence where no list holds anybody."""
    picture = ageing_bars(ageing({START: prepared([]), START + timedelta(days=1): prepared([])}))
    assert picture.title == "Nobody ever was on the list"


@pytest.mark.parametrize("picture", [overlap_bar(NO_OVERLAP), churn_bars(NO_CHANGE)])
def test_empty_lists_draw_a_sentence(picture: Picture) -> None:
    """Where nobody is on either list the picture says so."""
    assert picture.title == "Nobody is on either list"
    assert words(picture) == ["Nothing to draw."]


def test_nobody_to_target_draws_a_sentence() -> None:
    """Without a list to target there is no bar."""
    picture = conflicts_bar(NO_CONFLICT)
    assert picture.title == "Nobody is on the list to target"


# --- the job ------------------------------


def kept(name: str, people: Iterable[int]) -> str:
    rows = "\n".join(address(person) for person in people)
    Path(name).write_text(f"email\n{rows}\n", encoding="utf-8")
    return name


def test_a_view_says_what_to_do_first_and_then_what_was_found() -> None:
    """Chart, table and sentence are notices before a run, and afterwards agree with the result."""
    job = ListsJob(left=kept("a.csv", [1, 2, 3]), right=kept("b.csv", [3, 4]))
    assert all(isinstance(view(), Notice) for view in (job.chart, job.table, job.sentence))
    assert "Nothing is compared yet" in job.result()["sentence"]
    job.run()
    table = job.table()
    assert isinstance(table, pl.DataFrame)
    assert table["part"].to_list() == ["only a.csv", "both", "only b.csv"]
    assert table["people"].to_list() == [2, 1, 1]
    assert job.result()["sentence"] in repr(job.sentence())
    assert job.result()["out"] is None


def test_each_reading_says_which_list_it_is_of() -> None:
    """Both lists pass through the same stages, so the name of the list comes first."""
    heard: list[str] = []
    job = ListsJob(left=kept("a.csv", [1]), right=kept("b.csv", [2]))
    job.run(lambda reading: heard.append(reading.stage))
    assert {stage.partition(":")[0] for stage in heard} == {"a.csv", "b.csv"}


def test_a_schedule_may_have_the_conflicts_written() -> None:
    """With `out` a run writes who conflicts, and the result names the file but nobody in it."""
    job = ListsJob(
        left=kept("a.csv", [1, 2]), right=kept("b.csv", [2, 3]), mode="conflicts", out="off.csv"
    )
    job.run()
    assert Path("off.csv").read_text() == f"{digest(2)}\n"
    assert job.result()["out"] == "off.csv"
    assert digest(2)[:12] not in str(job.result())


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"mode": "age"}, "mode is 'overlap' or 'conflicts' or 'churn', not 'age'"),
        ({"out": "off.csv"}, "Only conflicts are written"),
    ],
)
def test_a_wrong_choice_is_said_at_once(choices: dict[str, str], says: str) -> None:
    """A schedule hears of it before anything is read."""
    with pytest.raises(InputError, match=says):
        ListsJob(**choices)  # type: ignore[arg-type]


def test_a_run_without_two_lists_says_so() -> None:
    """Two lists are needed, and conflicts must be found before they can be written."""
    with pytest.raises(InputError, match="Two lists are needed"):
        ListsJob(left="a.csv").run()
    with pytest.raises(InputError, match="no conflicts to write"):
        ListsJob(mode="conflicts").write_conflicts()


def test_the_age_comes_from_files_that_carry_their_day() -> None:
    """Names without a day, or with one that is none, are left out; one day alone has no age."""
    kept("news_2026-10-01.csv", [1, 2])
    kept("news.csv", [9])
    kept("news_2026-13-45.csv", [9])
    job = ListsJob(history="news*.csv")
    assert isinstance(job.ageing_chart(), Notice)
    kept("news_2026-11-01.csv", [2, 3])
    chart = job.ageing_chart()
    assert isinstance(chart, Picture)
    assert chart.title.startswith("2 of 3 people ever listed are listed on 2026-11-01")
    assert isinstance(ListsJob().ageing_chart(), Notice)
