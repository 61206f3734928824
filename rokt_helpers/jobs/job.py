"""What all jobs share: somebody may want to know when the result has changed."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, ClassVar, Final

from rokt_helpers.deliver import Receipt
from rokt_helpers.forms.same_again import SameAgain, Source, is_dropped, same_again
from rokt_helpers.jobs.cells import CELLS
from rokt_helpers.jobs.namespace import is_frame
from rokt_helpers.jobs.notice import Notice
from rokt_helpers.jobs.places import PASTED
from rokt_helpers.notebook_result import hand_over
from rokt_helpers.plan import DeliveryPlan
from rokt_helpers.progress import OnProgress
from rokt_helpers.tables import Pasted
from rokt_helpers.workbench import Workbench, open_workbench

__all__ = ["DeliveringJob", "Job", "WorkbenchJob"]

# What a run does, rather than what it does it with.
_DOES: Final = frozenset({"run", "send"})
_NOT_SENT: Final = Notice("Nothing was sent, so there is no receipt. Only the plan was made.")
_UNDER_WAY: Final = Notice("The delivery is under way; the receipt stands here once it has ended.")
_UNFINISHED: Final = Notice(
    "The delivery did not come to its end, so there is no receipt. What was confirmed is in the "
    "ledger: deliver the same again, and only the rest is sent."
)


class Job:
    """Choices, and later a result. The views of a subclass show it, or say what to do first.

    Attributes
    ----------
    is_on_screen
        A panel works on it: a view that is there already may still change.
    notebook
        The notebook it belongs to, without the suffix; empty for none.
    """

    notebook: ClassVar[str] = ""

    def __init__(self) -> None:
        self.is_on_screen = False
        self._listeners: list[Callable[[], None]] = []

    def when_done(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` each time the result has changed."""
        self._listeners.append(listener)

    def _tell_it_changed(self) -> None:
        for listener in self._listeners:
            listener()

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        raise NotImplementedError

    # --- the same again -----------------------

    def parameters(self) -> dict[str, Any]:
        """Return the parameters with which the notebook does again what was done by hand.

        Returns
        -------
        Parameter → value, in the order of the notebook's cell: what differs from the cell, ``run``
        and, where something was sent, ``send``. Never the text of a list that was pasted.
        """
        cell, present = CELLS[self.notebook], self._present()
        chosen = {n: present[n] for n in cell if n in present and present[n] != cell[n]}
        sent = {"send": True} if "send" in cell and self._was_sent() else {}
        return chosen | {"run": True} | sent

    def same_again(self) -> SameAgain:
        """Say how a schedule would do it: the params file, the command, the entry."""
        origin = _origin(getattr(self, "source", ""))
        return same_again(self.notebook, self.parameters(), source=origin, by_hand=self._by_hand())

    def _present(self) -> dict[str, Any]:
        """Return the choices as they are, by the names of the notebook's cell."""
        choices = {name: getattr(self, name) for name in CELLS[self.notebook] if name not in _DOES}
        return {
            name: str(value) if isinstance(value, PurePath) else value
            for name, value in choices.items()
            if not _is_a_list(value)
        }

    def _was_sent(self) -> bool:
        return False

    def _by_hand(self) -> list[str]:
        """Say what was done by hand and no parameter can say."""
        return []

    def hand_over(self) -> None:
        """Give the outcome to the program that runs the notebook."""
        hand_over(self.result())


def _origin(source: object) -> Source:
    is_pasted = is_dropped(str(source)) and PurePath(str(source)).name == PASTED
    if isinstance(source, Pasted) or is_pasted:
        return "pasted"
    if isinstance(source, str) and is_frame(source):
        return "frame"
    if _is_a_list(source):
        return "frame"
    return "dropped" if is_dropped(str(source)) else "file"


def _is_a_list(value: object) -> bool:
    """Tell a list that is in memory from what a parameter can say."""
    return not isinstance(value, str | PurePath | int | float | bool)


class WorkbenchJob(Job):
    """A job on an account. Its workbench stays open as long as it, for a plan is sealed to it.

    Parameters
    ----------
    profile
        ``sandbox``, ``staging`` or ``live``; empty takes ``ROKT_PROFILE``, and without it the
        sandbox.
    account
        One of several accounts, by the name of its file; empty takes ``ROKT_ACCOUNT``, and without
        it the account of ``.env``.
    """

    def __init__(self, profile: str, account: str) -> None:
        super().__init__()
        self.profile = profile
        self.account = account
        self._workbench: Workbench | None = None

    @property
    def workbench(self) -> Workbench:
        """The open workbench, opened at the first use."""
        if self._workbench is None:
            self._workbench = open_workbench(self.profile or None, account=self.account or None)
            # A kernel ends without a word to its objects, and a sandbox has a folder to tidy up.
            atexit.register(self.close)
        return self._workbench

    @property
    def account_name(self) -> str:
        """The account by its name, also where the environment chose it; empty where it has none.

        Where a schedule runs, the environment may name another.
        """
        return self.account or (self._workbench.settings.account if self._workbench else "")

    @property
    def _profile_name(self) -> str:
        """The profile, also where the environment chose it; empty on the sandbox, the default."""
        chosen = self._workbench.settings.profile if self._workbench else ""
        return self.profile or ("" if chosen == "sandbox" else chosen)

    def _present(self) -> dict[str, Any]:
        places = {"profile": self._profile_name, "account": self.account_name}
        return super()._present() | places

    def close(self) -> None:
        """Close the workbench."""
        if self._workbench is not None:
            self._workbench.close()
            self._workbench = None


class DeliveringJob(WorkbenchJob):
    """A job that makes a plan, shows it, and sends exactly that.

    Attributes
    ----------
    plan, receipt
        What was planned, and what came of it; None until then.
    """

    def __init__(self, profile: str, account: str) -> None:
        super().__init__(profile, account)
        self.plan: DeliveryPlan | None = None
        self.receipt: Receipt | None = None
        self._unfinished: DeliveryPlan | None = None
        self._is_sending = False

    def _was_sent(self) -> bool:
        return self.receipt is not None

    def make_plan(self) -> DeliveryPlan:
        """Prepare and seal the plan; nothing is sent."""
        raise NotImplementedError

    def send(
        self, progress: OnProgress | None = None, cancel: threading.Event | None = None
    ) -> Receipt:
        """Send the plan that was made."""
        plan = self._unfinished = self.plan or self.make_plan()
        self._is_sending = True
        self._tell_it_changed()  # "nothing was sent" is true no longer
        try:
            self.receipt = self.workbench.deliver(plan, progress=progress, cancel=cancel)
        finally:
            self._is_sending = False
            self._tell_it_changed()
        return self.receipt

    def no_receipt(self, without_plan: Notice) -> Notice:
        """Return why there is no receipt: no plan, a plan only, a delivery under way or ended."""
        if self.plan is None:
            return without_plan
        if self._is_sending:
            return _UNDER_WAY
        return _UNFINISHED if self._unfinished is self.plan else _NOT_SENT
