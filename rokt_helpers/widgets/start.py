"""The start page, drawn as plain HTML: a report and a reader without widgets show it too."""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files
from typing import Protocol

import jinja2
from markupsafe import Markup

from rokt_helpers.forms.start import Start

__all__ = ["StartView", "start_html"]


class HasStart(Protocol):
    """Whatever knows what the start page shows."""

    @property
    def state(self) -> Start:
        """What the page shows."""
        ...


class StartView:
    """The start page in a cell."""

    def __init__(self, page: HasStart) -> None:
        self._state = page.state

    def __repr__(self) -> str:
        place = self._state.place
        return f"{place.word}. {place.sentence} {self._state.sentence}"

    def _repr_html_(self) -> str:
        return start_html(self._state)


def start_html(start: Start) -> str:
    """Return the page; every value in it is escaped."""
    folder = files("rokt_helpers.widgets")
    styles = [folder.joinpath(n).read_text(encoding="utf-8") for n in ("tokens.css", "start.css")]
    return _template().render(start=start, style=Markup("".join(styles)))  # noqa: S704  our own files


@cache
def _template() -> jinja2.Template:
    text = files("rokt_helpers.widgets").joinpath("start.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["commands"] = _commands
    return environment.from_string(text)


def _commands(sentence: str) -> Markup:
    """Set what stands between backticks as code: a command to type."""
    pieces = (html.escape(piece) for piece in sentence.split("`"))
    drawn = (f"<code>{piece}</code>" if n % 2 else piece for n, piece in enumerate(pieces))
    return Markup("".join(drawn))  # noqa: S704  each piece is escaped
