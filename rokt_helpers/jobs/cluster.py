"""Prepare one list on Spark: say where it runs, then write the identifiers Rokt matches."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rokt_helpers.audience import Identifier, Mixed, Output
from rokt_helpers.charts import Picture, reasons_bar, sums_bar
from rokt_helpers.errors import InputError, SettingsError
from rokt_helpers.files import private_folder
from rokt_helpers.jobs.job import Job
from rokt_helpers.jobs.notice import Notice, Sentences
from rokt_helpers.jobs.places import resolve
from rokt_helpers.settings import load_settings

if TYPE_CHECKING:
    from rokt_helpers.cluster import ClusterAudience

__all__ = ["ClusterJob"]

_FIRST: Final = Notice(
    "Nothing is prepared yet. Set run to True in the settings, and run the page once more."
)


class ClusterJob(Job):
    """Turns one list into a folder of identifiers, on Spark.

    Parameters
    ----------
    source
        Parquet or ORC. With Spark on this computer a path, relative ones found from the project
        folder, too, and a CSV as well; on a cluster an address in Spark's spelling (``s3a://…``).
    column
        The column with the identifiers; empty finds it.
    identifier, output, mixed
        As in :func:`~rokt_helpers.prepare_audience`.
    row_column
        The whole-number column that tells where a row stood; empty for none.
    out
        A new folder; empty means one in ``prepared/`` of the workbench's state folder, which only
        Spark on this computer reaches.
    spark_url
        ``sc://…`` for Spark Connect, or a master; empty takes the session that runs, or starts two
        workers on this computer.
    """

    notebook = "18_spark"

    def __init__(
        self,
        *,
        source: str = "",
        column: str = "",
        identifier: Identifier = "email",
        output: Output = "sha256",
        mixed: Mixed = "refuse",
        row_column: str = "",
        out: str = "",
        spark_url: str = "",
    ) -> None:
        super().__init__()
        self.source = source
        self.column = column
        self.identifier = identifier
        self.output = output
        self.mixed = mixed
        self.row_column = row_column
        self.out = out
        self.spark_url = spark_url
        self.audience: ClusterAudience | None = None

    def run(self) -> ClusterAudience:
        """Prepare the list and write the folder.

        Raises
        ------
        InputError
            When the list cannot be used, or there is something at ``out`` already.
        SettingsError
            When PySpark or Java is missing, or the workers do not have the workbench.
        """
        source, target = self._place(self.source), self._target()
        sessions = _cluster("sessions")
        self.audience = _cluster("preparing").prepare_on_cluster(
            sessions.read_list(sessions.spark_session(self.spark_url), source),
            output_path=target,
            column=self.column or None,
            identifier=self.identifier,
            output=self.output,
            mixed=self.mixed,
            row_column=self.row_column or None,
        )
        self._tell_it_changed()
        return self.audience

    def _is_local(self) -> bool:
        return bool(_cluster("sessions").is_local(self.spark_url))

    def _place(self, text: str) -> str | Path:
        """Return a path of this computer, or text for a cluster to understand."""
        return resolve(text) if self._is_local() and "://" not in text else text

    def _target(self) -> str | Path:
        if self.out:
            return self._place(self.out)
        if not self._is_local():
            raise InputError(
                "Name a new folder with out=, on storage that every worker of the cluster reaches, "
                "such as s3a://lists/customers."
            )
        folder = private_folder(load_settings().folder / "prepared")
        return _free(folder, f"{Path(self.source).stem}-{self.output}-spark")

    # --- views --------------------------------

    def place(self) -> Sentences | Notice:
        """Say where Spark runs, or what is missing; nothing is started."""
        try:
            return Sentences(_cluster("sessions").surroundings(self.spark_url))
        except SettingsError as error:
            return Notice(str(error))

    def sums_chart(self) -> Picture | Notice:
        """Return the sums as one bar."""
        return sums_bar(self.audience.summary) if self.audience else _FIRST

    def reasons_chart(self) -> Picture | Notice:
        """Return why rows were rejected."""
        return reasons_bar(self.audience.summary) if self.audience else _FIRST

    def next_step(self) -> Sentences | Notice:
        """Say where the identifiers lie and how they are planned and delivered."""
        if self.audience is None:
            return _FIRST
        path = str(self.audience.path)
        lines = [f"{len(self.audience):,} {self.audience.identifier} identifiers lie in {path}"]
        if "://" in path.removeprefix("file://"):
            lines.append("Copy that folder to this computer; here it is called folder:")
        else:
            lines.append("Read it as one list, look at the plan, then deliver it:")
        folder = repr(path) if "://" not in path.removeprefix("file://") else "folder"
        lines.append(f"prepared = prepare_audience({folder})")
        lines.append('plan = workbench.plan(prepared, list="…", action="include")')
        return Sentences(tuple(lines))

    def result(self) -> dict[str, Any]:
        """Return the outcome as plain values, without identifiers."""
        if self.audience is None:
            return {"sentence": _FIRST.text}
        s = self.audience.summary
        sentence = (
            f"{s['accepted']:,} of {s['rows_in']:,} rows prepared on Spark, "
            f"{s['rejected']:,} rejected."
        )
        return {"sentence": sentence, "summary": s, "out": str(self.audience.path)}


def _free(folder: Path, name: str) -> Path:
    """Return the first of name, name-2, name-3 … where nothing is: nothing is ever replaced."""
    target, number = folder / name, 1
    while target.exists():
        number += 1
        target = folder / f"{name}-{number}"
    return target


def _cluster(module: str) -> Any:
    """Return a module of the annex: PySpark is an extra, and its absence is said when asked for."""
    return import_module(f"rokt_helpers.cluster.{module}")
