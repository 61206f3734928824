"""What the panels that deliver to a list share: plan, guards, confirmation, sending."""

from __future__ import annotations

from typing import Final, TypeVar

import ipywidgets as w

from rokt_helpers.errors import GuardError
from rokt_helpers.forms import DeliverForm
from rokt_helpers.jobs.job import DeliveringJob
from rokt_helpers.plan import GUARDS, DeliveryPlan
from rokt_helpers.widgets.panel import StoppablePanel
from rokt_helpers.widgets.parts import (
    LABEL_WIDTH,
    assign,
    button,
    details_html,
    list_html,
    row,
    show_if,
)
from rokt_helpers.widgets.steps import Section

__all__ = ["AUDIENCE_WAYS", "DeliveringPanel"]

# What people read for each way to a list.
AUDIENCE_WAYS: Final = [
    ("API (custom audience import)", "api"),
    ("SFTP (files)", "sftp"),
    ("API, first version", "api-legacy"),
    ("Event and Audience API", "events"),
    ("SFTP, the newer one", "events-sftp"),
]
_Form = TypeVar("_Form", bound=DeliverForm)


class DeliveringPanel(StoppablePanel[_Form]):
    """Steps 2 and 3 of a delivery. A subclass brings step 1 and how its plan is made."""

    job: DeliveringJob

    def __init__(self, job: DeliveringJob) -> None:
        super().__init__()
        self.job = job
        self.plan_button = button("Show the plan", "plan", self.plan)
        self.send_button = button("Send", "send", self.send, primary=True)
        self.plan_view = w.HTML()
        self.plan_view.add_class("rokt-plan-view")
        self.typed = w.Text(description="List name", placeholder="type it to confirm")
        self.typed.style.description_width = LABEL_WIDTH
        # All guards are there from the start: whatever thread draws only assigns to them.
        self.guards = {
            name: w.Checkbox(description=f"Go on although {sentence}", indent=False)
            for name, sentence in GUARDS.items()
        }
        for box in self.guards.values():
            box.add_class("rokt-guard")

    # --- drawing ------------------------------

    def plan_section(self, *fields: w.Widget) -> Section:
        """Return step 2, with further choices above its button."""
        said = "Exactly what would be sent, and nothing is sent yet."
        found = (self.plan_view, *self.guards.values())
        return Section(2, "Check the plan", said, *fields, row(self.plan_button), found=found)

    def send_section(self, hint: str) -> Section:
        """Return step 3."""
        return Section(3, "Send it", hint, self.typed, row(self.send_button, self.stop_button))

    def listen_to_delivery(self) -> None:
        """Hear the guards and the confirmation."""
        for name, box in self.guards.items():
            box.observe(lambda change, name=name: self._pass(name, is_it=change["new"]), "value")
        self.typed.observe(lambda change: self._type(change["new"]), "value")

    def draw_delivery(self) -> None:
        """Put steps 2 and 3 on the screen."""
        form = self.form
        for name, box in self.guards.items():
            show_if(box, is_there=name in form.guards)
            assign(box, name in form.allowed)
            box.disabled = form.is_busy
        self.plan_button.disabled = not form.can_plan
        self.send_button.disabled = not form.can_send
        self.draw_stop()
        show_if(self.typed, "flex", is_there=form.must_type)
        assign(self.typed, form.typed)
        request = details_html("The first request, every person masked", form.request)
        assign(self.plan_view, list_html(form.plan) + request)

    # --- what a person does -------------------

    def _pass(self, guard: str, *, is_it: bool) -> None:
        self.take(self.form.allow(guard, is_passed=is_it))

    def _type(self, text: str) -> None:
        self.take(self.form.type_confirmation(text))

    def take_choices(self) -> None:
        """Hand what was chosen over to the job, before a plan is made."""
        raise NotImplementedError

    def make_plan(self) -> DeliveryPlan:
        """Make the plan; in the background."""
        return self.job.make_plan()

    def plan(self) -> None:
        """Make the plan, and show it."""
        if not self.form.can_plan:
            return
        self.take_choices()
        self.start(self.form.planning(), self._plan)

    def _plan(self) -> None:
        try:
            plan = self.make_plan()
        except GuardError as error:
            if error.guard not in GUARDS:
                raise
            self.show(self.form.stopped(error.reason, error.guard))
        else:
            lines = [*plan.describe(), *self.job.workbench.confirmed_before(plan)]
            self.show(self.form.planned(lines, plan.first_request_masked()))

    def send(self) -> None:
        """Send the plan that is shown."""
        if self.form.can_send:
            self.start(self.form.sending(), self._send)

    def _send(self) -> None:
        receipt = self.job.send(self.listener(), self.background.cancel)
        self.show(self.form.done(receipt.describe(), receipt.run_id))
