"""The few pieces every panel is made of, in one look that follows the host's theme."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, Protocol

import ipywidgets as w

from rokt_helpers.forms import Message
from rokt_helpers.forms.same_again import SameAgain
from rokt_helpers.forms.stages import Stage
from rokt_helpers.jobs.job import Job
from rokt_helpers.profiles import place_in_words
from rokt_helpers.progress import Progress
from rokt_helpers.widgets.keys import PanelKeys

__all__ = [
    "LABEL_WIDTH",
    "Panel",
    "Section",
    "again_html",
    "assign",
    "button",
    "details_html",
    "fill",
    "list_html",
    "message_html",
    "place_html",
    "row",
    "show_if",
    "stays_here_html",
    "stylesheet",
    "sums_html",
]

LABEL_WIDTH: Final = "7.5rem"
_SIGNS: Final = {"sandbox": "◌", "staging": "◐", "live": "●"}
_NO_FORM: Final = "<p><em>A form stands here. Open the page in JupyterLab to use it.</em></p>"
_STATES: Final = {"done": "done", "now": "now", "later": "not yet"}


class Screen(Protocol):
    """As much of a form as every panel draws alike.

    ``at`` is the number of the step that the message belongs to.
    """

    @property
    def at(self) -> int: ...
    @property
    def stages(self) -> Sequence[Stage]: ...
    @property
    def message(self) -> Message: ...
    @property
    def progress(self) -> Progress | None: ...


class Panel:
    """A framed column of steps with the house's style; a cell shows it as it shows a widget.

    It holds a widget and is none, so that no name of ours can stand in the way of the library's.
    """

    job: Job

    def frame(self, place: str, *sections: Section) -> None:
        """Put the steps into the frame, below the band that says where they lead."""
        self.sections = sections
        self._steps, self.again = w.HTML(), w.HTML()
        self.again.add_class("rokt-again")
        head = w.HTML(f"<style>{stylesheet()}</style>{place}")
        self.box = w.VBox([head, PanelKeys(), self._steps, *sections, self.again])
        self.box.add_class("rokt-panel")

    @property
    def said(self) -> str:
        """What the panel says now, as HTML, beside whichever step it is about."""
        return "".join(section.message.value for section in self.sections)

    def draw_steps(self, screen: Screen) -> None:
        """Show where a person is, and what is said beside the step it is about."""
        assign(self._steps, _steps_html(screen.stages))
        for section in self.sections:
            is_here = section.number == screen.at
            section.say(screen.message if is_here else None, screen.progress if is_here else None)
        is_done = screen.stages[-1].state == "done"
        show_if(self.again, is_there=is_done)
        assign(self.again, again_html(self.job.same_again()) if is_done else "")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return {**self.box._repr_mimebundle_(**options), "text/html": _NO_FORM}


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


def stylesheet() -> str:
    """Return the house's style: its words, then what is made of them."""
    folder = files("rokt_helpers.widgets")
    return "".join(
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("tokens.css", "style.css")
    )


def button(
    label: str, name: str, press: Callable[[], None], *, primary: bool = False, small: bool = False
) -> w.Button:
    """Return a button; ``name`` is its class, by which tests and styles find it."""
    made = w.Button(description=label, button_style="primary" if primary else "")
    made.add_class(f"rokt-{name}")
    if small:
        made.add_class("rokt-small")
    made.on_click(lambda _: press())
    return made


def row(*children: w.Widget) -> w.HBox:
    """Return widgets side by side, that wrap where the page is narrow."""
    made = w.HBox(children)
    made.add_class("rokt-row")
    return made


def assign(field: w.Widget, value: object) -> None:
    """Set the value where it differs: each change is an event on the way to the page."""
    if field.value != value:
        field.value = value


def fill(field: w.Dropdown, options: Sequence[tuple[str, str]], value: str) -> None:
    """Set options and value where they differ."""
    if tuple(field.options) != tuple(options):
        field.options = options
    assign(field, value)


