"""The panel that closes the loop: name the list, see the plan, send it."""

from __future__ import annotations

import html
from typing import Final

import ipywidgets as w

from rokt_helpers.errors import GuardError
from rokt_helpers.forms.loop import LoopForm
from rokt_helpers.jobs.columns import saved_mappings
from rokt_helpers.jobs.loop import LoopJob
from rokt_helpers.jobs.places import inbox_lists
from rokt_helpers.jobs.referral_routes import routes_in_words
from rokt_helpers.plan import GUARDS
from rokt_helpers.progress import OnProgress
from rokt_helpers.widgets.background import BackgroundJob, throttled
from rokt_helpers.widgets.columns import assign, show_if
from rokt_helpers.widgets.parts import (
    Panel,
    ProgressBar,
    button,
    message_html,
    place_html,
    step,
)

__all__ = ["LoopPanel"]

_CHOICES: Final = (
    "list", "days", "purchases", "mapping", "purchases_time_zone", "currency", "collect", "via",
    "mode",
)  # fmt: skip
_CHANNELS: Final = [
    ("API (custom audience import)", "api"),
    ("SFTP (files)", "sftp"),
    ("API, first version", "api-legacy"),
    ("Event and Audience API", "events"),
]
_MODES: Final = [
    ("only who is new to this ledger", "delta"),
    ("everybody who belongs on it", "full"),
    ("make the list what it should be", "mirror"),
]
_LONGEST_DAYS: Final = 3_660


