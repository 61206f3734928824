"""Lesson 4: a crash leaves "in doubt", never nothing; the same call again sends only the rest."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

from rokt_helpers.academy.classroom import addresses, prepared
from rokt_helpers.academy.exercises import Answer, Exercise, Marked, Note, right, wrong
from rokt_helpers.academy.lesson import Lesson
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import RoktError
from rokt_helpers.sandbox import Fault

__all__ = ["CrashAndRecovery"]

_LIST: Final = "Members"
_PEOPLE: Final = 300
_BATCH: Final = 50
_FATAL: Final = 3  # the request after which the process is killed
_LONGEST_SECONDS: Final = 120.0
_HANG_SECONDS: Final = 2.0  # a second try of the third batch would wait for so long


class CrashAndRecovery(Lesson):
    """Crash in the middle, and recovery."""

    number = "04"
    title = "A crash in the middle"
    choices: ClassVar[Mapping[str, Any]] = {"api_batch_rows": _BATCH, "api_in_flight": 1}

    @cached_property
    def after_the_crash(self) -> Receipt:
        """The receipt of a delivery whose process was killed after the third request left."""
        self.room.sandbox.script(
            Fault.drop_before_answer(at_request=_FATAL),
            Fault.slow(_HANG_SECONDS, at_request=_FATAL + 1),
        )
        self._kill_a_delivery()
        return self.room.workbench.receipt(self.room.workbench.history(1)[0].run_id)

    def _kill_a_delivery(self) -> None:
        """Deliver in a process of its own, and kill it once the third request has arrived."""
        order = {"settings": self.room.fields, "people": addresses(_PEOPLE), "list": _LIST}
        words = [sys.executable, "-m", "rokt_helpers.academy.delivering"]
        how = {"cwd": self.room.folder, "env": self.room.environment(), "text": True}
        with subprocess.Popen(words, stdin=subprocess.PIPE, **how) as child:  # type: ignore[call-overload]
            try:
                child.stdin.write(json.dumps(order))
                child.stdin.close()
                self._wait_for_the_third(child)
            finally:
                child.kill()
        if len(self.room.sandbox.requests()) < _FATAL:
            raise RoktError("The delivery did not come as far as it should. Open the lesson again.")

    def _wait_for_the_third(self, child: subprocess.Popen[str]) -> None:
        end = time.monotonic() + _LONGEST_SECONDS
        while len(self.room.sandbox.requests()) < _FATAL and child.poll() is None:
            if time.monotonic() > end:
                return
            time.sleep(0.01)

    def other_side(self) -> Note:
        """Say what the sandbox knows. At Rokt nobody could look."""
        there = len(self.room.sandbox.members(_LIST))
        return Note((f"On the list at the other side: {there:,} of {_PEOPLE:,} people.",))

    @property
    def exercise(self) -> Exercise:
        """Ask how many go again."""
        return Exercise(
            question="You call the same delivery again. How many identifiers will it send?",
            how="a whole number",
            judge=self._judge,
        )

    @cached_property
    def _recovered(self) -> Receipt:
        """The same call again, really made; its receipt says how many it sent."""
        workbench = self.room.workbench
        return workbench.deliver(workbench.plan(prepared(addresses(_PEOPLE)), list=_LIST))

    def _judge(self, answer: Answer) -> Marked:
        receipt = self.after_the_crash
        try:
            number = int(answer)
        except ValueError:
            return wrong("Wanted is how many identifiers, as a number.")
        sure = sum(batch.rows for batch in receipt.batches if batch.outcome == "confirmed")
        if number == _PEOPLE - sure:
            sent, there = self._recovered.rows_sent_now, len(self.room.sandbox.members(_LIST))
            return right(
                f"It was done just now: {sent:,} went, and the list at the other side holds "
                f"{there:,}. The batch in doubt went again; including somebody twice changes "
                "nothing at Rokt, and leaving somebody out would."
            )
        return wrong(_why_not(number, sure))


def _why_not(number: int, sure: int) -> str:
    if number == _PEOPLE:
        return "That would be all of them. What is confirmed never goes again."
    if number == _PEOPLE - sure - _BATCH:
        return (
            "That leaves the batch in doubt out. On the sandbox you can see that it arrived; at "
            "Rokt nobody can look, so what is not confirmed goes again."
        )
    if number == sure:
        return "So many are confirmed. Asked is how many go now."
    return (
        "Look at the receipt: what is not confirmed goes again, whether it is in doubt or was "
        "never sent. Add up its rows."
    )
