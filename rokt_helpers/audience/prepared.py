"""The outcome of preparing: the identifiers to send, the rows not accepted, and the sums.

The laws kept here: the sums add up, ``rows_in == accepted + duplicates + rejected``; and nothing
raw leaves :class:`PreparedAudience` unless ``output="plain"`` was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from rokt_helpers import contract
from rokt_helpers.audience.stored import Identifiers
from rokt_helpers.errors import ContractError, InputError
from rokt_helpers.files import write_private
from rokt_helpers.showing import figures_html

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PreparedAudience", "upload_target"]


@dataclass(frozen=True, repr=False, eq=False)
class PreparedAudience:
    """The outcome of preparing one source: what is accepted, what is not, and the sums.

    Attributes
    ----------
    summary
        ``rows_in``, ``accepted``, ``duplicates``, ``rejected`` (rows), ``rejected_by_reason``
        (reason → rows), ``advice_applied`` (code → rows changed by choice), ``corrected`` (rows
        whose value a person typed) and ``source`` (what was found: name, encoding, delimiter,
        header, sheet, column, evidence for it, kind).
    identifier
        What the accepted identifiers are: ``sha256`` or ``email``, or Rokt's name of another
        attribute, such as ``mobilesha256``.
    stored
        The accepted identifiers, each once, to be read in slices.
    """

    summary: dict[str, Any]
    identifier: str
    stored: Identifiers = field(repr=False)
    _rejected: pl.DataFrame = field(repr=False)
    _corrections: pl.DataFrame = field(repr=False)

    def __post_init__(self) -> None:
        """Prove the sums before anybody can rely on them."""
        s = self.summary
        parts = s["accepted"] + s["duplicates"] + s["rejected"]
        by_reason = sum(s["rejected_by_reason"].values())
        recorded = len(self) == s["accepted"] and len(self._corrections) == s["corrected"]
        if s["rows_in"] != parts or s["rejected"] != by_reason or not recorded:
            raise ContractError(
                f"{s['rows_in']} rows came in and {parts} are accounted for. This is a bug in the "
                "workbench: please report it. Nothing was sent."
            )

    def __len__(self) -> int:
        """Return the number of accepted identifiers."""
        return len(self.stored)

    @property
    def identifiers(self) -> pl.Series:
        """Return all accepted identifiers as text, in memory: 80 bytes for each digest."""
        return self.stored.to_series()

    def to_pandas(self) -> pd.DataFrame:
        """Return the accepted identifiers: one column of text, named for them."""
        return self.identifiers.to_frame().to_pandas()

    @property
    def rejected(self) -> pd.DataFrame:
        """Return the rejection report: ``row`` (from 1, as a spreadsheet shows it), ``reason``."""
        return self._rejected.with_columns(pl.col("reason").cast(pl.String)).to_pandas()

    @property
    def corrections(self) -> pd.DataFrame:
        """Return what became of the rows that a person corrected; no values.

        Returns
        -------
        ``row``, as in the rejection report; ``reason_before``, why it was rejected; ``outcome``:
        ``accepted``, ``duplicate`` (an earlier row names the same person), or the reason for which
        it is still rejected.
        """
        return self._corrections.to_pandas()

    def write(self, path: str | Path) -> Path:
        """Write the identifiers as Rokt takes them: one column, no header, UTF-8, line feeds.

        Parameters
        ----------
        path
            Ends in ``.csv`` or ``.txt``. An older file is replaced, all at once.

        Raises
        ------
        InputError
            When the name ends in anything else, or there is nothing to write.
        """
        target = upload_target(path)
        if not len(self):
            raise InputError("No row was accepted, so there is nothing to write.")
        write_private(target, self.stored.write)
        return target

    def write_rejected(self, path: str | Path) -> Path:
        """Write the rejection report as CSV with the header ``row,reason``; it holds no values."""
        target = Path(path).expanduser()
        write_private(target, self._rejected.write_csv)
        return target

    def write_corrections(self, path: str | Path) -> Path:
        """Write the record of corrections as CSV: ``row,reason_before,outcome``; no values.

        Without corrections it has its header only.
        """
        target = Path(path).expanduser()
        write_private(target, self._corrections.write_csv)
        return target

    def __repr__(self) -> str:
        """Show sums, never values."""
        s = self.summary
        return (
            f"<PreparedAudience {s['accepted']:,} {self.identifier} identifiers from "
            f"{s['rows_in']:,} rows: {s['duplicates']:,} duplicate, {s['rejected']:,} rejected>"
        )

    def _repr_html_(self) -> str:
        s = self.summary
        rows = [
            ("Rows in the source", s["rows_in"]),
            ("Accepted, each person once", s["accepted"]),
            ("Duplicate of an accepted row", s["duplicates"]),
            *(
                (f"Rejected: {contract.REASONS[reason]}", count)
                for reason, count in s["rejected_by_reason"].items()
            ),
            *([("Of these corrected by hand", s["corrected"])] if s["corrected"] else []),
        ]
        return figures_html("Prepared audience, in rows", rows)


def upload_target(path: str | Path) -> Path:
    """Return the path of a file that Rokt would take; InputError when its name ends otherwise."""
    target = Path(path).expanduser()
    if target.suffix.lower() not in contract.UPLOAD_SUFFIXES:
        raise InputError(f"Rokt takes .csv and .txt files; {target.name} is neither.")
    return target
