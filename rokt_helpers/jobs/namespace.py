"""The tables a person made in the notebook, to be chosen like a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from IPython.core.getipython import get_ipython

from rokt_helpers.errors import InputError

__all__ = ["PREFIX", "frame_named", "frames_here", "is_frame"]

# What a table of the notebook is called where a path could stand.
PREFIX: Final = "python:"
_TABLES: Final = {"pandas": "pandas", "polars": "Polars", "pyarrow": "Arrow"}
_CLASSES: Final = {"DataFrame", "Series", "Table"}


def is_frame(source: str) -> bool:
    """Tell whether a source names a table of the notebook."""
    return source.startswith(PREFIX)


def frames_here() -> tuple[tuple[str, str], ...]:
    """Return the tables of this notebook: what a job knows each by, and its size in words.

    No value of theirs is looked at.
    """
    return tuple(
        (f"{PREFIX}{name}", f"{name}: {_size(table)}") for name, table in sorted(_tables())
    )


def frame_named(source: str) -> Any:
    """Return the table that a source names, as it is now.

    Raises
    ------
    InputError
        When this notebook has none of that name: it was renamed, or the kernel was restarted.
    """
    name = source.removeprefix(PREFIX)
    found = dict(_tables()).get(name)
    if found is None:
        raise InputError(
            f"This notebook has no table called {name!r} now. Run the cell that makes it, then "
            "choose it again."
        )
    return found


def _tables() -> Iterator[tuple[str, Any]]:
    """Go through the notebook's own names; a table is told by its class, so nothing is imported."""
    shell = get_ipython()
    names: Mapping[str, Any] = shell.user_ns if shell is not None else {}
    hidden = shell.user_ns_hidden if shell is not None else {}
    for name, value in list(names.items()):
        kind = type(value)
        is_table = kind.__module__.partition(".")[0] in _TABLES and kind.__name__ in _CLASSES
        if is_table and not name.startswith("_") and name not in hidden:
            yield name, value


def _size(table: Any) -> str:
    maker = _TABLES[type(table).__module__.partition(".")[0]]
    shape = table.shape
    rows = f"{shape[0]:,} row{'' if shape[0] == 1 else 's'}"
    return f"{rows} of {shape[1]} columns ({maker})" if len(shape) > 1 else f"{rows} ({maker})"
