"""The rows that say which column of a file is what, and the few lines that draw them."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Final

import ipywidgets as w

from rokt_helpers.forms.conversions import ColumnRow
from rokt_helpers.widgets.parts import assign

__all__ = ["HEAD", "MappingRow"]

_COLUMN_WIDTH: Final = "9.5rem"
_CHOICE_WIDTH: Final = "17rem"
HEAD: Final = (
    '<div class="rokt-hint" style="display:flex;gap:4px;font-weight:600" aria-hidden="true">'
    f'<span style="width:{_COLUMN_WIDTH}">Your column</span>'
    f'<span style="width:{_CHOICE_WIDTH}">What it is at Rokt</span><span>Why</span></div>'
)


class MappingRow(w.HBox):  # type: ignore[misc]
    """One column with what it is and why; hidden while the file has fewer columns."""

    def __init__(self, options: list[tuple[str, str]], choose: Callable[[str, str], None]) -> None:
        name = w.Layout(width=_COLUMN_WIDTH, flex="0 0 auto")
        self.name = w.HTML(layout=name)
        self.choice = w.Dropdown(options=options)
        self.choice.layout.width, self.choice.layout.flex = _CHOICE_WIDTH, "0 0 auto"
        self.why = w.HTML(layout=w.Layout(flex="1 1 0", min_width="0"))
        self.column = ""
        layout = w.Layout(display="none", align_items="center", overflow="visible")
        super().__init__([self.name, self.choice, self.why], layout=layout)
        self.add_class("rokt-column")
        self.choice.observe(lambda change: choose(self.column, change["new"]), "value")

    def show(self, row: ColumnRow | None, *, disabled: bool) -> None:
        """Draw the column, or hide the row."""
        self.layout.display = "none" if row is None else "flex"
        if row is None:
            return
        self.column = row.column
        shown = html.escape(row.column)
        self.name.value = (
            f'<div title="{shown}" style="font-weight:600;overflow:hidden;'
            f'text-overflow:ellipsis;white-space:nowrap">{shown}</div>'
        )
        self.why.value = f'<div class="rokt-hint">{html.escape(row.evidence)}</div>'
        self.choice.tooltip = f"What column {row.column} is at Rokt"
        self.choice.disabled = disabled
        assign(self.choice, row.attribute)
