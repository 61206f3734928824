"""Prepare one list: look at it, then write the identifiers Rokt matches."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from rokt_helpers.advice import Advice, Code, chosen_codes
from rokt_helpers.audience import Mixed, Output, PreparedAudience, StopSign, prepare_audience
from rokt_helpers.audience.preparing import LookedOver, look_over
from rokt_helpers.charts import Picture, reasons_bar, sums_bar
from rokt_helpers.files import private_folder
from rokt_helpers.jobs.job import Job
from rokt_helpers.jobs.notice import Notice
from rokt_helpers.jobs.places import resolve
from rokt_helpers.progress import OnProgress, Progress, with_rate
from rokt_helpers.settings import load_settings
from rokt_helpers.tables import open_table
from rokt_helpers.tables.table import SAMPLE_ROWS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Look", "PrepareJob"]

_FIRST = Notice("Nothing is prepared yet. Use the form above; this place fills itself.")


_NOT_LOOKED = Notice("Nobody has looked yet. Press Check above; this place fills itself.")
_ADVICE_COLUMNS: Final = {
    "what": pl.String,
    "rows": pl.Int64,
    "share": pl.Float64,
    "would change": pl.String,
    "examples": pl.String,
}


@dataclass(frozen=True)
class Look:
    """What a look at the first rows found; ``rows`` is how many were looked at."""

    rows: int
    columns: tuple[str, ...]
    column: str
    sentence: str
    advice: tuple[Advice, ...] = ()


class PrepareJob(Job):
    """Turns one list into a file of identifiers.

    Parameters
    ----------
    source
        Path of the list; relative ones are found from the project folder, too.
    column
        The column with the identifiers; empty finds it.
    output
        ``sha256`` or ``plain``.
    mixed
        ``refuse`` or ``hash``, for a column of addresses and digests.
    apply
        Codes of the advice to apply, separated by commas; empty applies none.
    out
        The file to write; empty means ``prepared/`` in the workbench's state folder.

    Raises
    ------
    InputError
        When there is no such advice.
    """

    def __init__(
        self,
        *,
        source: str = "",
        column: str = "",
        output: Output = "sha256",
        mixed: Mixed = "refuse",
        apply: str = "",
        out: str = "",
    ) -> None:
        super().__init__()
        self.source = source
        self.column = column
        self.output = output
        self.mixed = mixed
        codes = [code.strip() for code in apply.split(",") if code.strip()]
        self.apply: tuple[Code, ...] = chosen_codes(codes)
        self.out = out
        self.prepared: PreparedAudience | None = None
        self.written: Path | None = None
        self._looked_over: LookedOver | None = None
        self._looked_at = ""

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the list, for choosing one."""
        return open_table(resolve(self.source)).facts.columns

    def look(self) -> Look:
        """Read the first rows and say what is in them; nothing is written.

        Raises
        ------
        InputError
            As preparing the whole list would.
        """
        table = open_table(resolve(self.source))
        sample = prepare_audience(
            table.sample, column=self.column or None, output=self.output, mixed=self.mixed
        )
        s, facts = sample.summary, table.facts
        column = s["source"]["column"]
        how = [
            facts.encoding or "",
            f"{facts.delimiter}-separated" if facts.delimiter else "one column",
            "with a header" if facts.header else "without a header",
        ]
        kind = {"email": "addresses", "sha256": "SHA-256 digests", "mixed": "identifiers"}
        sentence = (
            f"{facts.name} ({', '.join(how)}): column {column!r} holds "
            f"{kind[s['source']['kind']]} ({s['source']['evidence']}). Of the first "
            f"{s['rows_in']:,} rows {s['accepted']:,} would be accepted, {s['duplicates']:,} are "
            f"duplicates, {s['rejected']:,} would be rejected."
        )
        looked = look_over(table, column=column, rows=SAMPLE_ROWS)
        self._looked_over, self._looked_at = looked, self.source
        self._tell_it_is_done()
        return Look(s["rows_in"], facts.columns, column, sentence, looked.advice)

    def run(
        self, progress: OnProgress | None = None, cancel: StopSign | None = None
    ) -> PreparedAudience:
        """Prepare the whole list and write the file.

        Raises
        ------
        InputError
            When the list cannot be used; nothing is written then.
        Cancelled
            When ``cancel`` was set while it was being prepared; nothing is written then.
        """
        prepared = prepare_audience(
            resolve(self.source),
            column=self.column or None,
            output=self.output,
            mixed=self.mixed,
            apply_advice=self.apply,
            progress=progress and with_rate(progress, monotonic=time.monotonic),
            cancel=cancel,
        )
        tell, rows = progress or _silence, len(prepared)
        tell(Progress("Writing", 0, rows, "rows"))
        self.written = prepared.write(self._target())
        self.prepared = prepared
        if self._looked_at != self.source:
            self._looked_over = None
        tell(Progress("Written", rows, rows, "rows"))
        self._tell_it_is_done()
        return prepared

    def _target(self) -> Path:
        if self.out:
            return Path(self.out).expanduser()
        folder = private_folder(load_settings().folder / "prepared")
        return folder / f"{Path(self.source).stem}-{self.output}.csv"

    # --- views --------------------------------

    def sums_chart(self) -> Picture | Notice:
        """Return the sums as one bar."""
        return sums_bar(self.prepared.summary) if self.prepared else _FIRST

    def reasons_chart(self) -> Picture | Notice:
        """Return why rows were rejected."""
        return reasons_bar(self.prepared.summary) if self.prepared else _FIRST

    def rejected_rows(self, first: int = 10) -> pd.DataFrame | Notice:
        """Return the first rows of the rejection report: row number and reason, no values."""
        return self.prepared.rejected.head(first) if self.prepared else _FIRST

    def advice_table(self) -> pd.DataFrame | Notice:
        """Return what looks odd in the first rows, a line each; nothing was done about it.

        Columns ``what``, ``rows``, ``share`` (of the rows with an address, 0 to 1), ``would
        change`` (what applying it does) and ``examples`` (masked). After a check these are the
        rows it looked at; a list that was prepared without one is looked over here.
        """
        if self._looked_over is None and self.prepared is not None:
            column = self.prepared.summary["source"]["column"]
            self._looked_over = look_over(resolve(self.source), column=column)
            self._looked_at = self.source
        looked = self._looked_over
        if looked is None:
            return _NOT_LOOKED
        if not looked.advice:
            return Notice(f"Nothing looks odd in the first {looked.rows:,} rows.")
        rows = [
            (one.title, one.rows, one.share, one.would_change, ", ".join(one.examples))
            for one in looked.advice
        ]
        return pl.DataFrame(rows, _ADVICE_COLUMNS, orient="row").to_pandas()

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.prepared is None:
            return {"sentence": _FIRST.text}
        s = self.prepared.summary
        sentence = (
            f"{s['accepted']:,} of {s['rows_in']:,} rows prepared, {s['rejected']:,} rejected."
        )
        return {"sentence": sentence, "summary": s, "out": str(self.written)}


def _silence(progress: Progress) -> None:
    """Tell nobody."""
