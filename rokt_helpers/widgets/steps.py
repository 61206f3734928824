"""The steps of a panel: each a section with its message, and above them how far a person is."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Final

import ipywidgets as w

from rokt_helpers.forms import Message
from rokt_helpers.forms.stages import Stage
from rokt_helpers.progress import Progress
from rokt_helpers.widgets.parts import assign, message_html, show_if

__all__ = ["Section", "steps_html"]

_STATES: Final = {"done": "done", "now": "now", "later": "not yet"}


class Section(w.VBox):  # type: ignore[misc]
    """One step: its title, what is chosen and pressed, what is said about it, what was found."""

    def __init__(
        self,
        number: int,
        title: str,
        hint: str,
        *children: w.Widget,
        found: Iterable[w.Widget] = (),
    ) -> None:
        self.number = number
        quiet = f'<div class="rokt-hint">{html.escape(hint)}</div>' if hint else ""
        heading = f'<h3 class="rokt-title">{number}. {html.escape(title)}</h3>{quiet}'
        self.bar, self.message = w.HTML(), w.HTML()
        self.bar.add_class("rokt-progress")
        self.message.add_class("rokt-status")
        super().__init__([w.HTML(heading), *children, self.bar, self.message, *found])
        self.add_class("rokt-section")

    def say(self, message: Message | None, progress: Progress | None) -> None:
        """Show a message and how far it is, or nothing."""
        show_if(self.message, is_there=message is not None)
        # Ten readings a second are for the eye: a screen reader hears what came of it.
        is_said = progress is None
        said = "" if message is None else message_html(message, is_said_aloud=is_said)
        assign(self.message, said)
        show_if(self.bar, is_there=progress is not None)
        assign(self.bar, "" if progress is None else _progress_html(progress))


def steps_html(steps: Sequence[Stage]) -> str:
    """Return the steps in a row: done, where a person is, and what comes."""
    items = "".join(
        f'<li class="{stage.state}"{_current(stage)}><b aria-hidden="true">{_sign(stage)}</b>'
        f'<span>{html.escape(stage.title)}<span class="rokt-unseen">, {_STATES[stage.state]}'
        "</span></span></li>"
        for stage in steps
    )
    return f'<ol class="rokt-steps" aria-label="Steps">{items}</ol>'


def _current(stage: Stage) -> str:
    return ' aria-current="step"' if stage.state == "now" else ""


def _sign(stage: Stage) -> str:
    return "✓" if stage.state == "done" else str(stage.number)


def _progress_html(progress: Progress) -> str:
    known = f' value="{progress.done}" max="{progress.total}"' if progress.total else ""
    return f'<progress{known} aria-label="{html.escape(str(progress), quote=True)}"></progress>'
