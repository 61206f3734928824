"""Open the panel of a job, or find it again.

A cell that is run a second time, or a page that was loaded anew, comes back to the panel as it was
left: with what was chosen, and with a delivery that is still under way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rokt_helpers.jobs.conversions import ConversionsJob
from rokt_helpers.jobs.deliver import DeliverJob
from rokt_helpers.jobs.doctor import DoctorJob
from rokt_helpers.jobs.job import Job
from rokt_helpers.jobs.lists import ListsJob
from rokt_helpers.jobs.loop import LoopJob
from rokt_helpers.jobs.prepare import PrepareJob
from rokt_helpers.jobs.referrals import ReferralsJob
from rokt_helpers.widgets.conversions import ConversionsPanel
from rokt_helpers.widgets.deliver import DeliverPanel
from rokt_helpers.widgets.doctor import DoctorPanel
from rokt_helpers.widgets.lists import ListsPanel
from rokt_helpers.widgets.loop import LoopPanel
from rokt_helpers.widgets.panel import Panel
from rokt_helpers.widgets.prepare import PreparePanel
from rokt_helpers.widgets.referrals import ReferralsPanel

__all__ = ["open_panel"]

_PANELS: Final[dict[type[Job], Callable[[Any], Panel[Any]]]] = {
    ConversionsJob: ConversionsPanel,
    DeliverJob: DeliverPanel,
    DoctorJob: DoctorPanel,
    ListsJob: ListsPanel,
    LoopJob: LoopPanel,
    PrepareJob: PreparePanel,
    ReferralsJob: ReferralsPanel,
}
_opened: Final[dict[Job, Panel[Any]]] = {}


def open_panel(job: Job) -> Panel[Any]:
    """Return the panel of a job: the one it has, or a new one."""
    if job not in _opened:
        _opened[job] = _PANELS[type(job)](job)
    return _opened[job]
