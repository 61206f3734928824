"""Open a file by what is in it: its first bytes decide, then the ending of its name."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rokt_helpers.errors import InputError
from rokt_helpers.files import PassingFolder
from rokt_helpers.tables.columnar import open_columnar
from rokt_helpers.tables.json_lines import open_json
from rokt_helpers.tables.origins import (
    COLUMNAR_SUFFIXES,
    JSON_SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    Origin,
    magic_of,
    unpacked,
)
from rokt_helpers.tables.table import Table
from rokt_helpers.tables.text_files import open_text
from rokt_helpers.tables.unpacking import kept_for, unpack
from rokt_helpers.tables.workbooks import open_workbook

__all__ = ["open_file"]

_KNOWN: Final = TEXT_SUFFIXES | JSON_SUFFIXES | WORKBOOK_SUFFIXES
_PACKED: Final = frozenset({".gz", ".zip", ".zst"})
_COLUMNAR: Final = frozenset({"parquet", "arrow", "arrow stream"})


@dataclass(frozen=True)
class _Choices:
    """What a person said of a file; None to look."""

    header: bool | None
    sheet: str | None


def open_file(
    path: Path, *, header: bool | None, sheet: str | None, member: str | None
) -> list[Table]:
    """Look at one file of any kind that can be read; an archive gives a table for each member.

    Raises
    ------
    InputError
        When it is of another kind, damaged or empty, or what is asked for is not in it.
    """
    magic, choices = magic_of(path), _Choices(header, sheet)
    if _is_laid_out(path, magic):
        return [_open_laid_out(path, magic, path.name, choices)]
    suffix = path.suffix.lower()
    if suffix in COLUMNAR_SUFFIXES | _PACKED and magic is None:
        raise _damaged(path.name)
    if magic is None and suffix not in _KNOWN:
        raise _unknown(path.name)
    origins = unpacked(path, magic, member=member)
    return [_open_origin(origin, choices) for origin in origins]


def _open_origin(origin: Origin, choices: _Choices) -> Table:
    # Text under the name of a spreadsheet is text: many exports are CSV called .xls.
    magic = None if origin.plain else origin.magic
    if magic is not None:
        return _open_packed(origin, magic, choices)
    if origin.suffix in COLUMNAR_SUFFIXES:
        raise _damaged(origin.name)
    if origin.suffix not in _KNOWN:
        raise _unknown(origin.name)
    if choices.sheet is not None:
        raise _no_sheet(origin.name)
    return open_json(origin) if origin.suffix in JSON_SUFFIXES else _open_text(origin, choices)


def _open_text(origin: Origin, choices: _Choices) -> Table:
    return open_text(origin, header=choices.header)


# --- files in which the reader must jump about ------------------------------


def _is_laid_out(path: Path, magic: str | None) -> bool:
    """Tell a file that is read where it lies, not from its beginning to its end."""
    return magic in {*_COLUMNAR, "old office"} or (magic == "zip" and _is_workbook(path))


def _open_laid_out(path: Path, magic: str | None, name: str, choices: _Choices) -> Table:
    if magic not in _COLUMNAR:
        return open_workbook(path, name=name, sheet=choices.sheet, header=choices.header)
    if choices.sheet is not None:
        raise _no_sheet(name)
    return open_columnar(path, str(magic), name=name)


def _open_packed(origin: Origin, magic: str, choices: _Choices) -> Table:
    folder = PassingFolder("unpacked")
    path = unpack(origin, folder)
    if not _is_laid_out(path, magic):
        raise _unknown(origin.name)
    table = _open_laid_out(path, magic, origin.name, choices)
    return table.with_rows(lambda rows: kept_for(rows, folder))


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return path.suffix.lower() in WORKBOOK_SUFFIXES
    return bool(names & {"[Content_Types].xml", "content.xml", "xl/workbook.xml"})


def _damaged(name: str) -> InputError:
    return InputError(f"{name} is damaged: what its name says is not in it. Export it again.")


def _no_sheet(name: str) -> InputError:
    return InputError(f"{name} is no spreadsheet, so it has no sheet to pick.")


def _unknown(name: str) -> InputError:
    return InputError(
        f"{name} is not a kind that can be read. Save the list as .csv in UTF-8; .txt, .tsv, "
        ".json, .jsonl, .parquet, .arrow, .xlsx, .xls and .ods can be read as well, each also in "
        ".gz, .zip and .zst."
    )
