"""Guards: each stops what it is for, says what to pass, and lets go on who passed it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rokt_helpers.audience import Identifiers, PreparedAudience
from rokt_helpers.errors import GuardError
from rokt_helpers.plan import (
    GUARDS,
    DeliveryPlan,
    KnownList,
    Limits,
    PastRun,
    Target,
    Wish,
    make_plan,
)
from rokt_helpers.workbench import Workbench
from tests.deliver.lists import audience, send

LIVE = Target("live", "api", "1", "data.rokt.com", "VIP", "include")


def sealed(
    prepared: PreparedAudience, *, known: KnownList | None = None, **how: Any
) -> DeliveryPlan:
    wish = {name: how.pop(name) for name in ("mode", "allow", "names_list") if name in how}
    return make_plan(
        prepared, target=replace(LIVE, **how), limits=Limits(100_000), plan_id="one",
        wish=Wish(**wish), known=known,
    )  # fmt: skip


def stopped(guard: str, *arguments: Any, **how: Any) -> str:
    """Return what a guard says; with the guard passed the plan is made, and says so."""
    with pytest.raises(GuardError) as caught:
        sealed(*arguments, **how)
    assert (caught.value.guard, caught.value.exit_code) == (guard, 3)
    said = str(caught.value)
    assert f"pass allow=['{guard}'] (--allow {guard})" in said
    plan = sealed(*arguments, **how, allow=[guard])
    assert (guard in plan.allowed, plan.to_dict()["allowed"]) == (True, [guard])
    assert any(line.endswith("Allowed.") for line in plan.warnings)
    return said


def runs(*counts: int, action: Any = "include") -> KnownList:
    return KnownList(runs=tuple(PastRun(str(i), action, "full", n) for i, n in enumerate(counts)))


def test_a_count_that_is_far_off_stops() -> None:
    """More than half off the median of the last runs stops, both ways; half off does not."""
    usual = runs(4_000, 3_900, 4_100)
    assert "more than half off the 4,000" in stopped("deviation", audience(1_999), known=usual)
    stopped("deviation", audience(6_001), known=usual)
    for count in (2_000, 4_000, 6_000):
        assert sealed(audience(count), known=usual).rows == count


def test_two_runs_say_nothing_about_what_is_usual() -> None:
    """A count is only unusual where three runs came before."""
    assert sealed(audience(1_000), known=runs(4_000, 3_900)).rows == 1_000


def test_the_opposite_action_stops() -> None:
    """To exclude after an include, or the other way, stops; the same again does not."""
    said = stopped("flipped", audience(1_000), known=runs(1_000, action="exclude"))
    assert "was to exclude, and this one is to include" in said
    assert sealed(audience(1_000), known=runs(1_000)).rows == 1_000


@pytest.mark.parametrize("other", ["vip", "V.I.P.", "V I P", "vip_", "\uff36IP"])
def test_a_name_that_looks_like_a_known_one_stops(other: str) -> None:
    """Capitals, spaces and punctuation do not make another list of it."""
    known = KnownList(names=(other,))
    assert f"{other!r} is known" in stopped("look_alike", audience(1_000), known=known)


def test_a_known_name_and_a_different_one_do_not_stop() -> None:
    """A list that is known itself, or unlike any other, is nobody's look-alike."""
    for names in ((), ("VIP", "vip"), ("VIP2", "Lapsed")):
        assert sealed(audience(1_000), known=KnownList(names=names)).rows == 1_000


def test_a_small_list_stops_when_live() -> None:
    """Fewer than 1,000 people to include stop on the live account; on the sandbox they warn."""
    assert "at least 1,000 people" in stopped("small_include", audience(999))
    assert sealed(audience(999), profile="sandbox").warnings
    assert sealed(audience(999), action="exclude").rows == 999
    assert sealed(audience(1_000)).warnings == ()


def test_a_list_that_nobody_named_stops_when_live() -> None:
    """Where the default list was taken, a person has to say that it was meant."""
    said = stopped("default_list", audience(1_000), names_list=False)
    assert "No list was named" in said


def test_a_practice_list_stops_when_live() -> None:
    """A list of the lessons is not for the live account."""
    lesson = audience(1_000)
    source = {**lesson.summary["source"], "name": "sample_customers.csv"}
    lesson = replace(lesson, summary={**lesson.summary, "source": source})
    stopped("lesson", lesson)
    assert sealed(lesson, profile="sandbox").warnings == ()


def nobody() -> PreparedAudience:
    one = audience(1)
    summary = {**one.summary, "accepted": 0, "duplicates": 1}
    empty = Identifiers.in_memory(one.identifiers.clear())
    return replace(one, summary=summary, stored=empty)


def test_a_mirror_of_nobody_stops(workbench: Workbench) -> None:
    """An empty source would take everybody off, so it stops twice before it does."""
    send(workbench, workbench.plan(audience(5), list="VIP"))
    for allow, guard in (((), "empty"), (("empty",), "removal")):
        with pytest.raises(GuardError) as caught:
            workbench.plan(nobody(), list="VIP", mode="mirror", allow=allow)
        assert caught.value.guard == guard
    both = workbench.plan(nobody(), list="VIP", mode="mirror", allow=("empty", "removal"))
    assert both.rows_to("exclude") == 5


@pytest.mark.parametrize("kept", [7, 8])
def test_a_mirror_that_takes_off_many_stops(workbench: Workbench, kept: int) -> None:
    """More than a fifth of the known people going stops; a fifth does not."""
    send(workbench, workbench.plan(audience(10), list="VIP"))
    if kept == 8:
        assert workbench.plan(audience(kept), list="VIP", mode="mirror").rows_to("exclude") == 2
        return
    with pytest.raises(GuardError, match=r"3 of the 10 people .* \(30%\)") as caught:
        workbench.plan(audience(kept), list="VIP", mode="mirror")
    assert caught.value.guard == "removal"


def test_an_exclusion_that_takes_off_many_stops(workbench: Workbench) -> None:
    """Only people known to be on the list count as taken off it."""
    send(workbench, workbench.plan(audience(10), list="VIP"))
    strangers = audience(100, first=500)
    flipped: dict[str, Any] = {"list": "VIP", "action": "exclude", "allow": ["flipped"]}
    assert workbench.plan(strangers, **flipped).rows == 100
    with pytest.raises(GuardError, match="3 of the 10") as caught:
        workbench.plan(audience(3), **flipped)
    assert caught.value.guard == "removal"


def test_every_guard_is_explained() -> None:
    """Each guard has a sentence of its own."""
    assert len(set(GUARDS.values())) == len(GUARDS)