def show_if(field: w.Widget, display: str | None = None, *, is_there: bool) -> None:
    """Draw a widget the way ``display`` says, or hide it."""
    field.layout.display = display if is_there else "none"


def message_html(message: Message, *, is_said_aloud: bool = True) -> str:
    """Return a message; its tone is a word as well as a colour, and a screen reader says it."""
    word = f"<strong>{html.escape(message.word)}.</strong> " if message.word else ""
    role = ' role="status"' if is_said_aloud else ""
    return f'<div class="rokt-message {message.tone}"{role}>{word}{html.escape(message.text)}</div>'


def place_html(profile: str, account: str) -> str:
    """Return the band that says where this panel sends to: by a word and a sign, not by colour."""
    word, _, sentence = place_in_words(profile, account).partition(": ")
    return _band(profile, _SIGNS[profile], word, sentence)


def stays_here_html() -> str:
    """Return the band of a page from which nothing can be sent."""
    return _band("sandbox", _SIGNS["sandbox"], "On this computer", "nothing is sent from this page")


def _band(kind: str, sign: str, word: str, sentence: str) -> str:
    said = html.escape(sentence[:1].upper() + sentence[1:])
    return (
        f'<div class="rokt-place {kind}"><span aria-hidden="true">{sign}</span>'
        f"<strong>{word}</strong><span>{said}.</span></div>"
    )


def list_html(lines: Iterable[str]) -> str:
    """Return sentences as a list; nothing where there is none."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def details_html(title: str, text: str) -> str:
    """Return a text as it is, folded under its title; nothing where there is no text."""
    if not text:
        return ""
    shown = f'<pre tabindex="0">{html.escape(text)}</pre>'
    return f"<details><summary>{html.escape(title)}</summary>{shown}</details>"


def again_html(same: SameAgain) -> str:
    """Return how a schedule would do what was just done by hand, folded under its title."""
    first = f'<p class="rokt-hindrance">{html.escape(same.hindrance)}</p>' if same.hindrance else ""
    last = f'<p class="rokt-hint">{html.escape(same.note)}</p>' if same.note else ""
    parts = (
        (f"Save this as <code>{html.escape(same.file)}</code>", same.params_yaml),
        ("Try it once, in a terminal", same.command),
        (
            "Put this below <code>entries:</code> in <code>params/schedule.yml</code>",
            same.entry_yaml,
        ),
    )
    shown = "".join(
        f'<li>{title}<pre tabindex="0">{html.escape(text)}</pre></li>' for title, text in parts
    )
    title = "<summary>The same on a schedule</summary>"
    return f"<details>{title}{first}<ol>{shown}</ol>{last}</details>"


def sums_html(summary: Mapping[str, Any]) -> str:
    """Return how rows add up, as a bar with its parts in words.

    Parameters
    ----------
    summary
        As :attr:`PreparedAudience.summary` has it; nothing is drawn of a source without rows.
    """
    rows = summary["rows_in"]
    if not rows:
        return ""
    parts = [(name, summary[name]) for name in ("accepted", "duplicates", "rejected")]
    words = {name: name.removesuffix("s") if count == 1 else name for name, count in parts}
    bars = "".join(
        f'<span class="rokt-{name}" style="flex:{count}"></span>' for name, count in parts if count
    )
    key = "".join(
        f'<li><i class="rokt-{name}"></i>{count:,} {words[name]} ({count / rows:.1%})</li>'
        for name, count in parts
    )
    said = f"{rows:,} rows: " + ", ".join(f"{count:,} {words[name]}" for name, count in parts)
    return (
        f'<div class="rokt-sums-bar" role="img" aria-label="{said}">{bars}</div>'
        f'<ul class="rokt-sums-key">{key}</ul>'
    )


def _steps_html(steps: Sequence[Stage]) -> str:
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
