"""The rows that say which column of a file is what, and the few lines that draw them."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Final

import ipywidgets as w

from rokt_helpers.forms.conversions import ColumnRow
from rokt_helpers.widgets.parts import assign

__all__ = ["HEAD", "MappingRow"]

HEAD: Final = (
    '<div class="rokt-hint rokt-columns-head" aria-hidden="true">'
    "<span>Your column</span><span>What it is at Rokt</span><span>Why</span></div>"
)


class MappingRow(w.HBox):  # type: ignore[misc]
    """One column with what it is and why; hidden while the file has fewer columns."""

    def __init__(self, options: list[tuple[str, str]], choose: Callable[[str, str], None]) -> None:
        self.name = w.HTML()
        self.choice = w.Dropdown(options=options)
        self.why = w.HTML()
        self.column = ""
        super().__init__([self.name, self.choice, self.why], layout=w.Layout(display="none"))
        self.add_class("rokt-column")
        self.choice.observe(lambda change: choose(self.column, change["new"]), "value")

    def show(self, row: ColumnRow | None, *, disabled: bool) -> None:
        """Draw the column, or hide the row."""
        self.layout.display = "none" if row is None else "flex"
        if row is None:
            return
        self.column = row.column
        shown = html.escape(row.column)
        self.name.value = f'<div class="rokt-column-name" title="{shown}">{shown}</div>'
        self.why.value = f'<div class="rokt-hint">{html.escape(row.evidence)}</div>'
        self.choice.tooltip = f"What column {row.column} is at Rokt"
        self.choice.disabled = disabled
        assign(self.choice, row.attribute)
