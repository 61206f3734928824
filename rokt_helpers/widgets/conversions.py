"""The panel that reports conversions: choose, see which column is what, check, send."""

from __future__ import annotations

from typing import Final

import ipywidgets as w

from rokt_helpers.conversions.words import in_words
from rokt_helpers.forms.conversions import (
    CONFIRMATION,
    HOW,
    ConversionsForm,
    How,
)
from rokt_helpers.jobs.columns import attributes_offered, saved_mappings
from rokt_helpers.jobs.conversions import ConversionsJob
from rokt_helpers.widgets.columns import HEAD, MappingRow
from rokt_helpers.widgets.panel import StoppablePanel
from rokt_helpers.widgets.parts import (
    LABEL_WIDTH,
    assign,
    button,
    details_html,
    fill,
    list_html,
    place_html,
    row,
    show_if,
)
from rokt_helpers.widgets.sources import SourcePicker
from rokt_helpers.widgets.steps import Section

__all__ = ["ConversionsPanel"]

_WAYS: Final = [
    ("Event and Audience API", "events"),
    ("Event API, the older one", "events-legacy"),
    ("SFTP, a file of conversions", "events-sftp"),
    ("SFTP, a file of people only", "sftp"),
]
_ORDERS: Final = [("as found", ""), ("day first: 02/03 is March", "dmy"),
                  ("month first: 02/03 is February", "mdy")]  # fmt: skip
_MARKS: Final = [("as found", ""), ("a point: 1,234.50", "."), ("a comma: 1.234,50", ",")]
_OPEN: Final = (
    '<div class="rokt-hint" style="margin-top:8px">What the columns do not say themselves:</div>'
)


