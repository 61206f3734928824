"""Read columns of text out of a file or a frame, and say what was found on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rokt_helpers.errors import InputError
from rokt_helpers.tables.files import open_file
from rokt_helpers.tables.frames import open_frame
from rokt_helpers.tables.paths import files_of, names_of
from rokt_helpers.tables.queries import Query, open_query
from rokt_helpers.tables.several import joined
from rokt_helpers.tables.table import SourceFacts, Table
from rokt_helpers.tables.text_files import Pasted, open_pasted

__all__ = ["Pasted", "Query", "SourceFacts", "Table", "open_table"]


def open_table(
    source: object,
    *,
    header: bool | None = None,
    sheet: str | None = None,
    member: str | None = None,
) -> Table:
    """Look at a list of any kind, and say what is in it.

    Parameters
    ----------
    source
        Path of a file; a pattern such as ``inbox/*.csv``, a list of paths or a folder of
        ``part-`` files, read as one source; :class:`Query` for a database; :class:`Pasted` for
        text out of a spreadsheet; pandas DataFrame or Series; PySpark DataFrame, of which the
        column that is read is collected into memory (``cluster.prepare_on_cluster`` is for what
        does not fit); any object with the Arrow C stream interface. Files: CSV, TSV and TXT (UTF-8;
        UTF-16 and UTF-32, best with their mark; Windows-1252, Latin-1); JSON Lines, or one JSON
        array of objects; Parquet; Arrow and Feather; XLSX, XLS and ODS; each of them also inside
        ``.gz``, ``.zst`` and ``.zip``.
    header
        True or False where the first row is known to be a header or not; None to look.
    sheet
        The sheet of a spreadsheet; None takes the only one that holds identifiers.
    member
        The member of a zip archive, or a pattern; None takes all, as one source.

    Raises
    ------
    InputError
        When there is nothing to read, it cannot be read, or more than one thing could be meant.
    """
    many = isinstance(source, list | tuple) and all(isinstance(one, str | Path) for one in source)
    if isinstance(source, str | Path) or (many and source):
        files = files_of(source)  # type: ignore[arg-type]
        return _open_files(files, header=header, sheet=sheet, member=member)
    if sheet is not None or member is not None:
        raise InputError("sheet= and member= pick from a file; this source is none.")
    if isinstance(source, Query):
        return open_query(source)
    if isinstance(source, Pasted):
        return open_pasted(source, header=header)
    return open_frame(source)


def _open_files(files: list[Path], **options: Any) -> Table:
    parts: dict[str, Table] = {}
    for name, file in zip(names_of(files), files, strict=True):
        for table in open_file(file, **options):
            parts[name + table.facts.name.removeprefix(file.name)] = table
    return joined(parts, name=files[0].name if len(files) == 1 else f"{len(files)} files")
