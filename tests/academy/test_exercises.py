"""Every exercise marks what is right and what is wrong, and says why."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rokt_helpers import academy
from rokt_helpers.academy import Lesson, Readiness
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, right
from rokt_helpers.academy.readiness import TITLES
from tests.house.project import ROOT


@dataclass(frozen=True)
class Case:
    """The right answer of a lesson, and wrong ones with a word of what is said of them."""

    lesson: type[Lesson]
    right: Answer
    why: str
    wrong: Mapping[Answer, str]


CASES = [
    Case(
        academy.Matching,
        "ana-sofia.lopez+news@example.com",
        "White space off",
        {
            "Ana-Sofia.Lopez+News@Example.COM": "capitals",
            "  ana-sofia.lopez+news@example.com ": "white space",
            "ana-sofia.lopez@example.com": "plus tag",
            "anasofialopez+news@example.com": "dot or hyphen",
            "ab" * 32: "digest",
            "ana-sofia.lopez+news": "whole address",
            "anna-sofia.lopez+news@example.com": "a letter",
        },
    ),
    Case(
        academy.BrokenList,
        122,
        "export again",
        {
            121: "counts the header",
            38: "mistake of typing",
            140: "Go up",
            900: "161 rows",
            5: "not rejected",
            -3: "not rejected",
            "a hundred": "whole number",
        },
    ),
    Case(
        academy.PlanAndGuards,
        "removal",
        "30 people go, 10 come",
        {
            "flipped": "not the one",
            "removal, flipped": "other guards are open",
            "sesame": "no guard",
        },
    ),
    Case(
        academy.CrashAndRecovery,
        200,
        "200 went, and the list at the other side holds 300",
        {300: "all of them", 150: "in doubt", 100: "are confirmed", 7: "Add up", "x": "a number"},
    ),
    Case(
        academy.SftpByHand,
        ".members.csv",
        "all 40 lines at once",
        {
            "members.csv": "20 of 40 lines",
            "part.csv": "20 of 40 lines",
            "members.tmp": "was refused",
            "a/members.csv": "without a folder",
        },
    ),
    Case(
        academy.EventsAndMigration,
        "customerid",
        "no field for it",
        {"amount": "arrives over both", "shoe size": "have no"},
    ),
    Case(
        academy.ReferralTraps,
        4,
        "19 digits",
        {3: "last digits", 9: "why they differ", "some": "a number"},
    ),
    Case(
        academy.MorningAfter,
        "look",
        "a person has to decide",
        {"again": "same file", "allow": "unseen", "shout": "three words"},
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.lesson.__name__)


def test_there_are_eight() -> None:
    """The lessons are those that the record knows, in its order and with its titles."""
    assert {case.lesson.number: case.lesson.title for case in CASES} == dict(TITLES)


@each_case
def test_answers_are_marked(case: Case) -> None:
    """A wrong answer is told what speaks against it, the right one why; only that is recorded."""
    record = Readiness()
    with case.lesson() as lesson:
        assert not lesson.mark("").answered
        for answer, word in case.wrong.items():
            marked = lesson.mark(answer)
            assert (marked.passed, marked.answered) == (False, True)
            assert word in marked.explanation
        assert record.passed() == {}
        marked = lesson.mark(case.right)
        assert (marked.passed, lesson.result()["passed"]) == (True, True)
        assert case.why in marked.explanation
        assert lesson.mark(f"{case.right}\n").passed
    assert [*record.passed()] == [case.lesson.number]


@each_case
def test_no_answer_is_shown_beforehand(case: Case) -> None:
    """Neither the question nor what is said of a wrong answer gives the right one away."""
    with case.lesson() as lesson:
        shown = [repr(lesson.exercise), lesson.exercise._repr_html_(), repr(lesson.mark(""))]
    if case.lesson is not academy.MorningAfter:  # there the question is a choice of three
        assert [text for text in shown if str(case.right) in text] == []
    page = next((ROOT / "notebooks" / "academy").glob(f"{case.lesson.number}_*.ipynb"))
    prose = "".join(
        "".join(cell["source"]) for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]
    )
    if len(str(case.right)) > 4:
        assert str(case.right) not in prose


def views(lesson: Lesson) -> list[Any]:
    """Draw everything the lesson shows, as its notebook does."""
    page = next((ROOT / "notebooks" / "academy").glob(f"{lesson.number}_*.ipynb"))
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    last = [cell["source"][-1] for cell in cells if cell["cell_type"] == "code"]
    calls = [line for line in last if line.startswith("lesson.")]
    names = [line.removeprefix("lesson.").removesuffix("()") for line in calls]
    shown = [getattr(lesson, name) for name in names if name[0] != "m" and name != "hand_over"]
    return [view() if callable(view) else view for view in shown]


@pytest.mark.parametrize(
    ("lesson", "words"),
    [
        (academy.Matching, ["yes", "150 match", "200 match", "0 match"]),
        (academy.BrokenList, ["43 rejected", "161", "no_at_sign"]),
        (academy.PlanAndGuards, ["100 of 100", "30 of the 100 people", "removal"]),
        (academy.CrashAndRecovery, ["100 of 300", "confirmed", "planned", "150 of 300"]),
        (academy.SftpByHand, ["20 of 40 lines", "40 of 40 lines"]),
        (academy.EventsAndMigration, ["no place", "40 of 40", "other side: 37"]),
        (academy.ReferralTraps, ["678 referrals", "e+18", "returning"]),
    ],
)
def test_a_lesson_shows_what_it_speaks_of(lesson: type[Lesson], words: list[str]) -> None:
    """What the prose relies on is there to be seen, and no cell repeats a whole digest."""
    with lesson() as open_lesson:
        page = "".join(view._repr_html_() for view in views(open_lesson))
    if lesson is academy.ReferralTraps:  # how many there are depends on the day
        words = [word for word in words if word != "678 referrals"]
    assert [word for word in words if word not in page] == []


def test_the_nights_end_as_the_lesson_says() -> None:
    """Monday is delivered, Tuesday stops at a guard, and the record's path is not shown."""
    with academy.MorningAfter() as lesson:
        page = repr(lesson.nights)
        assert len(lesson.room.sandbox.members("Members")) == 100
    assert lesson.nights.table["exit_code"].to_list() == [0, 3]
    assert "45 of the 100 people" in page
    assert "rokt-academy" not in page


