"""The panel that collects referrals."""

from __future__ import annotations

import ipywidgets as w

from rokt_helpers.forms import ReferralsForm
from rokt_helpers.jobs.referrals import ReferralsJob
from rokt_helpers.widgets.background import BackgroundJob, throttled
from rokt_helpers.widgets.parts import (
    Panel,
    ProgressBar,
    button,
    message_html,
    place_html,
    step,
)

__all__ = ["ReferralsPanel"]


class ReferralsPanel(Panel):
    """Binds a :class:`ReferralsForm` to one button and a :class:`ReferralsJob`."""

    def __init__(self, job: ReferralsJob) -> None:
        self.job = job
        self.background = BackgroundJob()
        self.form = ReferralsForm()
        self.collect_button = button("Collect", "collect", self.collect, primary=True)
        self.bar = ProgressBar()
        self.message = w.HTML()
        self.message.add_class("rokt-status")
        settings = job.workbench.settings
        self.frame(
            w.HTML(place_html(settings.profile, settings.account_id)),
            step(1, "Collect what is new", "The charts below fill themselves."),
            self.collect_button,
            self.bar,
            self.message,
        )
        self._render()

    def _show(self, form: ReferralsForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        self.collect_button.disabled = not self.form.can_collect
        self.bar.show(self.form.progress)
        self.message.value = message_html(self.form.message)

    def collect(self) -> None:
        """Fetch the files that are new."""
        self._show(self.form.collecting())
        self.background.start(self._collect, lambda text: self._show(self.form.failed(text)))

    def _collect(self) -> None:
        listen = throttled(lambda progress: self._show(self.form.progressed(progress)))
        self._show(self.form.done(self.job.run(listen).describe()))
