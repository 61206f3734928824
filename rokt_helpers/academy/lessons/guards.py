"""Lesson 3: a plan says what would happen; a guard stops one that looks like an accident."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Final

from rokt_helpers.academy.classroom import addresses, prepared
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import GuardError, InputError
from rokt_helpers.plan import DeliveryPlan

__all__ = ["PlanAndGuards"]

_LIST: Final = "Members"
_YESTERDAY: Final = 100
_LEFT_TODAY: Final = 5
_LEFT_LATER: Final = 30
_NEW: Final = 10


class PlanAndGuards(Lesson):
    """A plan and its guards."""

    number = "03"
    title = "A plan and its guards"

    @cached_property
    def yesterday(self) -> Receipt:
        """What was delivered yesterday: a hundred people."""
        workbench = self.room.workbench
        people = prepared(addresses(_YESTERDAY))
        return workbench.deliver(workbench.plan(people, list=_LIST))

    def today(self) -> DeliveryPlan:
        """Return today's plan: five people left, ten came. Nothing is sent."""
        return self._plan(_LEFT_TODAY)

    def stopped(self) -> Note:
        """Plan with a file in which thirty people are missing; return what the guard says."""
        try:
            return Note(tuple(self._plan(_LEFT_LATER).describe()))
        except GuardError as error:
            return Note((str(error),))

    def _plan(self, left: int, allow: Collection[str] = ()) -> DeliveryPlan:
        if not self.yesterday.delivered:
            raise InputError("Nothing was delivered yesterday. Open the lesson again.")
        people = prepared(addresses(_YESTERDAY - left + _NEW, first=left + 1))
        return self.room.workbench.plan(people, list=_LIST, mode="mirror", allow=allow)

    @property
    def exercise(self) -> Exercise:
        """Ask which guard has to be passed."""
        return Exercise(
            question="You asked, and it is true: thirty members left when a shop closed. Which "
            "word has to be passed in allow, so that this plan goes on and no other guard is "
            "opened?",
            how="the name of the guard",
            judge=self._judge,
        )

    def _judge(self, answer: Answer) -> Marked:
        """Try it: the real planner says whether the plan goes on."""
        names = [name.strip(" '\"`[]") for name in str(answer).split(",")]
        try:
            plan = self._plan(_LEFT_LATER, allow=names)
        except InputError as error:
            return wrong(str(error))
        except GuardError:
            return wrong(
                "That is a guard, but not the one that stopped this plan; it was tried just now, "
                "and stopped again. Read how its sentence ends."
            )
        if len(names) > 1:
            return wrong(
                "The plan goes on, but other guards are open now that have nothing to do with it. "
                "Pass one word, for the thing you have looked into."
            )
        return right(
            f"The plan was made just now: {plan.rows_to('exclude')} people go, "
            f"{plan.rows_to('include')} come. What you passed is written down with the run, so "
            "that everybody can see later that a person decided it."
        )
