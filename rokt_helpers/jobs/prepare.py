"""Prepare one list: look at it, then write the identifiers Rokt matches."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from rokt_helpers.advice import Code, chosen_codes
from rokt_helpers.audience import (
    LookedOver,
    Mixed,
    Output,
    PreparedAudience,
    StopSign,
    look_over,
    prepare_audience,
    rejected_values,
)
from rokt_helpers.charts import Picture, reasons_bar, sums_bar
from rokt_helpers.errors import InputError
from rokt_helpers.files import private_folder
from rokt_helpers.jobs.corrected import stamp_of, write_record
from rokt_helpers.jobs.job import Job
from rokt_helpers.jobs.looked import Look, look_at
from rokt_helpers.jobs.notice import Notice
from rokt_helpers.jobs.places import source_named, title_of
from rokt_helpers.progress import OnProgress, Progress, with_rate
from rokt_helpers.settings import load_settings
from rokt_helpers.tables import open_table

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

    Attributes
    ----------
    corrections
        Row number → what a person typed instead of what was rejected there. They are of one list
        and column, and forgotten with it. Personal data: shown nowhere.

    Raises
    ------
    InputError
        When there is no such advice.
    """

    notebook = "10_prepare_audience"

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
        self.corrections: dict[int, str] = {}
        self._source, self._column = source, column
        self.output = output
        self.mixed = mixed
        codes = [code.strip() for code in apply.split(",") if code.strip()]
        self.apply: tuple[Code, ...] = chosen_codes(codes)
        self.out = out
        self.prepared: PreparedAudience | None = None
        self.written: Path | None = None
        self.record: Path | None = None
        self._prepared_from: tuple[str, object] = ("", None)
        self._look: Look | None = None
        self._found = ""  # the column a look found, which is the same choice as none
        self._stamp: tuple[int, int] | None = None
        self._looked_over: LookedOver | None = None
        self._looked_at = ""

    @property
    def source(self) -> str:
        """Path of the list."""
        return self._source

    @source.setter
    def source(self, source: str) -> None:
        if source != self._source:
            self.corrections, self._look, self._found, self._stamp = {}, None, "", None
        self._source = source

    @property
    def column(self) -> str:
        """The column with the identifiers; empty finds it."""
        return self._column

    @column.setter
    def column(self, column: str) -> None:
        if (column or self._found) != (self._column or self._found):
            self.corrections, self._look = {}, None
        self._column = column

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the list, for choosing one."""
        return open_table(source_named(self.source)).facts.columns

    def look(self) -> Look:
        """Read the first rows, with what was corrected in them; nothing is written.

        A list that changed since the last look is another one: its corrections are forgotten.

        Raises
        ------
        InputError
            As preparing the whole list would.
        """
        source = source_named(self.source)
        self._forget_if_changed(source)
        look, looked = look_at(
            open_table(source),
            column=self.column,
            output=self.output,
            mixed=self.mixed,
            corrections=self.corrections,
        )
        self._looked_over, self._looked_at = looked, self.source
        self._look, self._found = look, look.column
        self._tell_it_changed()
        return look

    def run(
        self, progress: OnProgress | None = None, cancel: StopSign | None = None
    ) -> PreparedAudience:
        """Prepare the whole list and write the file.

        Raises
        ------
        InputError
            When the list cannot be used, or changed since it was corrected; nothing is written
            then.
        Cancelled
            When ``cancel`` was set while it was being prepared; nothing is written then.
        """
        source = source_named(self.source)
        self._refuse_if_changed(source)
        self._stamp = stamp_of(source)
        prepared = prepare_audience(
            source,
            column=self.column or None,
            output=self.output,
            mixed=self.mixed,
            apply_advice=self.apply,
            corrections=self.corrections,
            progress=progress and with_rate(progress, monotonic=time.monotonic),
            cancel=cancel,
        )
        tell, rows = progress or _silence, len(prepared)
        tell(Progress("Writing", 0, rows, "rows"))
        self.written = prepared.write(self._target())
        self.record = write_record(prepared, self.written)
        self.prepared, self._prepared_from = prepared, (self.source, self._stamp)
        if self._looked_at != self.source:
            self._looked_over = None
        tell(Progress("Written", rows, rows, "rows"))
        self._tell_it_changed()
        return prepared

    def _target(self) -> Path:
        if self.out:
            return Path(self.out).expanduser()
        folder = private_folder(load_settings().folder / "prepared")
        return folder / f"{title_of(self.source)}-{self.output}.csv"

    # --- corrections --------------------------

    def rejected_for_correction(self, first: int = 200) -> pl.DataFrame:
        """Return what stands in rejected rows, for the correction grid only: personal data.

        Once the list was prepared they are of the whole list, before that of the rows that the last
        look saw.

        Returns
        -------
        ``row``, ``reason`` and ``value`` as the list has them, whatever was typed since; by row.

        Raises
        ------
        InputError
            When the list cannot be corrected by row numbers; the message says what to do.
        """
        source = source_named(self.source)
        if self.prepared is None or self._prepared_from != (self.source, stamp_of(source)):
            return (self._look or self.look()).rejected_for_correction(first)
        rows = {*self.prepared.rejected["row"].head(first), *self.corrections}
        column = self.prepared.summary["source"]["column"]
        return rejected_values(source, rows, column=column, apply_advice=self.apply, first=first)

    def _forget_if_changed(self, source: object) -> None:
        stamp = stamp_of(source)
        if self._stamp not in {None, stamp}:
            self.corrections = {}
        self._stamp = stamp

    def _refuse_if_changed(self, source: object) -> None:
        if self.corrections and self._stamp not in {None, stamp_of(source)}:
            raise InputError(
                f"{Path(self.source).name} has changed since it was checked, and the corrections "
                "are of the older one. Check it again."
            )

    def _present(self) -> dict[str, Any]:
        return super()._present() | {"apply": ",".join(self.apply)}

    def _by_hand(self) -> list[str]:
        count = len(self.corrections)
        if not count:
            return []
        values = "value was" if count == 1 else "values were"
        what = f"{count:,} {values} corrected by hand, and a schedule does not have what was typed"
        return [f"{what}: correct it where the list comes from."]

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
            self._looked_over = look_over(source_named(self.source), column=column)
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
        if self.record is not None:
            sentence += f" {s['corrected']:,} were corrected by hand: {self.record}."
        return {"sentence": sentence, "summary": s, "out": str(self.written)}


def _silence(progress: Progress) -> None:
    """Tell nobody."""
