"""The table of corrections without a browser: its messages are sent as a page sends them."""

from __future__ import annotations

from typing import Any

import pytest

from rokt_helpers.errors import InputError
from rokt_helpers.widgets.grid import MOST_ROWS, CorrectionGrid, GridRow
from tests.real_parts.page import Page, page_of

CANARY = "canary.example.com"
ROWS = [
    GridRow(12, "no @ in it", CANARY, "rejected: no @"),
    GridRow(40, "two addresses", "a@example.com b@example.com", "rejected: two addresses"),
]


class Grid:
    """A grid, its page, and what it told of changes."""

    def __init__(self) -> None:
        self.told: list[dict[int, str]] = []
        self.widget = CorrectionGrid(self.told.append)
        self.page: Page = page_of(self.widget)

    def values(self) -> dict[int, str]:
        """Ask for the values, as a page does whose reader wants to see them."""
        (said,) = self.page.say({"kind": "ask", "values": True})
        return {row["row"]: row["value"] for row in said["rows"]}

    def change(self, row: object, value: object) -> list[dict[str, Any]]:
        """Tell an edit, and return what is answered."""
        return self.page.say({"kind": "change", "source": 0, "row": row, "value": value})


@pytest.fixture
def grid() -> Grid:
    made = Grid()
    made.widget.show(ROWS)
    return made


def test_values_are_told_only_to_a_page_that_asks_for_them(grid: Grid) -> None:
    """New rows are announced without their values, and counted until a person asks to see them."""
    assert grid.page.heard == [{"kind": "renewed"}]
    assert grid.page.say({"kind": "ask", "values": False}) == [
        {"kind": "count", "rows": 2, "more": 0}
    ]
    assert CANARY not in repr(grid.page.wire)
    (said,) = grid.page.say({"kind": "ask", "values": True})
    assert said["rows"][0] == {
        "row": 12, "reason": "no @ in it", "value": CANARY, "mended": False,
        "state": "rejected: no @",
    }  # fmt: skip


def test_no_value_is_in_the_state_of_the_widget(grid: Grid) -> None:
    """Neither what the source has nor what a person types is in a trait or a repr."""
    grid.values()
    grid.change(12, "typed.canary@example.com")
    seen = f"{grid.widget.get_state()} {grid.widget!r} {ROWS} {grid.widget._repr_mimebundle_()}"
    assert "canary" not in seen
    updates = [data for data in grid.page.wire if data.get("method") == "update"]
    assert updates == []


def test_a_page_that_was_reloaded_is_given_the_values_again(grid: Grid) -> None:
    """The kernel keeps rows and corrections; another page that asks sees them as they are."""
    grid.change(12, "canary@example.com")
    grid.page = page_of(grid.widget)
    assert grid.values() == {12: "canary@example.com", 40: ROWS[1].value}


def test_edits_are_told_with_all_that_stands_and_undone_by_emptying(grid: Grid) -> None:
    """Each edit tells every correction; an empty one, or the old value, takes it back."""
    grid.change(12, " canary@example.com ")
    grid.change(40, "a@example.com")
    grid.change(12, "")
    grid.change(40, ROWS[1].value)
    assert grid.told == [
        {12: "canary@example.com"},
        {12: "canary@example.com", 40: "a@example.com"},
        {40: "a@example.com"},
        {},
    ]
    assert grid.values() == {12: CANARY, 40: ROWS[1].value}


def test_corrections_stay_when_the_rows_are_shown_with_new_states(grid: Grid) -> None:
    """Showing again keeps them, also of rows not among them; clearing forgets them."""
    grid.change(12, "canary@example.com")
    grid.widget.show([ROWS[1]])
    assert grid.widget.corrections == {12: "canary@example.com"}
    grid.widget.show([GridRow(12, "no @ in it", CANARY, "accepted now")])
    (said,) = grid.page.say({"kind": "ask", "values": True})
    assert (said["rows"][0]["state"], said["rows"][0]["mended"]) == ("accepted now", True)
    grid.widget.clear()
    assert grid.widget.corrections == {}
    assert grid.values() == {}


def test_another_source_is_hidden_again_and_takes_no_edit_of_the_one_before(grid: Grid) -> None:
    """What was typed into a row of one list is never a correction of the same row of another."""
    grid.values()
    grid.page.heard.clear()
    grid.widget.clear()
    grid.widget.show([GridRow(12, "no @", "x", "rejected: no @")])
    assert [one["kind"] for one in grid.page.heard] == ["cleared", "renewed", "renewed"]
    (said,) = grid.change(12, "canary@example.com")
    assert (said["kind"], grid.widget.corrections, grid.told) == ("no", {}, [])
    (rows,) = grid.page.say({"kind": "ask", "values": True})
    edit = {"kind": "change", "source": rows["source"], "row": 12, "value": "y@example.com"}
    assert grid.page.say(edit) == [{"kind": "renewed"}]
    assert grid.told == [{12: "y@example.com"}]


def test_what_is_told_can_be_changed_without_harm(grid: Grid) -> None:
    """The dict that is handed on is a copy."""
    grid.change(12, "canary@example.com")
    grid.told[0].clear()
    grid.widget.corrections.clear()
    assert grid.widget.corrections == {12: "canary@example.com"}


def test_at_most_two_hundred_rows_are_shown_and_the_rest_is_counted() -> None:
    """The page is told how many are not there."""
    grid = Grid()
    grid.widget.show([GridRow(n, "no @", f"v{n}", "rejected: no @") for n in range(1, 301)], more=7)
    (said,) = grid.page.say({"kind": "ask", "values": True})
    assert (len(said["rows"]), said["more"]) == (MOST_ROWS, 107)
    assert grid.page.say({"kind": "ask"}) == [{"kind": "count", "rows": MOST_ROWS, "more": 107}]
    assert grid.change(201, "x")[0]["kind"] == "no"


@pytest.mark.parametrize(
    ("row", "value"),
    [(13, "x"), ("12", "x"), (None, "x"), (12.0, "x"), (True, "x"), (12, None), (12, 5),
     (12, ["x"]), (12, "x" * 1_001), ({}, "x")],
)  # fmt: skip
def test_an_edit_that_cannot_be_is_refused(grid: Grid, row: object, value: object) -> None:
    """Rows that are not shown, and what is no text or too long, change nothing."""
    (said,) = grid.change(row, value)
    assert said["kind"] == "no"
    assert (grid.told, grid.widget.corrections) == ([], {})


@pytest.mark.parametrize("said", [None, 5, [], {}, {"kind": 5}, {"kind": "show"}])
def test_what_is_no_message_is_passed_over(grid: Grid, said: object) -> None:
    """A page that says nonsense gets no answer."""
    assert grid.page.say(said) == []


@pytest.mark.parametrize(
    ("error", "why"),
    [(InputError("Check the list again."), "Check the list again."),
     (ValueError(CANARY), "Something unforeseen happened: ValueError.")],
)  # fmt: skip
def test_an_error_of_whoever_is_told_is_a_sentence_without_a_value(
    error: Exception, why: str
) -> None:
    """Our own errors are said as they are; of any other only the kind."""

    def refuse(_: dict[int, str]) -> None:
        raise error

    widget = CorrectionGrid(refuse)
    page = page_of(widget)
    widget.show(ROWS)
    renewed, no = page.say({"kind": "change", "source": 0, "row": 12, "value": "x@example.com"})
    assert (renewed["kind"], no["kind"]) == ("renewed", "no")
    assert no["why"].startswith(why)
    assert CANARY not in no["why"]
