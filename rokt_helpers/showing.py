"""The one look of what an object shows of itself in a cell. Everything is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["figures_html", "sentences_html", "table_of"]

_RIGHT = "text-align:right;font-variant-numeric:tabular-nums"


def figures_html(caption: str, rows: Iterable[tuple[str, int]]) -> str:
    """Return a table of labels and whole numbers, with separators."""
    cells = "".join(
        f"<tr><th scope='row' style='text-align:left;font-weight:400'>{html.escape(label)}</th>"
        f"<td style='{_RIGHT}'>{count:,}</td></tr>"
        for label, count in rows
    )
    return f"<table><caption>{html.escape(caption)}</caption>{cells}</table>"


def sentences_html(title: str, lines: Iterable[str], *, after_title: str = "") -> str:
    """Return a title in bold, what follows it, and sentences below."""
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    head = f"<p><strong>{html.escape(title)}</strong>{html.escape(after_title)}</p>"
    return f"{head}<ul>{items}</ul>" if items else head


def table_of(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of text under its heads."""
    head = "".join(f"<th scope='col' style='text-align:left'>{html.escape(h)}</th>" for h in heads)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str]) -> str:
    return "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in row)
