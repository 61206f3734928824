"""The start page: where we are, what stands, what needs somebody, what was done, what is next."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from rokt_helpers.attention import Concern, concerns_now
from rokt_helpers.clock import Clock
from rokt_helpers.errors import RoktError
from rokt_helpers.forms.start import Place, Start, Worry, moment
from rokt_helpers.jobs import start_record as record
from rokt_helpers.jobs.start_checks import Checks
from rokt_helpers.notebook_result import hand_over
from rokt_helpers.workbench import Workbench, open_workbench

__all__ = ["StartPage"]

_PATIENCE_SECONDS: Final = 4.0
_LAST: Final = 5


class StartPage:
    """A look at the workbench that changes nothing, and ends in seconds whatever stands.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        One of several accounts, by its name; empty takes ``ROKT_ACCOUNT``.
    patience_seconds
        How long a wire may take to answer before the page goes on without it.

    Attributes
    ----------
    state
        What the page shows.
    """

    def __init__(
        self,
        *,
        profile: str = "",
        account: str = "",
        patience_seconds: float = _PATIENCE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or Clock()
        now = self._clock.now()
        self.state = Start(cards=record.cards(), coming=record.coming(now))
        try:
            workbench = open_workbench(profile or None, account=account or None)
        except RoktError as error:
            self.state = replace(self.state, trouble=str(error))
            return
        checks = Checks(workbench, clock=self._clock)
        try:
            self._look_into(workbench)
        finally:
            found = checks.wait(patience_seconds)
        self.state = replace(self.state, checks=found)

    def _look_into(self, workbench: Workbench) -> None:
        """Read what is kept here, while the wires are asked."""
        now, settings = self._clock.now(), workbench.settings
        worries = tuple(_worry(concern, now) for concern in concerns_now(workbench, now=now))
        runs = record.past_runs(
            settings.folder / "runs", profile=workbench.profile, now=now, most=_LAST
        )
        if _is_a_view():
            # It serves pages, not files.
            runs = tuple(replace(run, opens="") for run in runs)
        self.state = replace(
            self.state,
            place=Place(workbench.profile, f"{settings.account} {settings.account_id}".strip()),
            worries=worries,
            runs=runs,
            deliveries=record.deliveries(workbench.history(_LAST), now),
        )

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {
            "sentence": self.state.sentence,
            "profile": self.state.place.profile,
            "stands": self.state.stands,
            "checks": [asdict(check) for check in self.state.checks],
            "concerns": [asdict(worry) for worry in self.state.worries],
        }

    def hand_over(self) -> None:
        """Give the outcome to the program that runs the notebook."""
        hand_over(self.result())

    def __repr__(self) -> str:
        return f"<StartPage {self.state.place.profile}: {self.state.sentence}>"


def _worry(concern: Concern, now: datetime) -> Worry:
    return Worry(
        concern.kind.replace("_", " ").capitalize(),
        concern.subject,
        concern.sentence,
        concern.advice,
        moment(concern.since, now),
    )


def _is_a_view() -> bool:
    """Tell whether Voila shows the page; it says so to its kernels."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")
