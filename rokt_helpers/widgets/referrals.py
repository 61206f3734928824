"""The panel of referrals: collect, hold lists beside them, keep a report."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Final

import ipywidgets as w

from rokt_helpers.forms import ReferralsForm
from rokt_helpers.jobs.columns import saved_mappings
from rokt_helpers.jobs.places import inbox_lists
from rokt_helpers.jobs.referral_beside import Beside, named_in
from rokt_helpers.jobs.referral_routes import routes_in_words
from rokt_helpers.jobs.referrals import ReferralsJob
from rokt_helpers.widgets.panel import StoppablePanel
from rokt_helpers.widgets.parts import (
    LABEL_WIDTH,
    assign,
    button,
    place_html,
    row,
    show_if,
)
from rokt_helpers.widgets.steps import Section

__all__ = ["ReferralsPanel"]

_CHOICES: Final = ("customers", "purchases", "mapping", "purchases_time_zone", "currency", "days")
_OF_PURCHASES: Final = ("mapping", "purchases_time_zone")
_LONGEST_DAYS: Final = 3_660
_LISTS: Final = (
    '<div class="rokt-hint" style="margin-top:8px">Lists that keep people from being shown an '
    "offer; none ticked means all of them:</div>"
)
_NO_LISTS: Final = (
    '<div class="rokt-hint" style="margin-top:8px">No list was delivered from here yet, so there '
    "is none to hold against them.</div>"
)


class ReferralsPanel(StoppablePanel[ReferralsForm]):
    """Binds a :class:`ReferralsForm` to widgets and a :class:`ReferralsJob` to its buttons."""

    job: ReferralsJob

    def __init__(self, job: ReferralsJob) -> None:
        super().__init__()
        self.job = job
        job.is_on_screen = True  # referrals of another day are there before anything is pressed
        beside, view, inbox = job.beside, job.view, inbox_lists()
        self.form = ReferralsForm(
            routes=routes_in_words(job.workbench.settings),
            sources=_with(_with(inbox, beside.customers), beside.purchases),
            mappings=_with(saved_mappings(), beside.mapping),
            lists=job.lists(),
            customers=beside.customers,
            purchases=beside.purchases,
            mapping=beside.mapping,
            purchases_time_zone=beside.purchases_time_zone,
            currency=view.currency,
            suppress=tuple(named_in(beside.suppression_lists)),
            days=view.days,
            is_filled=bool(len(job.workbench.desk.vault().files())),
        )
        self._build()
        self.show(self.form)
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        self._build_fields()
        self._build_buttons()
        self.todo = w.HTML()
        self.todo.add_class("rokt-todo")
        settings = self.job.workbench.settings
        self.frame(
            place_html(settings.profile, settings.account_id),
            Section(1, "Collect what is new", f"{self.form.where_from} The charts below fill "
                    "themselves. It can be stopped between two files.",
                    row(self.collect_button, self.stop_button)),
            Section(
                2, "Look: what to hold beside them",
                "Each choice answers one more question below.",
                *self.fields.values(),
                w.HTML(_LISTS if self.form.lists else _NO_LISTS),
                w.VBox(tuple(self.ticks.values()), layout=w.Layout(overflow="visible")),
                self.todo,
                row(self.look_button),
            ),
            Section(3, "Keep it", "All of it as one page for a meeting: it opens offline, prints "
                    "well, and nobody is on it.", row(self.write_button)),
        )  # fmt: skip

    def _build_fields(self) -> None:
        form = self.form
        files = [("none", ""), *((_shown(source), source) for source in form.sources)]
        columns = [("recognised by name and content", ""), *((m, m) for m in form.mappings)]
        days = w.BoundedIntText(min=0, max=_LONGEST_DAYS, description="Last days")
        days.tooltip = "Only the last so many days are looked at; 0 is all of them"
        self.fields: dict[str, w.Widget] = {
            "customers": w.Dropdown(description="Customers", options=files),
            "purchases": w.Dropdown(description="Purchases", options=files),
            "mapping": w.Dropdown(description="Their columns", options=columns),
            "purchases_time_zone": w.Text(
                description="Their time zone", placeholder="Europe/Berlin, if the times name none"
            ),
            "currency": w.Text(
                description="Currency", placeholder="of your bid prices, such as USD"
            ),
            "days": days,
        }
        for field in self.fields.values():
            field.style.description_width = LABEL_WIDTH
            field.continuous_update = False
        self.ticks = {name: w.Checkbox(description=name, indent=False) for name in form.lists}

    def _build_buttons(self) -> None:
        self.collect_button = button("Collect", "collect", self.collect, primary=True)
        self.look_button = button("Look again", "look", self.look)
        self.write_button = button("Write the report", "write", self.write)

    def _listen(self) -> None:
        for name, field in self.fields.items():
            field.observe(lambda change, name=name: self._choose(name, change["new"]), "value")
        for name, tick in self.ticks.items():
            tick.observe(lambda change, name=name: self._tick(name, counts=change["new"]), "value")

    def render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        for name, field in self.fields.items():
            assign(field, getattr(form, name))
            field.disabled = form.is_busy
        for name in _OF_PURCHASES:
            is_there = form.asks_about_purchases and (name != "mapping" or bool(form.mappings))
            show_if(self.fields[name], "flex", is_there=is_there)
        for name, tick in self.ticks.items():
            assign(tick, name in form.suppress)
            tick.disabled = form.is_busy
        self.collect_button.disabled = not form.can_collect
        self.draw_stop()
        self.look_button.disabled = not form.can_look
        self.write_button.disabled = not form.can_write
        self.todo.value = f'<div class="rokt-hint">{html.escape(form.todo)}</div>'

    # --- what a person does -------------------

    def _choose(self, name: str, value: object) -> None:
        self.take(self.form.choose(**{name: value}))

    def _tick(self, name: str, *, counts: bool) -> None:
        self.take(self.form.suppress_by(name, counts=counts))

    def collect(self) -> None:
        """Fetch the files that are new."""
        if self.form.can_collect:
            self.start(self.form.collecting(), self._collect)

    def _collect(self) -> None:
        found = self.job.run(self.listener(), self.background.cancel)
        if self.form.is_changed and not self.form.todo:
            self._look()
        filled = not self.job.study().referrals.is_empty()
        lines = found.describe(now=self.job.workbench.clock.now())
        self.show(self.form.done(lines, is_filled=filled, stopped=found.cancelled))

    def look(self) -> None:
        """Let the charts follow what is chosen."""
        if self.form.can_look:
            self.start(self.form.looking(), self._look)

    def _look(self) -> None:
        form = self.form
        beside = Beside(
            customers=form.customers,
            purchases=form.purchases,
            mapping=form.mapping if form.purchases else "",
            purchases_time_zone=form.purchases_time_zone if form.purchases else "",
            suppression_lists=",".join(form.suppress),
        )
        view = replace(self.job.view, currency=form.currency, days=form.days)
        self.job.look_again(beside=beside, view=view)
        self.show(self.form.looked())

    def write(self) -> None:
        """Write what the charts show as one page."""
        if self.form.can_write:
            self.start(self.form.writing(), self._write)

    def _write(self) -> None:
        self.show(self.form.wrote(str(self.job.write_report(self.job.report))))


def _with(paths: tuple[str, ...], path: str) -> tuple[str, ...]:
    return paths if not path or path in paths else (path, *paths)


def _shown(source: str) -> str:
    return source.rpartition("/")[2]
