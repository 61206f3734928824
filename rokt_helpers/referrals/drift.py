"""Tell how the columns of the delivered files changed from one to the next."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import polars as pl

from rokt_helpers.referrals.manifest import KeptFile

__all__ = ["drift_of"]

_SCHEMA: Final = dict.fromkeys(("file", "column", "what", "to"), pl.String())
_Change = tuple[str, str, str, str | None]


def drift_of(files: Iterable[KeptFile]) -> pl.DataFrame:
    """Compare each file with the one that came before it by the same route.

    Returns
    -------
    polars.DataFrame
        ``file``, ``column`` (the header as delivered), ``what`` and ``to``: ``new``; ``missing``;
        ``renamed_to`` where another spelling stands for the same column of the tidy table, ``to``
        being that spelling. A file without header, and the first of a route, change nothing.
    """
    routes: dict[str, list[KeptFile]] = {}
    for file in files:
        if file.headers and file.same_as is None:
            routes.setdefault(file.route, []).append(file)
    changes = [
        (file.collected_at, change)
        for of_route in routes.values()
        for before, file in pairwise(of_route)
        for change in _changes(before, file)
    ]
    ordered = sorted(changes, key=lambda pair: pair[0])
    return pl.DataFrame([change for _, change in ordered], schema=_SCHEMA, orient="row")


def _changes(before: KeptFile, file: KeptFile) -> list[_Change]:
    old, new = dict(before.headers), dict(file.headers)
    gone = [(file.name, old[name], "missing", None) for name in old if name not in new]
    come = [(file.name, new[name], "new", None) for name in new if name not in old]
    other = [
        (file.name, old[name], "renamed_to", new[name])
        for name in old
        if name in new and old[name] != new[name]
    ]
    return [*come, *gone, *other]