@pytest.mark.parametrize("answer", ["", "  ", "\n", 0])
def test_nothing_is_no_answer(answer: Answer) -> None:
    """An empty answer is not marked, and the way on is told."""
    marked = Exercise("Why?", "a word", lambda _: right("Because.")).check(answer)
    assert (marked.passed, marked.answered) == (False, False)
    assert repr(marked).startswith("Not answered yet. Write a word")


def test_what_cannot_be_an_answer_is_wrong() -> None:
    """True is not 1, and a list is no text."""
    exercise = Exercise("Why?", "a word", lambda _: right("Because."))
    odd: list[Any] = [True, ["a"], 1.5]
    assert [exercise.check(one).explanation for one in odd] == ["The answer should be a word."] * 3


def test_what_is_shown_is_escaped() -> None:
    """Text of an answer that comes back in an explanation cannot become part of the page."""
    assert "<b>" not in Marked(passed=False, explanation="<b>")._repr_html_()
    assert "<b>" not in Note(("<b>",))._repr_html_()


def test_the_glossary_finds_words() -> None:
    """A word is found by its name, in any case, before those that speak of it."""
    assert [*academy.Glossary("GUARD").found] == ["guard", "exit code"]
    assert len(academy.Glossary().found) > 30
    assert academy.Glossary("xyzzy")._repr_html_() == f"<p>{academy.Glossary('xyzzy')}</p>"
    names = [*academy.Glossary().found]
    assert names == sorted(names, key=str.casefold)


def test_no_lesson_leaves_anything_in_the_persons_state() -> None:
    """All that a lesson leaves behind is the record of what was passed."""
    with academy.PlanAndGuards() as lesson:
        views(lesson)
        lesson.mark("removal")
    home = Path(os.environ["ROKT_HOME"])
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["academy.json"]
