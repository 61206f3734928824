"""The few pieces every panel is made of, in one look that follows the host's theme."""

from __future__ import annotations

import html
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import ipywidgets as w

from rokt_helpers.forms import Message
from rokt_helpers.profiles import leaves_this_computer, place_in_words
from rokt_helpers.progress import Progress

__all__ = ["Panel", "button", "message_html", "place_html", "step"]


class Panel:
    """A framed column of widgets with the house's style; a cell shows it as it shows a widget.

    It holds a widget and is none, so that no name of ours can stand in the way of the library's.
    """

    def frame(self, *children: w.Widget) -> None:
        """Put the widgets into the frame, in their order."""
        style = files("rokt_helpers.widgets").joinpath("style.css").read_text(encoding="utf-8")
        self.box = w.VBox([w.HTML(f"<style>{style}</style>"), *children])
        self.box.add_class("rokt-panel")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)


class ProgressBar(w.VBox):  # type: ignore[misc]
    """A bar with its reading in words; hidden while there is nothing to show."""

    def __init__(self) -> None:
        self.bar = w.FloatProgress(min=0, max=1, layout=w.Layout(width="100%"))
        super().__init__([self.bar], layout=w.Layout(display="none", width="30rem"))
        self.add_class("rokt-progress")

    def show(self, progress: Progress | None) -> None:
        """Draw a reading, or hide the bar."""
        self.layout.display = "none" if progress is None else "flex"
        if progress is not None and progress.total:
            self.bar.value = progress.done / progress.total
            self.bar.tooltip = str(progress)


def button(label: str, name: str, press: Callable[[], None], *, primary: bool = False) -> w.Button:
    """Return a button; ``name`` is its class, by which tests and styles find it."""
    made = w.Button(description=label, button_style="primary" if primary else "")
    made.add_class(f"rokt-{name}")
    made.on_click(lambda _: press())
    return made


def step(number: int, title: str, hint: str = "") -> w.HTML:
    """Return the heading of one step."""
    quiet = f'<div class="rokt-hint">{html.escape(hint)}</div>' if hint else ""
    return w.HTML(f'<div class="rokt-step">{number}. {html.escape(title)}</div>{quiet}')


def message_html(message: Message) -> str:
    """Return a message; its tone is a word as well as a colour, and a screen reader says it."""
    word = f"<strong>{html.escape(message.word)}.</strong> " if message.word else ""
    return (
        f'<div class="rokt-message {message.tone}" role="status" aria-live="polite">'
        f"{word}{html.escape(message.text)}</div>"
    )


def place_html(profile: str, account: str) -> str:
    """Return the banner that says where this panel sends to."""
    kind = " live" if leaves_this_computer(profile) else ""
    return f'<span class="rokt-place{kind}">{html.escape(place_in_words(profile, account))}</span>'