class ConversionsPanel(StoppablePanel[ConversionsForm]):
    """Binds a :class:`ConversionsForm` to widgets and a :class:`ConversionsJob` to its buttons."""

    job: ConversionsJob

    def __init__(self, job: ConversionsJob) -> None:
        super().__init__()
        self.job = job
        offered = attributes_offered(plain=job.output == "plain")
        self._options = [("leave out", ""), *((in_words(name), name) for name in offered)]
        self.picker = SourcePicker(self._choose_source, job.source)
        self.form = ConversionsForm(
            profile=job.workbench.profile,
            mappings=_with(saved_mappings(), job.mapping),
            how={how: getattr(job, how) for how in HOW},
            via=job.via,
        ).choose(self.picker.form.source, job.mapping)
        self._build()
        self.show(self.form)
        self._listen()
        if self.form.source:
            self.look()

    # --- drawing ------------------------------

    def _build(self) -> None:
        self._build_fields()
        self._build_buttons()
        self.head = w.HTML(HEAD)
        self.rows = w.VBox(layout=w.Layout(overflow="visible"))
        self.todo, self.asked, self.plan_view = w.HTML(), w.HTML(_OPEN), w.HTML()
        self.plan_view.add_class("rokt-plan-view")
        self.todo.add_class("rokt-todo")
        self.frame(
            place_html(self.form.profile, self.job.workbench.settings.account_id),
            Section(1, "Choose a file of purchases", "One row, one purchase. Its columns are "
                    "looked at as soon as it is chosen; nothing is sent by that.", self.picker),
            Section(
                2, "See which column is what",
                "Change what is wrong; leave out what Rokt need not know.",
                self.mapping, self.head, self.rows, self.asked, *self.fields.values(),
                self.shows_all, row(self.name, self.save_button),
            ),
            Section(
                3, "Check it", "Reads the whole file and makes the plan. Nothing is sent yet.",
                self.via, self.todo, row(self.check_button, self.stop_check_button),
                found=(self.plan_view,),
            ),
            Section(4, "Send it", "It can be stopped between two requests.",
                    self.typed, row(self.send_button, self.stop_button)),
        )  # fmt: skip

    def _build_fields(self) -> None:
        self.mapping = w.Dropdown(description="Which is what")
        self.fields: dict[How, w.Widget] = {
            "time_zone": w.Text(description="Time zone", placeholder="such as America/New_York"),
            "date_order": w.Dropdown(description="Dates", options=_ORDERS),
            "decimal": w.Dropdown(description="Decimal mark", options=_MARKS),
            "conversiontype": w.Text(description="Type if none", placeholder="such as purchase"),
            "currency": w.Text(description="Currency if none", placeholder="such as USD"),
        }
        self.shows_all = w.Checkbox(description="Show all settings", indent=False)
        self.name = w.Text(description="Save as", placeholder="a name, such as shop")
        self.name.layout.width = "20rem"
        self.via = w.Dropdown(description="Way", options=_WAYS)
        self.typed = w.Text(description="Confirm", placeholder=f"type {CONFIRMATION}")
        for field in (self.mapping, *self.fields.values(), self.name, self.via, self.typed):
            field.style.description_width = LABEL_WIDTH
        for text in (self.fields["time_zone"], self.fields["conversiontype"],
                     self.fields["currency"]):  # fmt: skip
            text.continuous_update = False

    def _build_buttons(self) -> None:
        self.save_button = button("Save the columns", "save", self.save)
        self.check_button = button("Check", "check", self.check)
        self.send_button = button("Send", "send", self.send, primary=True)
        self.stop_check_button = self.another_stop_button("stop-check")

    def _listen(self) -> None:
        self.mapping.observe(
            lambda change: self._choose(self.form.source, change["new"]), "value"
        )  # fmt: skip
        for how, field in self.fields.items():
            field.observe(
                lambda change, how=how: self.take(self.form.say(how, change["new"])), "value"
            )
        self.via.observe(lambda change: self.take(self.form.choose_via(change["new"])), "value")
        self.shows_all.observe(
            lambda change: self.take(self.form.show_all(is_wanted=change["new"])), "value"
        )
        self.name.observe(lambda change: self.show(self.form.name_it(change["new"])), "value")
        self.typed.observe(
            lambda change: self.take(self.form.type_confirmation(change["new"])), "value"
        )

    def render(self) -> None:
        """Put the form's state on the screen."""
        self._render_choices()
        self._render_columns()
        form = self.form
        self.save_button.disabled = not form.can_save
        self.check_button.disabled = not form.can_check
        self.send_button.disabled = not form.can_send
        self.draw_stop(is_there=form.step == "sending")
        self.draw_stop(self.stop_check_button, is_there=form.step == "checking")
        show_if(self.typed, "flex", is_there=form.must_type)
        assign(self.typed, form.typed)
        assign(self.todo, list_html(form.todo))
        request = details_html("The first request, the person masked", form.request)
        assign(self.plan_view, list_html(form.plan) + request)

    def _render_choices(self) -> None:
        form = self.form
        known = [("recognised by name and content", ""), *((m, m) for m in form.mappings)]
        fill(self.mapping, known, form.mapping)
        show_if(self.mapping, "flex", is_there=bool(form.mappings))
        show_if(self.asked, "", is_there=bool(form.fields))
        assign(self.via, form.via)
        for how, field in self.fields.items():
            assign(field, form.how.get(how, ""))
            show_if(field, "flex", is_there=how in form.fields)
        assign(self.shows_all, form.shows_all)
        is_open = len(form.columns) > 0 and form.via != "sftp"
        show_if(self.shows_all, "flex", is_there=is_open)
        self.picker.disable(is_busy=form.is_busy)
        for field in (self.mapping, self.via, self.shows_all):
            field.disabled = form.is_busy
        for field in (*self.fields.values(), self.name):
            field.disabled = not form.can_choose

    def _render_columns(self) -> None:
        form = self.form
        missing = len(form.columns) - len(self.rows.children)
        if missing > 0:
            more = (MappingRow(self._options, self._choose_attribute) for _ in range(missing))
            self.rows.children = (*self.rows.children, *more)
        show_if(self.head, "", is_there=bool(form.columns))
        for place, line in enumerate(self.rows.children):
            column = form.columns[place] if place < len(form.columns) else None
            line.show(column, disabled=not form.can_choose)

    # --- what a person does -------------------

    def _choose_source(self, source: str) -> None:
        self._choose(source, "")

    def _choose(self, source: str, mapping: str) -> None:
        is_free = not self._is_drawing and not self.form.is_busy
        self.take(self.form.choose(source, mapping))
        if is_free and source:
            self.look()

    def _choose_attribute(self, column: str, attribute: str) -> None:
        self.take(self.form.choose_attribute(column, attribute))

    def look(self) -> None:
        """See which column is what."""
        self.job.source, self.job.mapping = self.form.source, self.form.mapping
        self.job.matched = None
        self.start(self.form.looking(), self._look)

    def _look(self) -> None:
        self.show(self.form.looked(self.job.look()))

    def save(self) -> None:
        """Keep which column is what under a name."""
        if not self.form.can_save:
            return
        self.job.matched = self.form.matched
        self.start(self.form, self._save)

    def _save(self) -> None:
        where = self.job.save_mapping(self.form.name)
        self.show(self.form.saved(where, _with(saved_mappings(), self.form.mapping)))

    def check(self) -> None:
        """Prepare the whole file and make the plan."""
        if not self.form.can_check:
            return
        form, job = self.form, self.job
        job.matched, job.via = form.matched, form.via
        for how, said in form.how.items():
            setattr(job, how, said)
        self.start(form.checking(), self._check)

    def _check(self) -> None:
        plan = self.job.check(self.listener(), self.background.cancel)
        lines, request = plan.describe(), plan.first_request_masked()
        self.show(self.form.checked(self.job.sums(), lines, request))

    def send(self) -> None:
        """Send the plan that is shown."""
        if self.form.can_send:
            self.start(self.form.sending(), self._send)

    def _send(self) -> None:
        receipt = self.job.send(self.listener(), self.background.cancel)
        self.show(self.form.done(receipt.describe()))


def _with(paths: tuple[str, ...], path: str) -> tuple[str, ...]:
    return paths if not path or path in paths else (path, *paths)
