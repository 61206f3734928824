"""The panel of the hash doctor."""

from __future__ import annotations

import html

import ipywidgets as w

from rokt_helpers.forms import DoctorForm
from rokt_helpers.jobs.doctor import DoctorJob
from rokt_helpers.jobs.places import inbox_lists
from rokt_helpers.widgets.background import BackgroundJob
from rokt_helpers.widgets.parts import Panel, button, message_html, step

__all__ = ["DoctorPanel"]


class DoctorPanel(Panel):
    """Binds a :class:`DoctorForm` to widgets and a :class:`DoctorJob` to its button."""

    def __init__(self, job: DoctorJob) -> None:
        self.job = job
        self.background = BackgroundJob()
        sources = inbox_lists()
        if job.source and job.source not in sources:
            sources = (job.source, *sources)
        self.form = DoctorForm(sources=sources).choose(job.source)
        self._build()
        self._render()
        self.source.observe(lambda change: self._choose(change["new"]), "value")

    def _build(self) -> None:
        options = [("…", ""), *((source, source) for source in self.form.sources)]
        self.source = w.Dropdown(
            description="From the inbox", options=options, value=self.form.source
        )
        self.customers = w.Textarea(
            description="Customers", placeholder="one address a line, as your system keeps it"
        )
        for field in (self.source, self.customers):
            field.style.description_width = "7.5rem"
        self.examine_button = button("Examine", "examine", self.examine, primary=True)
        self.message = w.HTML()
        self.message.add_class("rokt-status")
        self.lines = w.HTML()
        self.frame(
            step(1, "Choose a list", "One that is hashed already."),
            self.source,
            step(2, "Name a few customers", "Who must be on it. They are forgotten afterwards."),
            self.customers,
            step(3, "Examine it"),
            self.examine_button,
            self.message,
            self.lines,
        )

    def _show(self, form: DoctorForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        form = self.form
        self.source.disabled = self.customers.disabled = form.is_busy
        self.examine_button.disabled = not form.can_examine
        self.message.value = message_html(form.message)
        items = "".join(f"<li>{html.escape(line)}</li>" for line in form.lines)
        self.lines.value = f"<ul>{items}</ul>" if items else ""

    def _choose(self, source: str) -> None:
        self.job.source = source
        self._show(self.form.choose(source))

    def examine(self) -> None:
        """Examine the list that is chosen."""
        customers = self.customers.value.splitlines()
        self.customers.value = ""
        self._show(self.form.examining())
        self.background.start(
            lambda: self._examine(customers), lambda text: self._show(self.form.failed(text))
        )

    def _examine(self, customers: list[str]) -> None:
        diagnosis = self.job.run(customers)
        self._show(self.form.done(diagnosis.describe(), healthy=diagnosis.is_healthy))
