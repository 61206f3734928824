"""A table in which a person mends what was rejected, value by value.

The values are personal data. They travel as messages that the page asks for, never as the state of
the widget: a notebook that is saved holds none of them. A page shows none before a person asks.

The page says ``ask`` (with ``values`` once the person pressed for them) and ``change`` (source,
row, value); the kernel says ``count`` (rows, more), ``rows`` (source, rows, more), ``renewed``,
upon which the page asks again, ``cleared``, upon which it hides, and ``no`` (why). What a page says
is not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import anywidget

from rokt_helpers.errors import InputError
from rokt_helpers.widgets.background import guarded

__all__ = ["MOST_ROWS", "CorrectionGrid", "GridRow"]

# More is no work for a hand: that export is mended where it is made.
MOST_ROWS: Final = 200
_LONGEST_VALUE: Final = 1_000


@dataclass(frozen=True)
class GridRow:
    """One rejected row.

    Parameters
    ----------
    row
        Its number, counted from 1 as a spreadsheet shows it.
    reason
        Why it was rejected, in words.
    value
        What the source has there. Personal: it is in no repr.
    state
        What becomes of it, in words: ``rejected: no @``, ``accepted now`` or ``left out``. The
        colour beside it follows the first word.
    """

    row: int
    reason: str
    value: str = field(repr=False)
    state: str


class CorrectionGrid(anywidget.AnyWidget):
    """An editable table of rejected rows, hidden until "Show the values" is pressed.

    Parameters
    ----------
    changed
        Called after each edit with every correction that stands: the row's number and its new
        value. A correction that was emptied, or is what the source has, is not in it any more. It
        may be called in another thread than the one that made the widget; an error of it becomes a
        sentence below the table.
    """

    _esm = Path(__file__).with_name("grid.js")
    _css = Path(__file__).with_name("grid.css")

    def __init__(self, changed: Callable[[dict[int, str]], None]) -> None:
        super().__init__()
        self._changed = changed
        self._rows: tuple[GridRow, ...] = ()
        self._more = 0
        self._source = 0  # a number for what is shown: an edit of what was shown before is late
        self._corrections: dict[int, str] = {}
        self.on_msg(self._hear)

    @property
    def corrections(self) -> dict[int, str]:
        """Every correction that stands, as ``changed`` is told it."""
        return dict(self._corrections)

    def show(self, rows: Sequence[GridRow], *, more: int = 0) -> None:
        """Show the rows, at most 200; corrections made before stay, also of rows that are not here.

        Parameters
        ----------
        rows
            With the value that the source has: what was corrected is shown in its place.
        more
            How many rejected rows are not among ``rows``.
        """
        self._rows = tuple(rows[:MOST_ROWS])
        self._more = more + len(rows) - len(self._rows)
        self.send({"kind": "renewed"})

    def clear(self) -> None:
        """Show nothing and forget every correction: the next rows are of another source.

        Their values are hidden until a person asks for them again.
        """
        self._corrections = {}
        self._source += 1
        self.send({"kind": "cleared"})
        self.show(())

    # --- what the page says -------------------

    def _hear(self, _: object, said: object, __: object) -> None:
        if isinstance(said, dict):
            guarded(lambda: self._answer(said), lambda why: self.send({"kind": "no", "why": why}))

    def _answer(self, said: dict[str, Any]) -> None:
        match said.get("kind"):
            case "ask" if said.get("values") is True:
                rows = [self._drawn(row) for row in self._rows]
                about = {"source": self._source, "more": self._more}
                self.send({"kind": "rows", "rows": rows, **about})
            case "ask":
                self.send({"kind": "count", "rows": len(self._rows), "more": self._more})
            case "change":
                self._change(said)
            case _:
                pass  # a page of another version, or one that lies: there is nothing to say

    def _change(self, said: dict[str, Any]) -> None:
        """Take one edit of a row that is shown."""
        number, value = said.get("row"), said.get("value")
        found = next((row for row in self._rows if row.row == number), None)
        is_late = said.get("source") != self._source
        if found is None or is_late or type(number) is not int or not isinstance(value, str):
            raise InputError("This row is not in the table any more. Look at what it shows now.")
        if len(value) > _LONGEST_VALUE:
            raise InputError(f"Row {number}: a value has at most {_LONGEST_VALUE:,} signs.")
        kept = value.strip()
        if kept and kept != found.value:
            self._corrections[number] = kept
        else:
            self._corrections.pop(number, None)
        self.send({"kind": "renewed"})
        self._changed(self.corrections)

    def _drawn(self, row: GridRow) -> dict[str, object]:
        return {
            "row": row.row,
            "reason": row.reason,
            "value": self._corrections.get(row.row, row.value),
            "mended": row.row in self._corrections,
            "state": row.state,
        }
