"""What preparing on a cluster leaves: the sums, and where the identifiers and the report lie.

The law kept here: the sums add up, ``rows_in == accepted + duplicates + rejected``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rokt_helpers.errors import ContractError

__all__ = ["ClusterAudience"]


@dataclass(frozen=True, repr=False)
class ClusterAudience:
    """A list prepared on a cluster. It holds no identifiers, only where they were written.

    Attributes
    ----------
    summary
        ``rows_in``, ``accepted``, ``duplicates``, ``rejected`` (rows), ``rejected_by_reason``
        (reason → rows) and ``source``, as in a :class:`~rokt_helpers.PreparedAudience`.
    identifier
        What the accepted identifiers are, as Rokt calls it, and the name of their column:
        ``sha256`` or ``email``, of another attribute such as ``mobilesha256`` or ``zip``.
    path
        Folder of Parquet files: one text column, each identifier once, in no particular order.
    rejected_path
        Folder of Parquet files: ``row`` (Int64, null without a ``row_column``) and ``reason``.
    """

    summary: dict[str, Any]
    identifier: str
    path: str | Path
    rejected_path: str | Path

    def __post_init__(self) -> None:
        """Prove the sums before anybody can rely on them."""
        s = self.summary
        parts = s["accepted"] + s["duplicates"] + s["rejected"]
        by_reason = sum(s["rejected_by_reason"].values())
        least = min(s["accepted"], s["duplicates"], s["rejected"])
        if s["rows_in"] != parts or s["rejected"] != by_reason or least < 0:
            raise ContractError(
                f"{s['rows_in']} rows came in and {parts} are accounted for. Either the source "
                "changed while it was read, or this is a bug in the workbench. Do not use what "
                "was written."
            )

    def __len__(self) -> int:
        """Return the number of accepted identifiers."""
        return int(self.summary["accepted"])

    def __repr__(self) -> str:
        """Show sums, never values."""
        s = self.summary
        return (
            f"<ClusterAudience {s['accepted']:,} {self.identifier} identifiers from "
            f"{s['rows_in']:,} rows: {s['duplicates']:,} duplicate, {s['rejected']:,} rejected>"
        )
