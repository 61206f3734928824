"""The panel that delivers a list: choose, check the plan, send."""

from __future__ import annotations

from typing import Final

import ipywidgets as w

from rokt_helpers import contract
from rokt_helpers.forms import DeliverForm
from rokt_helpers.forms.source import SourceOffer
from rokt_helpers.jobs.deliver import DeliverJob
from rokt_helpers.jobs.places import prepared_labels
from rokt_helpers.widgets.delivering import AUDIENCE_WAYS, DeliveringPanel
from rokt_helpers.widgets.parts import LABEL_WIDTH, assign, place_html
from rokt_helpers.widgets.sources import SourcePicker
from rokt_helpers.widgets.steps import Section

__all__ = ["DeliverPanel"]

_ACTIONS: Final = [("put on the list", "include"), ("take off the list", "exclude")]
_MODES: Final = [
    ("everybody in the file", "full"),
    ("only who is new to this ledger", "delta"),
    ("make the list what the file is", "mirror"),
]
_CHOICES: Final = ("list", "action", "via", "mode")


class DeliverPanel(DeliveringPanel[DeliverForm]):
    """Binds a :class:`DeliverForm` to widgets and a :class:`DeliverJob` to its buttons."""

    job: DeliverJob

    def __init__(self, job: DeliverJob) -> None:
        super().__init__(job)
        self.job = job
        self.picker = SourcePicker(self._choose_source, job.source, lambda: _prepared(job))
        self.form = DeliverForm(
            profile=job.workbench.profile,
            source=self.picker.form.source,
            list=job.list,
            action=job.action,
            via=job.via,
            mode=job.mode,
            allowed=tuple(name.strip() for name in job.allow.split(",") if name.strip()),
        )
        self._build()
        self.show(self.form)
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        form = self.form
        self.list = w.Text(description="To list", value=form.list)
        self.action = w.Dropdown(description="Action", options=_ACTIONS, value=form.action)
        self.via = w.Dropdown(description="Way", options=AUDIENCE_WAYS, value=form.via)
        self.mode = w.Dropdown(description="Send", options=_MODES, value=form.mode)
        fields = [getattr(self, name) for name in _CHOICES]
        for field in fields:
            field.style.description_width = LABEL_WIDTH
        hint = f"Without another name, Rokt's list is {contract.DEFAULT_LIST}."
        self.frame(
            place_html(form.profile, self.job.workbench.settings.account_id),
            Section(1, "Choose who goes where", hint, self.picker, *fields),
            self.plan_section(),
            self.send_section("It can be stopped between two batches."),
        )

    def _listen(self) -> None:
        for name in _CHOICES:
            getattr(self, name).observe(
                lambda change, name=name: self._choose(name, change["new"]), "value"
            )
        self.listen_to_delivery()

    def render(self) -> None:
        """Put the form's state on the screen."""
        self.picker.disable(is_busy=self.form.is_busy)
        for name in _CHOICES:
            assign(getattr(self, name), getattr(self.form, name))
            getattr(self, name).disabled = self.form.is_busy
        self.draw_delivery()

    # --- what a person does -------------------

    def _choose_source(self, source: str) -> None:
        self._choose("source", source)

    def _choose(self, name: str, value: str) -> None:
        self.take(self.form.choose(**{name: value}))

    def take_choices(self) -> None:
        """Hand over everything that was chosen."""
        for name in ("source", *_CHOICES):
            setattr(self.job, name, getattr(self.form, name))
        self.job.allow = ",".join(self.form.allowed)


def _prepared(job: DeliverJob) -> tuple[SourceOffer, ...]:
    """Return the lists that were prepared here, to be picked beside those of the inbox.

    The newest stands first and says so, and is not chosen unasked: what goes is what was picked.
    """
    labels = prepared_labels(job.workbench.settings.folder / "prepared")
    return tuple(SourceOffer(path, label) for path, label in labels)
