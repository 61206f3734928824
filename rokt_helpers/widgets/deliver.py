"""The panel that delivers a list: choose, see the plan, send."""

from __future__ import annotations

import html
from pathlib import Path

import ipywidgets as w

from rokt_helpers import contract
from rokt_helpers.errors import GuardError
from rokt_helpers.forms import DeliverForm
from rokt_helpers.jobs.deliver import DeliverJob
from rokt_helpers.jobs.places import inbox_lists, prepared_lists
from rokt_helpers.plan import GUARDS
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
_CHANNELS = [
    ("API (custom audience import)", "api"),
    ("SFTP (files)", "sftp"),
    ("API, first version", "api-legacy"),
]
_MODES = [
    ("everybody in the file", "full"),
    ("only who is new to this ledger", "delta"),
    ("make the list what the file is", "mirror"),
]
_CHOICES = ("source", "list", "action", "via", "mode")


class DeliverPanel(Panel):
    """Binds a :class:`DeliverForm` to widgets and a :class:`DeliverJob` to its buttons."""

    def __init__(self, job: DeliverJob) -> None:
        self.job = job
        self.background = BackgroundJob()
        sources = prepared_lists(job.workbench.settings.folder / "prepared") + inbox_lists()
        if job.source and job.source not in sources:
            sources = (job.source, *sources)
        self.form = DeliverForm(
            profile=job.workbench.profile,
            sources=sources,
            source=job.source,
            list=job.list,
            action=job.action,
            via=job.via,
            mode=job.mode,
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
        self.mode = w.Dropdown(description="Send", options=_MODES, value=form.mode)
        self.typed = w.Text(description="List name", placeholder="type it to confirm")
        for field in (*self._fields(), self.typed):
            field.style.description_width = "7.5rem"
        self.plan_button = button("Show the plan", "plan", self.plan)
        self.send_button = button("Send", "send", self.send, primary=True)
        self.stop_button = button("Stop", "stop", self.background.cancel.set)
        self.allow_button = button("Go on all the same", "allow", self.allow)
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
            self.mode,
            step(2, "See the plan", "Exactly what would be sent, and nothing is sent yet."),
            w.HBox([self.plan_button, self.allow_button]),
            self.plan_view,
            step(3, "Send it", "It can be stopped between two batches."),
            self.typed,
            w.HBox([self.send_button, self.stop_button]),
            self.bar,
            self.message,
        )

    def _listen(self) -> None:
        for name in _CHOICES:
            getattr(self, name).observe(
                lambda change, name=name: self._choose(name, change["new"]), "value"
            )
        self.typed.observe(
            lambda change: self._show(self.form.type_confirmation(change["new"])), "value"
        )

    def _fields(self) -> list[w.Widget]:
        return [getattr(self, name) for name in _CHOICES]

    def _show(self, form: DeliverForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        for field in self._fields():
            field.disabled = form.is_busy
        self.allow_button.layout.display = "" if form.can_allow else "none"
        self.allow_button.tooltip = f"Passes the guard: {GUARDS.get(form.guard, '')}"
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
        self.job.allow = ",".join(self.form.allowed)
        self._show(self.form.planning())
        self.background.start(self._plan, self._failed)

    def _plan(self) -> None:
        try:
            plan = self.job.make_plan()
        except GuardError as error:
            if error.guard not in GUARDS:
                raise
            self._show(self.form.stopped(str(error), error.guard))
        else:
            self._show(self.form.planned(plan.describe()))

    def allow(self) -> None:
        """Pass the guard that stopped the plan, and make it again."""
        self._show(self.form.allow())
        self.plan()

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
