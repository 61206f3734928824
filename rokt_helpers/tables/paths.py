"""Find the files that a path, a pattern, a folder or a list of paths means.

The law kept here: what was typed is only shown again where it can be a path; an address or a
pasted list in its place is never repeated.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from rokt_helpers.errors import InputError
from rokt_helpers.tables.table import looks_of

__all__ = ["files_of", "names_of"]

_LONGEST_PATH: Final = 4096
_THIS_COMPUTER: Final = re.compile("^file:(//)?(?=/[^/])")


def files_of(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the files a source means, each once, in a stable order.

    Raises
    ------
    InputError
        When there is no such file, or a folder stands in its place.
    """
    given = [source] if isinstance(source, str | Path) else source
    files = [file for one in given for file in _files_of_one(one)]
    seen: set[Path] = set()
    for file in files:
        if file.resolve() in seen:
            raise InputError(f"{file.name} is named twice; its rows would be read twice.")
        seen.add(file.resolve())
    return files


def names_of(files: list[Path]) -> list[str]:
    """Return a name for each file that tells it from the others."""
    names = [file.name for file in files]
    if len(set(names)) == len(names):
        return names
    whole = [file.resolve() for file in files]
    common = Path(os.path.commonpath([file.parent for file in whole]))
    return [file.relative_to(common).as_posix() for file in whole]


def _files_of_one(source: str | Path) -> list[Path]:
    if isinstance(source, str):
        source = _without_scheme(source)
    _refuse_content(str(source))
    path = Path(source).expanduser()
    if path.is_dir():
        return _part_files(path)
    if path.exists():
        return [path]
    found = sorted(Path(name) for name in glob.glob(str(path), recursive=True))  # noqa: PTH207
    files = [file for file in found if file.is_file() and not file.name.startswith(("_", "."))]
    if files:
        return files
    raise InputError(
        f"There is no file {path}. It was looked for from the folder {Path.cwd()}; "
        "give the whole path, or put the file into inbox/."
    )


def _without_scheme(text: str) -> str:
    """Return the path of a ``file:`` address, as Spark spells the files of this computer."""
    return _THIS_COMPUTER.sub("", text)


def _part_files(folder: Path) -> list[Path]:
    """Return the part files that Spark and its like write; any other folder is no list."""
    visible = sorted(f for f in folder.iterdir() if not f.name.startswith(("_", ".")))
    if visible and all(file.is_file() and file.name.startswith("part-") for file in visible):
        return visible
    raise InputError(
        f"{folder} is a folder. Name one file in it, or several with a pattern such as "
        f"{folder.name}/*.csv."
    )


def _refuse_content(text: str) -> None:
    if "\n" in text or len(text) > _LONGEST_PATH:
        raise InputError(
            "This is text, not the path of a file. To read text that was copied out of a "
            "spreadsheet, pass Pasted(text) from rokt_helpers.tables."
        )
    if "://" in text:
        raise InputError(
            "This is the address of a database or a page, not the path of a file. To ask a "
            "database, pass Query(url, sql) from rokt_helpers.tables; copy what lies on remote "
            "storage to this computer first."
        )
    if set(looks_of(pl.Series([text]))) - {"blank", "other"} and not Path(text).exists():
        raise InputError(
            "This is an address or a digest, not the path of a file that is there. Pass addresses "
            "as a pandas Series, or as Pasted(text) from rokt_helpers.tables."
        )