class LoopPanel(Panel):
    """Binds a :class:`LoopForm` to widgets and a :class:`LoopJob` to its buttons."""

    def __init__(self, job: LoopJob) -> None:
        self.job = job
        self.background = BackgroundJob()
        self._drawing = False
        inbox, mappings = inbox_lists(), saved_mappings()
        self.form = LoopForm(
            profile=job.workbench.profile,
            sources=inbox if job.purchases in {"", *inbox} else (job.purchases, *inbox),
            mappings=mappings if job.mapping in {"", *mappings} else (job.mapping, *mappings),
            **{name: getattr(job, name) for name in _CHOICES},
        )
        self._build()
        self._render()
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        self._build_fields()
        self._build_buttons()
        self.plan_view, self.message, self.bar = w.HTML(), w.HTML(), ProgressBar()
        self.plan_view.add_class("rokt-plan-view")
        self.message.add_class("rokt-status")
        fields, settings = self.fields, self.job.workbench.settings
        self.frame(
            w.HTML(place_html(settings.profile, settings.account_id)),
            step(1, "Who goes on which list", "Everybody who was referred in the last days, and "
                 "everybody who bought. A list that suppresses is set up with Rokt as one."),
            *(fields[name] for name in _CHOICES if name not in {"collect", "via", "mode"}),
            step(2, "See the plan", "Exactly what would be sent, and nothing is sent yet."),
            fields["collect"],
            fields["via"],
            fields["mode"],
            w.HBox([self.plan_button, self.allow_button]),
            self.plan_view,
            step(3, "Send it", "It can be stopped between two files or batches."),
            self.typed,
            w.HBox([self.send_button, self.stop_button]),
            self.bar,
            self.message,
        )  # fmt: skip

    def _build_fields(self) -> None:
        form = self.form
        files = [("none", ""), *((path.rpartition("/")[2], path) for path in form.sources)]
        columns = [("recognised by name and content", ""), *((m, m) for m in form.mappings)]
        routes = routes_in_words(self.job.workbench.settings)
        where = f" (from {', '.join(routes)})" if routes else ""
        self.fields: dict[str, w.Widget] = {
            "list": w.Text(description="List", placeholder="such as ReferredOrBought"),
            "days": w.BoundedIntText(min=1, max=_LONGEST_DAYS, description="Last days"),
            "purchases": w.Dropdown(description="Purchases", options=files),
            "mapping": w.Dropdown(description="Their columns", options=columns),
            "purchases_time_zone": w.Text(
                description="Their time zone", placeholder="Europe/Berlin, if the times name none"
            ),
            "currency": w.Text(
                description="Currency", placeholder="of your bid prices, such as USD"
            ),
            "collect": w.Checkbox(description=f"Collect what is new first{where}", indent=False),
            "via": w.Dropdown(description="Way", options=_CHANNELS),
            "mode": w.Dropdown(description="Send", options=_MODES),
        }
        self.typed = w.Text(description="List name", placeholder="type it to confirm")
        for field in (*self.fields.values(), self.typed):
            if field is not self.fields["collect"]:
                field.style.description_width = "7.5rem"
        self.fields["collect"].layout.width = "auto"

    def _build_buttons(self) -> None:
        self.plan_button = button("Show the plan", "plan", self.plan)
        self.allow_button = button("Go on all the same", "allow", self.allow)
        self.send_button = button("Send", "send", self.send, primary=True)
        self.stop_button = button("Stop", "stop", self.stop)

    def _listen(self) -> None:
        for name, field in self.fields.items():
            field.observe(lambda change, name=name: self._choose(name, change["new"]), "value")
        self.typed.observe(lambda change: self._type(change["new"]), "value")

    def _show(self, form: LoopForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        """Put the form's state on the screen."""
        self._drawing = True
        form = self.form
        for name, field in self.fields.items():
            assign(field, getattr(form, name))
            field.disabled = form.is_busy
        asks = form.asks_about_purchases
        show_if(self.fields["mapping"], "flex", is_there=asks and bool(form.mappings))
        show_if(self.fields["purchases_time_zone"], "flex", is_there=asks)
        show_if(self.allow_button, "", is_there=form.can_allow)
        self.allow_button.tooltip = f"Passes the guard: {GUARDS.get(form.guard, '')}"
        self.plan_button.disabled = not form.can_plan
        self.send_button.disabled = not form.can_send
        self.stop_button.disabled = not form.can_stop
        show_if(self.typed, "flex", is_there=form.must_type)
        assign(self.typed, form.typed)
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in form.plan)
        self.plan_view.value = f"<ul>{lines}</ul>" if lines else ""
        self.bar.show(form.progress)
        self.message.value = message_html(form.message)
        self._drawing = False

    # --- what a person does -------------------

    def _choose(self, name: str, value: object) -> None:
        if not self._drawing:
            self._show(self.form.choose(**{name: value}))

    def _type(self, text: str) -> None:
        if not self._drawing:
            self._show(self.form.type_confirmation(text))

    def plan(self) -> None:
        """Collect what is new, where that was asked for, and make the plan."""
        for name in _CHOICES:
            setattr(self.job, name, getattr(self.form, name))
        self.job.allow = ",".join(self.form.allowed)
        self._show(self.form.planning())
        self.background.start(self._plan, self._failed)

    def _plan(self) -> None:
        try:
            plan = self.job.make_plan(self._listener(), self.background.cancel)
        except GuardError as error:
            if error.guard not in GUARDS:
                raise
            self._show(self.form.stopped(str(error), error.guard))
        else:
            self._show(self.form.planned(plan.describe(), is_empty=not plan.rows))

    def allow(self) -> None:
        """Pass the guard that stopped the plan, and make it again."""
        self._show(self.form.allow())
        self.plan()

    def send(self) -> None:
        """Send the plan that is shown."""
        self._show(self.form.sending())
        self.background.start(self._send, self._failed)

    def _send(self) -> None:
        receipt = self.job.send(self._listener(), self.background.cancel)
        self._show(self.form.done(receipt.describe()))

    def stop(self) -> None:
        """Let the file or batch that is under way be the last."""
        self.background.cancel.set()
        self._show(self.form.stopping())

    def _listener(self) -> OnProgress:
        return throttled(lambda progress: self._show(self.form.progressed(progress)))

    def _failed(self, text: str) -> None:
        self._show(self.form.failed(text))
