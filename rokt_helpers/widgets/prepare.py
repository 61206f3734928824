"""The panel that prepares a list: choose, check, prepare."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import ipywidgets as w

from rokt_helpers.advice import APPLICABLE, Code
from rokt_helpers.errors import RoktError
from rokt_helpers.forms import Message, PrepareForm
from rokt_helpers.forms.prepare import AdviceOffer
from rokt_helpers.jobs.places import inbox_lists
from rokt_helpers.jobs.prepare import PrepareJob
from rokt_helpers.widgets.background import BackgroundJob, throttled
from rokt_helpers.widgets.dropped import DroppedFiles
from rokt_helpers.widgets.parts import Panel, ProgressBar, button, message_html, step

__all__ = ["PreparePanel"]

_FIND_IT = "(find it)"
_READS: Final = (
    "CSV, TSV, TXT, Excel, ODS, Parquet, Arrow or JSON Lines; the text ones also zipped."
)
_SUFFIXES: Final = (
    ".csv,.txt,.tsv,.gz,.zip,.zst,.jsonl,.ndjson,.parquet,.xlsx,.xls,.ods,.arrow,.feather"
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
        self.box.description = offer.label
        self.box.value = offer.is_chosen
        self.box.disabled = disabled
        examples = "".join(f"<li>{html.escape(one)}</li>" for one in offer.examples)
        listed = f'<ul class="rokt-examples">{examples}</ul>' if examples else ""
        self.text.value = f"<div>{html.escape(offer.sentence)}</div>{listed}"


class PreparePanel(Panel):
    """Binds a :class:`PrepareForm` to widgets and a :class:`PrepareJob` to its buttons."""

    def __init__(self, job: PrepareJob) -> None:
        self.job = job
        self.background = BackgroundJob()
        self._dropped = DroppedFiles()
        sources = inbox_lists()
        if job.source and job.source not in sources:
            sources = (job.source, *sources)
        self.form = replace(PrepareForm(sources=sources).choose(job.source), apply=job.apply)
        self._build()
        self._render()
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        self.source = w.Dropdown(description="From the inbox")
        self.upload = w.FileUpload(accept=_SUFFIXES, description="Choose a file")
        self.upload.add_class("rokt-upload")
        self.column = w.Dropdown(description="Column")
        for field in (self.source, self.column):
            field.style.description_width = "7.5rem"
        self.check_button = button("Check", "check", self.check)
        self.prepare_button = button("Prepare", "prepare", self.prepare, primary=True)
        self.stop_button = button("Stop", "stop", self.background.cancel.set)
        # All rows are there from the start: whatever thread draws only assigns to them.
        self.advice: dict[Code, AdviceRow] = {code: AdviceRow() for code in APPLICABLE}
        self.remarks = w.HTML()
        self.remarks.add_class("rokt-remarks")
        self.bar = ProgressBar()
        self.message = w.HTML()
        self.message.add_class("rokt-status")
        self.sums = w.HTML()
        self.sums.add_class("rokt-sums")
        self.frame(
            step(1, "Choose a list", _READS),
            self.source,
            self.upload,
            step(
                2, "Check it", "Reads the first rows, and says what is in them and what looks odd."
            ),
            self.column,
            self.check_button,
            *self.advice.values(),
            self.remarks,
            step(3, "Prepare it", "Writes the file of identifiers. Nothing is sent."),
            w.HBox([self.prepare_button, self.stop_button]),
            self.bar,
            self.message,
            self.sums,
        )

    def _listen(self) -> None:
        self.source.observe(lambda change: self._choose(change["new"]), "value")
        self.column.observe(lambda change: self._choose_column(change["new"]), "value")
        self.upload.observe(lambda change: self._take(change["new"]), "value")
        for code, row in self.advice.items():
            row.box.observe(
                lambda change, code=code: self._choose_advice(code, is_chosen=change["new"]),
                "value",
            )

    def _show(self, form: PrepareForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        """Put the form's state on the screen; what changes by that is nobody's choice."""
        form = self.form
        self._drawing = True
        sources = [("…", ""), *((_shown(source), source) for source in form.sources)]
        _fill(self.source, sources, form.source)
        columns = [(_FIND_IT, ""), *((name, name) for name in form.columns)]
        _fill(self.column, columns, form.column if form.column in form.columns else "")
        for field in (self.source, self.upload):
            field.disabled = form.is_busy
        self.column.disabled = form.is_busy or not form.columns
        self.check_button.disabled = not form.can_check
        offers = {offer.code: offer for offer in form.offers}
        for code, row in self.advice.items():
            row.show(offers.get(code), disabled=not form.can_apply)
        self.remarks.value = "".join(f"<p>{html.escape(said)}</p>" for said in form.remarks)
        self.prepare_button.disabled = not form.can_prepare
        self.stop_button.disabled = not form.can_stop
        self.bar.show(form.progress)
        self.message.value = message_html(form.message)
        self._drawing = False

    # --- what a person does -------------------

    def _choose(self, source: str) -> None:
        if not self._drawing and source != self.form.source:
            self.sums.value = ""
            self._show(self.form.choose(source))

    def _choose_column(self, column: str) -> None:
        if not self._drawing and column != self.form.column:
            self._show(self.form.choose_column(column))

    def _choose_advice(self, code: Code, *, is_chosen: bool) -> None:
        if not self._drawing:
            self._show(self.form.choose_advice(code, is_chosen=is_chosen))

    def _take(self, files: tuple[dict[str, Any], ...]) -> None:
        """Keep a dropped file, and empty the widget so that its content is saved nowhere."""
        if not files:
            return
        path = str(self._dropped.keep(files[0]["name"], files[0]["content"]))
        self.upload.value = ()
        sources = (path, *(source for source in self.form.sources if source != path))
        self.sums.value = ""
        self._show(PrepareForm(sources=sources).choose(path))

    def check(self) -> None:
        """Look at the first rows."""
        self.job.source, self.job.column = self.form.source, self.form.column
        self._show(self.form.checking())
        self.background.start(self._check, self._failed)

    def _check(self) -> None:
        look = self.job.look()
        message = Message(look.sentence)
        self._show(self.form.checked(look.columns, look.column, message, look.advice))

    def prepare(self) -> None:
        """Prepare the whole list."""
        self.job.column, self.job.apply = self.form.column, self.form.apply
        self._show(self.form.preparing())
        self.background.start(self._prepare, self._failed)

    def _prepare(self) -> None:
        listen = throttled(lambda progress: self._show(self.form.progressed(progress)))
        prepared = self.job.run(listen, self.background.cancel)
        self.sums.value = prepared._repr_html_()
        self._show(self.form.done(prepared.summary, str(self.job.written)))

    def _failed(self, text: str) -> None:
        """Show the sentence, with the columns to choose from where they can be read."""
        try:
            columns = self.job.columns()
        except RoktError:
            columns = ()
        self._show(self.form.failed(text, columns))


def _fill(field: w.Dropdown, options: list[tuple[str, str]], value: str) -> None:
    """Set options and value where they differ: each change is an event on the way to the page."""
    if tuple(field.options) != tuple(options):
        field.options = options
    if field.value != value:
        field.value = value


def _shown(source: str) -> str:
    return source if source.startswith("inbox/") else Path(source).name
