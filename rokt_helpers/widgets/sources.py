"""Choose a list: pick it from the inbox, drop it, paste it, or take a table of the notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ipywidgets as w

from rokt_helpers.errors import InputError
from rokt_helpers.forms.source import KINDS, SourceForm, SourceOffer
from rokt_helpers.jobs.namespace import frames_here
from rokt_helpers.jobs.places import LIST_SUFFIXES, PASTED, inbox_labels, title_of
from rokt_helpers.widgets.drop import DropZone
from rokt_helpers.widgets.dropped import DroppedFiles
from rokt_helpers.widgets.parts import LABEL_WIDTH, assign, button, fill, row, show_if

__all__ = ["SourcePicker"]


class SourcePicker(w.VBox):  # type: ignore[misc]
    """Binds a :class:`SourceForm` to widgets, and tells the panel what was chosen.

    Parameters
    ----------
    chosen
        Called with what a job knows the list by, empty for nothing.
    source
        What is chosen at first, such as a setting of the notebook.
    more
        Gives lists beside those of the inbox, such as prepared ones, which come first; it is asked
        anew whenever a person looks again.
    """

    def __init__(
        self,
        chosen: Callable[[str], None],
        source: str = "",
        more: Callable[[], tuple[SourceOffer, ...]] = tuple,
    ) -> None:
        self._chosen = chosen
        self._drawing = self._is_busy = False
        self._kept = DroppedFiles()
        self._more, self._ask_more = more(), more
        known = {"", *dict(inbox_labels()), *(offer.source for offer in self._more)}
        given = () if source in known else (SourceOffer(source, title_of(source)),)
        own = (*given, *self._more)
        self.form = SourceForm(own=own, source=source).offered(*_offers())
        self._build()
        super().__init__([self.kind, self._picking, self._pasting, self.drop, self.hint])
        self.add_class("rokt-sources")
        self._render()
        self._listen()

    # --- drawing ------------------------------

    def _build(self) -> None:
        options = [(label, kind) for kind, label in KINDS.items()]
        self.kind = w.RadioButtons(options=options, value=self.form.kind, orientation="horizontal")
        self.kind.add_class("rokt-kinds")
        self.picked = w.Dropdown(description="Source")
        self.picked.style.description_width = LABEL_WIDTH
        self.again_button = button("Look again", "look-again", self.look_again, small=True)
        self.again_button.tooltip = "Lists that came since this page was opened"
        self._picking = row(self.picked, self.again_button)
        self.pasted = w.Textarea(
            description="Addresses",
            placeholder="One a line, or cells copied out of a spreadsheet",
            rows=5,
        )
        self.pasted.style.description_width = LABEL_WIDTH
        self.paste_button = button("Use these lines", "paste", self.take_pasted, small=True)
        self._pasting = w.VBox([self.pasted, row(self.paste_button)])
        self.drop = DropZone(self._kept, self._took, accept=LIST_SUFFIXES)
        self.hint = w.HTML()

    def _listen(self) -> None:
        self.kind.observe(lambda change: self._show(self.form.by(change["new"])), "value")
        self.picked.observe(lambda change: self._pick(change["new"]), "value")

    def _show(self, form: SourceForm) -> None:
        self.form = form
        self._render()

    def _render(self) -> None:
        self._drawing = True
        form = self.form
        assign(self.kind, form.kind)
        choices = [("…", ""), *((offer.label, offer.source) for offer in form.offers)]
        known = {offer.source for offer in form.offers}
        fill(self.picked, choices, form.source if form.source in known else "")
        show_if(self._picking, "flex", is_there=form.kind in {"inbox", "python"})
        show_if(self.picked, "flex", is_there=form.can_be_picked)
        show_if(self._pasting, "flex", is_there=form.kind == "paste")
        show_if(self.drop, is_there=form.kind == "drop")
        assign(self.hint, f'<div class="rokt-hint">{form.hint}</div>' if form.hint else "")
        self._drawing = False

    def disable(self, *, is_busy: bool) -> None:
        """Let nothing be changed while something is under way."""
        self._is_busy = is_busy
        for field in (self.kind, self.picked, self.pasted, self.drop):
            field.disabled = is_busy
        self.again_button.disabled = self.paste_button.disabled = is_busy

    # --- what a person does -------------------

    def _pick(self, source: str) -> None:
        if self._is_busy:
            self._render()  # it was picked before the field was shut: it is put back
        elif not self._drawing and source != self.form.source:
            self._show(self.form.choose(source))
            self._chosen(source)

    def look_again(self) -> None:
        """Offer what came into the inbox or the notebook, or was prepared, since."""
        if self._is_busy:
            return
        before = self.form.source
        earlier, self._more = {offer.source for offer in self._more}, self._ask_more()
        by_hand = (offer for offer in self.form.own if offer.source not in earlier)
        form = replace(self.form, own=(*by_hand, *self._more))
        self._show(form.offered(*_offers()))
        if self.form.source != before:
            self._chosen(self.form.source)

    def take_pasted(self) -> None:
        """Keep what was pasted in a private file, and empty the field: a saved page holds none."""
        if self._is_busy:
            return
        text = self.pasted.value
        if text.strip():
            kept = self._kept.keep(PASTED, text.encode())
            self.pasted.value = ""  # not before: what cannot be kept stays for another try
            self._took(kept)

    def _took(self, path: Path) -> None:
        if self._is_busy:
            raise InputError("It came while a list was read. Drop it again when that has ended.")
        offer = SourceOffer(str(path), f"{path.name}, by hand")
        self._show(self.form.took(offer))
        self._chosen(offer.source)


def _offers() -> tuple[list[SourceOffer], list[SourceOffer]]:
    """Return what the inbox and the notebook offer now."""
    inbox = [SourceOffer(source, label) for source, label in inbox_labels()]
    return inbox, [SourceOffer(source, label) for source, label in frames_here()]
