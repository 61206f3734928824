"""The few pieces every panel is made of, in one look that follows the host's theme."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import ipywidgets as w

from rokt_helpers.forms import Message
from rokt_helpers.forms.same_again import SameAgain
from rokt_helpers.profiles import place_in_words

__all__ = [
    "LABEL_WIDTH",
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
