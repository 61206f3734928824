"""Sentences as a cell shows them: what was found, or what to do first."""

from __future__ import annotations

import html
from dataclasses import dataclass

__all__ = ["Notice", "Sentences"]


@dataclass(frozen=True)
class Notice:
    """A sentence that says what to do first."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p><em>{html.escape(self.text)}</em></p>"


@dataclass(frozen=True)
class Sentences:
    """What was found, one sentence a line."""

    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in self.lines) + "</ul>"
