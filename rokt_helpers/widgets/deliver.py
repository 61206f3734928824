"""The panel that delivers a list: choose, see the plan, send."""

from __future__ import annotations

import html
from pathlib import Path

import ipywidgets as w

from rokt_helpers import contract
from rokt_helpers.forms import DeliverForm
from rokt_helpers.jobs.deliver import DeliverJob
from rokt_helpers.jobs.places import inbox_lists
from rokt_helpers.widgets.background import BackgroundJob, throttled
from rokt_helpers.widgets.parts import (
    Panel,
    ProgressBar,
    button,
    message_html,
    place_html,
    step,
)

__all__ = ["DeliverPanel"]

_ACTIONS = [("put on the list", "include"), ("take off the list", "exclude")]
_CHANNELS = [("API (custom audience import)", "api"), ("SFTP (one file)", "sftp")]


class DeliverPanel(Panel):
    """Binds a :class:`DeliverForm` to widgets and a :class:`DeliverJob` to its buttons."""

    def __init__(self, job: DeliverJob) -> None:
        self.job = job
        self.background = BackgroundJob()
        prepared = job.workbench.settings.folder / "prepared"
        sources = tuple(str(path) for path in sorted(prepared.glob("*.csv"))) + inbox_lists()
        if job.source and job.source not in sources:
            sources = (job.source, *sources)
        self.form = DeliverForm(
            profile=job.workbench.profile,
            sources=sources,
            source=job.source,
            list=job.list,
            action=job.action,
            via=job.via,
        )
        self._build()
        self._render()
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        form = self.form
        self.source = w.Dropdown(
            description="From file",
            options=[("…", ""), *((_shown(source), source) for source in form.sources)],
            value=form.source,
        )
        self.list = w.Text(description="To list", value=form.list)
        self.action = w.Dropdown(description="Action", options=_ACTIONS, value=form.action)
        self.via = w.Dropdown(description="Way", options=_CHANNELS, value=form.via)
        self.typed = w.Text(description="List name", placeholder="type it to confirm")
        for field in (self.source, self.list, self.action, self.via, self.typed):
            field.style.description_width = "7.5rem"
        self.plan_button = button("Show the plan", "plan", self.plan)
        self.send_button = button("Send", "send", self.send, primary=True)
        self.stop_button = button("Stop", "stop", self.background.cancel.set)
        self.plan_view = w.HTML()
        self.plan_view.add_class("rokt-plan-view")
        self.bar = ProgressBar()
        self.message = w.HTML()
        self.message.add_class("rokt-status")
        self.frame(
            w.HTML(place_html(form.profile, self.job.workbench.settings.account_id)),
            step(1, "Choose", f"Without another name, Rokt's list is {contract.DEFAULT_LIST}."),
            self.source,
            self.list,
            self.action,
            self.via,
            step(2, "See the plan", "Exactly what would be sent, and nothing is sent yet."),
            self.plan_button,
            self.plan_view,
            step(3, "Send it", "It can be stopped between two batches."),
            self.typed,
            w.HBox([self.send_button, self.stop_button]),
            self.bar,
            self.message,
        )

    def _listen(self) -> None:
        for name in ("source", "list", "action", "via"):
            getattr(self, name).observe(
                lambda change, name=name: self._choose(name, change["new"]), "value"
            )
        self.typed.observe(
            lambda change: self._show(self.form.type_confirmation(change["new"])), "value"
        )

    def _show(self, form: DeliverForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        for field in (self.source, self.list, self.action, self.via):
            field.disabled = form.is_busy
        self.plan_button.disabled = not form.can_plan
        self.send_button.disabled = not form.can_send
        self.stop_button.disabled = not form.can_stop
        self.typed.layout.display = "flex" if form.must_type else "none"
        if self.typed.value != form.typed:
            self.typed.value = form.typed
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in form.plan)
        self.plan_view.value = f"<ul>{lines}</ul>" if lines else ""
        self.bar.show(form.progress)
        self.message.value = message_html(form.message)

    # --- what a person does -------------------

    def _choose(self, name: str, value: str) -> None:
        setattr(self.job, name, value)
        self._show(self.form.choose(**{name: value}))

    def plan(self) -> None:
        """Make the plan."""
        self._show(self.form.planning())
        self.background.start(self._plan, self._failed)

    def _plan(self) -> None:
        self._show(self.form.planned(self.job.make_plan().describe()))

    def send(self) -> None:
        """Send the plan that is shown."""
        self._show(self.form.sending())
        self.background.start(self._send, self._failed)

    def _send(self) -> None:
        listen = throttled(lambda progress: self._show(self.form.progressed(progress)))
        receipt = self.job.send(listen, self.background.cancel)
        self._show(self.form.done(receipt.describe()))

    def _failed(self, text: str) -> None:
        self._show(self.form.failed(text))


def _shown(source: str) -> str:
    return source if source.startswith("inbox/") else f"prepared: {Path(source).name}"
