"""The panel that prepares a list: choose, check, prepare."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import ipywidgets as w

from rokt_helpers.advice import APPLICABLE, Code
from rokt_helpers.contract import REASONS
from rokt_helpers.errors import InputError, RoktError
from rokt_helpers.forms import Message, PrepareForm
from rokt_helpers.forms.prepare import AdviceOffer, Reason, reasons_in
from rokt_helpers.jobs.prepare import PrepareJob
from rokt_helpers.widgets.grid import CorrectionGrid, GridRow
from rokt_helpers.widgets.panel import StoppablePanel
from rokt_helpers.widgets.parts import (
    LABEL_WIDTH,
    assign,
    button,
    fill,
    row,
    show_if,
    stays_here_html,
    sums_html,
)
from rokt_helpers.widgets.sources import SourcePicker
from rokt_helpers.widgets.steps import Section

__all__ = ["PreparePanel"]

_FIND_IT: Final = "(find it)"
_READS: Final = (
    "CSV, TSV, TXT, Excel, ODS, Parquet, Arrow or JSON Lines; the text ones also zipped."
)


class AdviceRow(w.VBox):  # type: ignore[misc]
    """One piece of advice with its box to tick; hidden while there is none."""

    def __init__(self) -> None:
        self.box = w.Checkbox(indent=False)
        self.text = w.HTML()
        super().__init__([self.box, self.text], layout=w.Layout(display="none"))
        self.add_class("rokt-advice")

    def show(self, offer: AdviceOffer | None, *, disabled: bool) -> None:
        """Draw the advice, or hide the row."""
        self.layout.display = "none" if offer is None else "flex"
        if offer is None:
            return
        assign(self.box, offer.is_chosen)
        self.box.description = offer.label
        self.box.disabled = disabled
        examples = "".join(f"<li>{html.escape(one)}</li>" for one in offer.examples)
        listed = f'<ul class="rokt-examples">{examples}</ul>' if examples else ""
        self.text.value = f"<div>{html.escape(offer.sentence)}</div>{listed}"


class PreparePanel(StoppablePanel[PrepareForm]):
    """Binds a :class:`PrepareForm` to widgets and a :class:`PrepareJob` to its buttons."""

    job: PrepareJob

    def __init__(self, job: PrepareJob) -> None:
        super().__init__()
        self.job = job
        self.picker = SourcePicker(self._choose, job.source)
        self.form = replace(PrepareForm().choose(self.picker.form.source), apply=job.apply)
        self._build()
        self.show(self.form)
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        self.column = w.Dropdown(description="Column")
        self.column.style.description_width = LABEL_WIDTH
        self.check_button = button("Check", "check", self.check)
        self.prepare_button = button("Prepare", "prepare", self.prepare, primary=True)
        # All rows are there from the start: whatever thread draws only assigns to them.
        self.advice: dict[Code, AdviceRow] = {code: AdviceRow() for code in APPLICABLE}
        self.remarks, self.found = w.HTML(), w.HTML()
        self.remarks.add_class("rokt-remarks")
        self.found.add_class("rokt-sums")
        self.grid = CorrectionGrid(self._correct)
        self.frame(
            stays_here_html(),
            Section(1, "Choose a list", _READS, self.picker),
            Section(
                2,
                "Check it",
                "Reads the first rows, and says what is in them and what looks odd.",
                self.column,
                row(self.check_button),
                found=(self.found, self.grid, *self.advice.values(), self.remarks),
            ),
            Section(
                3,
                "Prepare it",
                "Writes the file of identifiers. Nothing is sent.",
                row(self.prepare_button, self.stop_button),
            ),
        )

    def _listen(self) -> None:
        self.column.observe(lambda change: self._choose_column(change["new"]), "value")
        for code, line in self.advice.items():
            line.box.observe(
                lambda change, code=code: self._choose_advice(code, is_chosen=change["new"]),
                "value",
            )

    def render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        columns = [(_FIND_IT, ""), *((name, name) for name in form.columns)]
        fill(self.column, columns, form.column if form.column in form.columns else "")
        show_if(self.column, "flex", is_there=bool(form.columns))
        self.picker.disable(is_busy=form.is_busy)
        self.column.disabled = form.is_busy
        self.check_button.disabled = not form.can_check
        assign(self.found, sums_html(form.found) + _reasons_html(form) if form.found else "")
        show_if(self.grid, is_there=form.can_correct)
        offers = {offer.code: offer for offer in form.offers}
        for code, line in self.advice.items():
            line.show(offers.get(code), disabled=not form.can_apply)
        assign(self.remarks, "".join(f"<p>{html.escape(said)}</p>" for said in form.remarks))
        self.prepare_button.disabled = not form.can_prepare
        self.draw_stop()

    # --- what a person does -------------------

    def _choose(self, source: str) -> None:
        self.grid.clear()
        self.show(self.form.choose(source))

    def _choose_column(self, column: str) -> None:
        if column == self.form.column or self._is_drawing:
            return
        if not self.form.is_busy:
            self.grid.clear()
        self.take(self.form.choose_column(column))

    def _choose_advice(self, code: Code, *, is_chosen: bool) -> None:
        self.take(self.form.choose_advice(code, is_chosen=is_chosen))

    def _correct(self, corrections: dict[int, str]) -> None:
        self.job.corrections = corrections
        self.show(self.form.correct(len(corrections)))

    def check(self) -> None:
        """Look at the first rows."""
        if not self.form.can_check:
            return
        self.job.source, self.job.column = self.form.source, self.form.column
        self.start(self.form.checking(), self._check)

    def _check(self) -> None:
        look = self.job.look()
        reasons = reasons_in(look.summary, look.examples)
        form = self.form.checked(
            look.columns,
            look.column,
            Message(look.sentence),
            look.advice,
            found=look.summary,
            reasons=reasons,
        )
        self._show_rejected(look.outcomes)
        self.show(form)

    def _show_rejected(self, outcomes: Mapping[int, str]) -> None:
        """Let the rejected rows be mended, where they have numbers to be mended by."""
        try:
            rejected = self.job.rejected_for_correction()
        except InputError:
            rejected = None
        rows = [] if rejected is None else rejected.rows()
        states = dict.fromkeys(self.job.corrections, "typed anew") | {
            row: _state(outcome) for row, outcome in outcomes.items()
        }
        self.grid.show(
            [
                GridRow(row, REASONS[reason], value or "", states.get(row, "rejected"))
                for row, reason, value in rows
            ]
        )

    def prepare(self) -> None:
        """Prepare the whole list."""
        if not self.form.can_prepare:
            return
        self.job.column, self.job.apply = self.form.column, self.form.apply
        self.start(self.form.preparing(), self._prepare)

    def _prepare(self) -> None:
        prepared = self.job.run(self.listener(), self.background.cancel)
        reasons = reasons_in(prepared.summary)
        self._show_rejected({})
        self.show(self.form.done(prepared.summary, str(self.job.written), reasons))

    def fail(self, text: str) -> None:
        """Show the sentence, with the columns to choose from where they can be read."""
        try:
            columns = self.job.columns()
        except RoktError:
            columns = ()
        self.show(self.form.failed(text, columns))


def _state(outcome: str) -> str:
    """Return in words what becomes of a row."""
    taken = {"accepted": "accepted now", "duplicate": "accepted now: as another row already was"}
    return taken.get(outcome) or f"rejected: {REASONS[outcome]}"


def _reasons_html(form: PrepareForm) -> str:
    """Return why rows were rejected, with the shape of a few values of each kind."""
    if not form.reasons:
        return ""
    rows = "".join(
        f'<tr><td>{html.escape(reason.words)}</td><td class="rokt-number">{reason.rows:,}</td>'
        f"<td>{_shapes(reason)}</td></tr>"
        for reason in form.reasons
    )
    head = (
        '<tr><th scope="col">Why rejected</th><th scope="col" class="rokt-number">Rows</th>'
        '<th scope="col">They look like</th></tr>'
    )
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _shapes(reason: Reason) -> str:
    return " ".join(f"<code>{html.escape(one)}</code>" for one in reason.examples)
