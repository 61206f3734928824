"""Examine a list of digests, and show the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from rokt_helpers.doctor import Diagnosis, examine, read_known
from rokt_helpers.jobs.job import Job
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.places import resolve, source_named

__all__ = ["DoctorJob"]

_FIRST = Notice("Nothing is examined yet. Use the form above; this place fills itself.")
_NO_MISTAKE = Notice("No known mistake explains more customers than Rokt's own form does.")


class DoctorJob(Job):
    """Examines one list.

    Parameters
    ----------
    source
        A list that is hashed already.
    column
        The column with the digests; empty finds it.
    known
        A file with addresses of a few people who must be on the list; empty for none.
    """

    notebook = "15_hash_doctor"

    def __init__(self, *, source: str = "", column: str = "", known: str = "") -> None:
        super().__init__()
        self.source = source
        self.column = column
        self.known = known
        self.diagnosis: Diagnosis | None = None
        self._typed = 0  # how many customers were typed rather than read

    def run(self, customers: Sequence[str] = ()) -> Diagnosis:
        """Examine the list; ``customers`` go beside those in the file."""
        self._typed = len(customers)
        known = [*customers, *(read_known(resolve(self.known)) if self.known else ())]
        self.diagnosis = examine(source_named(self.source), column=self.column or None, known=known)
        self._tell_it_changed()
        return self.diagnosis

    def _by_hand(self) -> list[str]:
        if not self._typed:
            return []
        return ["Put the customers that were typed into a file, and name it as `known`."]

    # --- views --------------------------------

    def sentences(self) -> Sentences | Notice:
        """Return the diagnosis in sentences, the verdict first."""
        return Sentences(tuple(self.diagnosis.describe())) if self.diagnosis else _FIRST

    def mistakes(self) -> pl.DataFrame | Notice:
        """Return the mistakes that explain customers: what was done, and the mend."""
        if self.diagnosis is None:
            return _FIRST
        rows = [
            {
                "known customers": finding.customers,
                "hashed as": finding.mistake.name,
                "mend": finding.mistake.mend,
            }
            for finding in self.diagnosis.findings
        ]
        return pl.DataFrame(rows) if rows else _NO_MISTAKE

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without addresses or digests."""
        if self.diagnosis is None:
            return {"sentence": _FIRST.text}
        return {"sentence": self.diagnosis.verdict, "diagnosis": asdict(self.diagnosis)}
