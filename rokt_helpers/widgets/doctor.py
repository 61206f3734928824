"""The panel of the hash doctor."""

from __future__ import annotations

import ipywidgets as w

from rokt_helpers.forms import DoctorForm
from rokt_helpers.jobs.doctor import DoctorJob
from rokt_helpers.widgets.panel import Panel
from rokt_helpers.widgets.parts import (
    LABEL_WIDTH,
    assign,
    button,
    list_html,
    row,
    stays_here_html,
)
from rokt_helpers.widgets.sources import SourcePicker
from rokt_helpers.widgets.steps import Section

__all__ = ["DoctorPanel"]


class DoctorPanel(Panel[DoctorForm]):
    """Binds a :class:`DoctorForm` to widgets and a :class:`DoctorJob` to its button."""

    job: DoctorJob

    def __init__(self, job: DoctorJob) -> None:
        super().__init__()
        self.job = job
        self.picker = SourcePicker(self._choose, job.source)
        self._build()
        self.show(DoctorForm().choose(self.picker.form.source))

    def _build(self) -> None:
        self.customers = w.Textarea(
            description="Customers", placeholder="one address a line, as your system keeps it"
        )
        self.customers.style.description_width = LABEL_WIDTH
        self.examine_button = button("Examine", "examine", self.examine, primary=True)
        self.lines = w.HTML()
        self.frame(
            stays_here_html(),
            Section(1, "Choose a list", "One that is hashed already.", self.picker),
            Section(
                2,
                "Name a few customers",
                "Who must be on it. They are forgotten afterwards.",
                self.customers,
            ),
            Section(3, "Examine it", "", row(self.examine_button), found=(self.lines,)),
        )

    def render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        self.picker.disable(is_busy=form.is_busy)
        self.customers.disabled = form.is_busy
        self.examine_button.disabled = not form.can_examine
        assign(self.lines, list_html(form.lines))

    def _choose(self, source: str) -> None:
        self.job.source = source
        self.show(self.form.choose(source))

    def examine(self) -> None:
        """Examine the list that is chosen."""
        if not self.form.can_examine:
            return
        customers = self.customers.value.splitlines()
        self.customers.value = ""
        self.start(self.form.examining(), lambda: self._examine(customers))

    def _examine(self, customers: list[str]) -> None:
        diagnosis = self.job.run(customers)
        self.show(self.form.done(diagnosis.describe(), healthy=diagnosis.is_healthy))
