"""The panel of the list lab: ask, choose two lists, compare, keep who conflicts."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from rokt_helpers.forms import ListsForm
from rokt_helpers.forms.lists import QUESTIONS
from rokt_helpers.jobs.lists import ListsJob
from rokt_helpers.jobs.namespace import frames_here
from rokt_helpers.jobs.places import inbox_labels, title_of
from rokt_helpers.widgets.panel import StoppablePanel
from rokt_helpers.widgets.parts import (
    LABEL_WIDTH,
    assign,
    button,
    row,
    show_if,
    stays_here_html,
)
from rokt_helpers.widgets.steps import Section

__all__ = ["ListsPanel"]


class ListsPanel(StoppablePanel[ListsForm]):
    """Binds a :class:`ListsForm` to widgets and a :class:`ListsJob` to its buttons."""

    job: ListsJob

    def __init__(self, job: ListsJob) -> None:
        super().__init__()
        self.job = job
        self.form = ListsForm().choose(left=job.left, right=job.right, mode=job.mode)
        self._build()
        self.show(self.form)
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        form = self.form
        options = [("…", ""), *_offered(self.job)]
        questions = [(text, mode) for mode, text in QUESTIONS.items()]
        self.mode = w.Dropdown(description="Question", options=questions, value=form.mode)
        self.left = w.Dropdown(options=options, value=form.left)
        self.right = w.Dropdown(options=options, value=form.right)
        for field in self._fields():
            field.style.description_width = LABEL_WIDTH
        self.compare_button = button("Compare", "compare", self.compare, primary=True)
        self.keep_button = button("Write their digests", "keep", self.keep)
        self.frame(
            stays_here_html(),
            Section(1, "Ask", "", self.mode),
            Section(2, "Choose two lists", "Of addresses, of digests, or one of each.",
                    self.left, self.right),
            Section(3, "Compare them", "The chart below fills itself. Nothing is written or sent.",
                    row(self.compare_button, self.stop_button, self.keep_button)),
        )  # fmt: skip

    def _fields(self) -> tuple[w.Dropdown, ...]:
        return (self.mode, self.left, self.right)

    def _listen(self) -> None:
        self.mode.observe(lambda change: self._choose(mode=change["new"]), "value")
        self.left.observe(lambda change: self._choose(left=change["new"]), "value")
        self.right.observe(lambda change: self._choose(right=change["new"]), "value")

    def render(self) -> None:
        """Put the form's state on the screen."""
        form = self.form
        self.left.description, self.right.description = form.sides
        for field, chosen in zip(self._fields(), (form.mode, form.left, form.right), strict=True):
            assign(field, chosen)
            field.disabled = form.is_busy
        self.compare_button.disabled = not form.can_compare
        self.draw_stop()
        show_if(self.keep_button, is_there=form.can_keep)

    # --- what a person does -------------------

    def _choose(self, **choice: Any) -> None:
        self.take(self.form.choose(**choice))

    def compare(self) -> None:
        """Compare the two lists that are chosen."""
        form = self.form
        if not form.can_compare:
            return
        self.job.left, self.job.right = form.left, form.right
        self.job.mode = form.mode
        self.start(form.comparing(), self._compare)

    def _compare(self) -> None:
        answer = self.job.run(self.listener(), self.background.cancel)
        self.show(self.form.done(answer.finding, conflicts=answer.conflicts))

    def keep(self) -> None:
        """Write the digests of those who conflict."""
        if self.form.can_keep:
            self.start(self.form, self._keep)

    def _keep(self) -> None:
        self.job.write_conflicts()
        self.show(self.form.kept(f"{self.job.kept} Deliver that file to take them off the list."))


def _offered(job: ListsJob) -> list[tuple[str, str]]:
    """Return the lists that can be picked, as label and source: settings, inbox, notebook."""
    found = dict((*inbox_labels(), *frames_here()))
    given = {path: title_of(path) for path in (job.left, job.right) if path and path not in found}
    return [(label, source) for source, label in {**given, **found}.items()]
