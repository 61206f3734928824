"""The outcome of preparing purchases: the conversions, the rows that are none, and the sums.

The laws kept here: ``rows_in == accepted + duplicates + rejected``; and nothing of a person is
shown by the object itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from rokt_helpers import contract
from rokt_helpers.conversions.mapping import Mapping
from rokt_helpers.errors import ContractError
from rokt_helpers.showing import figures_html, sentences_html

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PreparedConversions"]


@dataclass(frozen=True, repr=False, eq=False)
class PreparedConversions:
    """The outcome of preparing one source of purchases.

    Attributes
    ----------
    summary
        ``rows_in``, ``accepted``, ``duplicates``, ``rejected`` (rows), ``rejected_by_reason``
        (reason → rows), ``defaults_used`` (attribute → accepted rows), ``attributes`` (attribute →
        accepted rows that have it), ``output`` and ``source`` (what was found: name, encoding,
        delimiter, header, sheet, mapping, time zone, decimal marks, date orders).
    mapping
        Which column is which attribute, and why.
    table
        The conversions: ``row`` (UInt32, as a spreadsheet shows it), ``file`` where there are
        several, and Rokt's attributes as text; ``amount`` and ``margin`` as the shortest decimal
        text, ``timestamp_unixtime_ms`` Int64, ``sku`` List of text. Attributes that identify a
        person are SHA-256 digests under their hashed names unless ``output="plain"``.
    """

    summary: dict[str, Any]
    mapping: Mapping
    table: pl.DataFrame = field(repr=False)
    _rejected: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        """Prove the sums before anybody can rely on them."""
        s = self.summary
        parts = s["accepted"] + s["duplicates"] + s["rejected"]
        by_reason = sum(s["rejected_by_reason"].values())
        kept = len(self.table) == s["accepted"] and len(self._rejected) == s["rejected"]
        if s["rows_in"] != parts or s["rejected"] != by_reason or not kept:
            raise ContractError(
                f"{s['rows_in']} rows came in and {parts} are accounted for. This is a bug in the "
                "workbench: please report it. Nothing was sent."
            )

    def __len__(self) -> int:
        """Return the number of conversions."""
        return len(self.table)

    def to_pandas(self) -> pd.DataFrame:
        """Return the conversions as pandas shows them; ``sku`` holds arrays of text."""
        return self.table.to_pandas()

    @property
    def rejected(self) -> pd.DataFrame:
        """Return the rejection report: ``row``, ``reason``, ``column`` (at fault), no values."""
        return self._rejected.to_pandas()

    def __repr__(self) -> str:
        """Show sums and the columns that were left out against their name, never values."""
        s, misfits = self.summary, self.mapping.misfits
        return (
            f"<PreparedConversions {s['accepted']:,} conversions from {s['rows_in']:,} rows: "
            f"{s['duplicates']:,} duplicate, {s['rejected']:,} rejected"
            + "".join(f"; {c!r} left out, though named like {n}" for c, n in misfits.items())
            + ">"
        )

    def _repr_html_(self) -> str:
        s = self.summary
        rows = [
            ("Rows in the source", s["rows_in"]),
            ("Accepted, each purchase once", s["accepted"]),
            ("Duplicate of an accepted row", s["duplicates"]),
            *(
                (f"Rejected: {contract.CONVERSION_REASONS[reason]}", count)
                for reason, count in s["rejected_by_reason"].items()
            ),
        ]
        figures = figures_html("Prepared conversions, in rows", rows)
        said = self.mapping.warnings
        return figures + (sentences_html("Left out", said) if said else "")
