"""``%load_ext rokt_helpers``: one magic for those who write their own cells.

``%rokt`` or ``%rokt status``
    The start page: where you are, what stands, what needs you.
``%rokt prepare NAME [COLUMN]``
    Prepare a table of this notebook, or a file (``inbox/list.csv``), and return it:
    ``prepared = %rokt prepare customers``.
``%rokt history [LIST]``
    The last deliveries, as a table.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd

from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.errors import InputError
from rokt_helpers.jobs import StartPage
from rokt_helpers.jobs.places import inbox_lists, resolve
from rokt_helpers.plain_errors import show_errors_plainly
from rokt_helpers.widgets import StartView
from rokt_helpers.workbench import open_workbench

__all__ = ["complete", "load_ipython_extension", "rokt"]

_COLUMNS: Final = [
    "started_at", "list", "action", "via", "rows", "rows_confirmed", "status", "run_id",
]  # fmt: skip


def rokt(line: str, names: Mapping[str, Any]) -> object:
    """Do what a line of the magic says.

    Parameters
    ----------
    names
        The names of the notebook.

    Raises
    ------
    InputError
        When the line is not understood; says what would be.
    """
    try:
        words = shlex.split(line) or ["status"]
    except ValueError:
        raise InputError("A quotation mark is missing in the line after %rokt.") from None
    verb, given = words[0], words[1:]
    if verb not in _VERBS:
        close = difflib.get_close_matches(verb, _VERBS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise InputError(f"%rokt knows {', '.join(_VERBS)}.{hint}")
    return _VERBS[verb](given, names)


def _status(given: list[str], _: Mapping[str, Any]) -> StartView:
    _at_most(given, 0, "%rokt status")
    return StartView(StartPage())


def _prepare(given: list[str], names: Mapping[str, Any]) -> PreparedAudience:
    if not given:
        raise InputError("Name a table or a file: %rokt prepare customers")
    _at_most(given, 2, "%rokt prepare NAME [COLUMN]")
    source: Any = names[given[0]] if given[0] in names else resolve(given[0])
    return prepare_audience(source, column=given[1] if len(given) > 1 else None)


def _history(given: list[str], _: Mapping[str, Any]) -> pd.DataFrame:
    _at_most(given, 1, "%rokt history [LIST]")
    with open_workbench() as workbench:
        receipts = workbench.receipts(20, list=given[0] if given else None)
    return pd.DataFrame([receipt.to_dict() for receipt in receipts], columns=_COLUMNS)


def _at_most(given: list[str], most: int, form: str) -> None:
    if len(given) > most:
        raise InputError(f"That is more than it takes: {form}. A name with a space needs quotes.")


_VERBS: Final[dict[str, Callable[[list[str], Mapping[str, Any]], object]]] = {
    "status": _status,
    "prepare": _prepare,
    "history": _history,
}


def complete(line: str, names: Mapping[str, Any]) -> list[str]:
    """Return what may stand where the line ends: a verb, then tables and lists of the inbox."""
    words = line.split()[1:]
    at_new = line.endswith(" ")
    position = len(words) + at_new
    if position <= 1:
        return list(_VERBS)
    if words[0] == "prepare" and position == 2:  # noqa: PLR2004  the word after the verb
        return [*_tables(names), *inbox_lists()]
    if words[0] == "prepare" and words[1] in names:
        return [str(column) for column in getattr(names[words[1]], "columns", ())]
    return []


def _tables(names: Mapping[str, Any]) -> list[str]:
    return sorted(
        name
        for name, value in names.items()
        if not name.startswith("_")
        and not isinstance(value, type)
        and (hasattr(value, "__arrow_c_stream__") or isinstance(value, pd.Series))
    )


def load_ipython_extension(shell: Any) -> None:
    """Bring the magic into a notebook or IPython, and show our errors plainly there."""

    def magic(line: str) -> object:
        return rokt(line, shell.user_ns)

    magic.__doc__ = __doc__
    shell.register_magic_function(magic, magic_name="rokt")
    shell.set_hook(
        "complete_command",
        lambda _, event: complete(event.line[: len(event.text_until_cursor)], shell.user_ns),
        str_key="%rokt",
    )
    show_errors_plainly()
