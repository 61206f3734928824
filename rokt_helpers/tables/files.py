"""Open a file by what is in it: its first bytes decide, then the ending of its name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from rokt_helpers.errors import InputError
from rokt_helpers.tables.columnar import COLUMNAR_SUFFIXES, open_columnar
from rokt_helpers.tables.json_lines import open_json_lines
from rokt_helpers.tables.origins import (
    JSON_SUFFIXES,
    TEXT_SUFFIXES,
    Origin,
    magic_of,
    unpacked,
)
from rokt_helpers.tables.table import Table
from rokt_helpers.tables.text_files import open_text
from rokt_helpers.tables.workbooks import WORKBOOK_SUFFIXES, open_workbook

__all__ = ["open_file"]

_KNOWN: Final = TEXT_SUFFIXES | JSON_SUFFIXES | WORKBOOK_SUFFIXES
_PACKED: Final = frozenset({".gz", ".zip", ".zst"})


def open_file(
    path: Path, *, header: bool | None, sheet: str | None, member: str | None
) -> list[Table]:
    """Look at one file of any kind that can be read; an archive gives a table for each member.

    Raises
    ------
    InputError
        When it is of another kind, damaged or empty, or what is asked for is not in it.
    """
    magic = magic_of(path)
    kind = _kind_of(path, magic)
    if kind == "workbook":
        return [open_workbook(path, sheet=sheet, header=header)]
    if sheet is not None:
        raise InputError(f"{path.name} is no spreadsheet, so it has no sheet to pick.")
    if kind == "columnar":
        return [open_columnar(path, str(magic))]
    return [_open_origin(origin, header=header) for origin in unpacked(path, magic, member=member)]


def _open_origin(origin: Origin, *, header: bool | None) -> Table:
    if origin.suffix in JSON_SUFFIXES:
        return open_json_lines(origin)
    if origin.suffix not in TEXT_SUFFIXES | WORKBOOK_SUFFIXES:
        raise _unknown(origin.name)
    return open_text(origin, header=header)


def _kind_of(path: Path, magic: str | None) -> str:
    suffix = path.suffix.lower()
    if magic == "old office" or (magic == "zip" and _is_workbook(path)):
        return "workbook"
    if magic in {"parquet", "arrow", "arrow stream"}:
        return "columnar"
    if suffix in COLUMNAR_SUFFIXES | _PACKED and magic is None:
        raise InputError(f"{path.name} is damaged: what its name says is not in it.")
    if magic is None and suffix not in _KNOWN:
        raise _unknown(path.name)
    return "text"  # under the name of a spreadsheet, too: many exports are CSV called .xls


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return path.suffix.lower() in WORKBOOK_SUFFIXES
    return bool(names & {"[Content_Types].xml", "content.xml", "xl/workbook.xml"})


def _unknown(name: str) -> InputError:
    return InputError(
        f"{name} is not a kind that can be read. Save the list as .csv in UTF-8; .txt, .tsv, "
        ".jsonl, .parquet, .arrow, .xlsx, .xls and .ods can be read as well, and text in .gz, .zip "
        "and .zst."
    )
