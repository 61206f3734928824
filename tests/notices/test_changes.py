"""What to tell, and in which words: once when it begins, once when it is over, nothing between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rokt_helpers.attention import KINDS, Concern, Kind
from rokt_helpers.notices.changes import Changes, ToldOf, changes, key_of, now_told
from rokt_helpers.notices.text import SPOKEN, Notice, notice

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def concern(kind: Kind = "failed", subject: str = "night", said: str = "It failed.") -> Concern:
    return Concern(kind, subject, said, "Run it again.", NOW - DAY)


class Person:
    """Somebody who is told at each look, and remembers."""

    def __init__(self, *, again_days: int = 0) -> None:
        self.told: dict[str, ToldOf] = {}
        self.again_days = again_days

    def look(
        self, *concerns: Concern, after: timedelta = timedelta(), whole: bool = True
    ) -> list[str]:
        """Look, and say what there was to tell."""
        now = NOW + after
        found = changes(self.told, concerns, now, again_days=self.again_days, whole=whole)
        self.told = now_told(self.told, concerns, found, now, whole=whole)
        return [
            *(f"new {one.subject} {one.kind}" for one in found.new),
            *(f"still {one.subject} {one.kind}" for one in found.still),
            *(f"over {one.subject} {one.kind}" for one in found.over),
        ]


def test_each_change_is_told_once() -> None:
    """Begins, stays, is over, stays over; and begins once more."""
    person = Person()
    assert person.look(concern()) == ["new night failed"]
    assert person.look(concern(said="Again."), after=DAY) == []
    assert person.look() == ["over night failed"]
    assert person.look() == []
    assert person.look(concern()) == ["new night failed"]


def test_one_kind_that_becomes_another_is_not_over() -> None:
    """A failure that became a guard's stop goes on: told as what it is now, and never as mended."""
    person = Person()
    person.look(concern("failed"))
    assert person.look(concern("guard_stopped")) == ["new night guard_stopped"]
    assert person.look() == ["over night guard_stopped"]


def test_what_could_not_be_seen_is_not_over() -> None:
    """While the ledger cannot be read its concerns are kept; afterwards they are over, or go on."""
    person = Person()
    person.look(concern("in_doubt", "VIP"), concern("failed", "night"))
    broken = concern("failed", "the ledger")
    assert person.look(broken, concern("failed", "night"), whole=False) == ["new the ledger failed"]
    assert person.look(broken, whole=False) == []
    assert person.look(concern("in_doubt", "VIP")) == [
        "over night failed", "over the ledger failed",
    ]  # fmt: skip


def test_what_nobody_looks_at_any_more_is_not_over() -> None:
    """A doubt of a month ago leaves the page and was never settled; a schedule is always known."""
    person = Person()
    person.look(concern("in_doubt", "VIP"), concern("failed", "night"))
    assert person.look(after=30 * DAY) == ["over night failed"]
    assert person.told == {}
    person.look(concern("in_doubt", "VIP"))
    assert person.look(after=28 * DAY) == ["over VIP in_doubt"]


def test_who_wants_it_is_reminded() -> None:
    """After so many days, then after as many again."""
    person = Person(again_days=2)
    person.look(concern())
    assert person.look(concern(), after=2 * DAY - timedelta(seconds=1)) == []
    assert person.look(concern(), after=2 * DAY) == ["still night failed"]
    assert person.look(concern(), after=3 * DAY) == []
    assert person.look(concern(), after=4 * DAY) == ["still night failed"]
    assert Person().look(concern()) == ["new night failed"]


@given(st.lists(st.frozensets(st.sampled_from(KINDS), max_size=3), max_size=12))
def test_whatever_happens_nothing_is_told_twice(looks: Sequence[frozenset[Kind]]) -> None:
    """Of each concern the tellings alternate: it begins, it is over, it begins."""
    person = Person()
    heard: dict[str, list[str]] = {}
    for kinds in looks:
        for line in person.look(*(concern(kind, kind) for kind in kinds)):
            what, subject, _ = line.split(" ")
            heard.setdefault(subject, []).append(what)
    for told in heard.values():
        assert told == ["new", "over"] * (len(told) // 2) + ["new"] * (len(told) % 2)
    assert {one.subject for one in person.told.values()} == (looks[-1] if looks else frozenset())


# --- words ------------------------------------


def said(changed: Changes) -> Notice:
    return notice(changed, profile="live", account="1234")


def test_the_subject_says_where_who_and_what() -> None:
    """Profile, job, what happened; of several the worst, and how many more."""
    night, late = concern(), concern("late", "morning")
    over = ToldOf("in_doubt", "VIP", NOW, NOW)
    assert said(Changes((night,))).subject == "Rokt live: night failed"
    assert said(Changes((night, late))).subject == "Rokt live: night failed, and 1 more"
    assert said(Changes((), (late,))).subject == "Rokt live: morning still did not run"
    assert said(Changes((), (), (over,))).subject == "Rokt live: VIP recovered"
    lost = replace(over, kind="expiring", subject="r.csv")
    assert said(Changes((), (), (lost,))).subject == (
        "Rokt live: r.csv is over: collected, or past its time"
    )


def test_the_body_says_what_to_do() -> None:
    """The sentence, since when, the advice; what is over; and where to look."""
    over = ToldOf("in_doubt", "VIP", NOW, NOW)
    assert said(Changes((concern(),), (), (over,))).body.splitlines() == [
        "night: failed (since 2026-11-21 12:00 UTC)",
        "It failed.",
        "What to do: Run it again.",
        "",
        "VIP: recovered (was: outcome not known).",
        "",
        "`rokt status` shows everything that needs a person (profile live, account 1234).",
    ]
    assert "account" not in notice(Changes((concern(),)), profile="sandbox", account="").body


def test_many_are_counted() -> None:
    """A hundred things at once are still a short message."""
    many = tuple(concern(subject=f"entry-{number}") for number in range(100))
    told = tuple(ToldOf("failed", f"old-{number}", NOW, NOW) for number in range(100))
    message = said(Changes(many, (), told))
    assert message.subject == "Rokt live: entry-0 failed, and 199 more"
    assert "And 92 more." in message.body
    assert "And 92 more are over." in message.body
    assert len(message.body) < 2_000


@pytest.mark.parametrize("field", ["subject", "sentence", "advice"])
def test_nobody_stands_in_a_notice(field: str) -> None:
    """An address or a digest in whatever is told of is masked, in the subject as well."""
    canary = "canary@example.com and " + "ab" * 32
    said_of = {"subject": "night", "sentence": "It failed.", "advice": "Look.", field: canary}
    planted = Concern("failed", since=NOW, **said_of)
    over = ToldOf("failed", canary, NOW, NOW)
    for changed in (Changes((planted,)), Changes((), (planted,)), Changes((), (), (over,))):
        message = said(changed)
        assert "canary" not in message.subject + message.body
        assert "abab" not in message.subject + message.body
        assert "\n" not in message.subject


def test_a_long_name_leaves_a_subject_short() -> None:
    """It is cut, and what follows is still told."""
    long = concern(subject="x" * 500)
    assert len(said(Changes((long, concern()))).subject) < 100


def test_every_kind_has_words() -> None:
    """Whatever can need a person can be told, and is known by kind and subject."""
    assert list(SPOKEN) == list(KINDS)
    assert key_of(concern()) == key_of(ToldOf("failed", "night", NOW, NOW)) == "failed night"
