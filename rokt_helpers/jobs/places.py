"""Where a notebook's files lie, whichever folder its kernel was started in."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rokt_helpers.errors import InputError

__all__ = ["CORRECTIONS_ENDING", "inbox_lists", "prepared_lists", "reports_folder", "resolve"]

_INBOX: Final = "inbox"
_REPORTS: Final = "reports"
# How the name of a record of corrections ends; it lies beside the prepared file and is no list.
CORRECTIONS_ENDING: Final = "-corrections.csv"
_SUFFIXES: Final = (
    ".csv", ".txt", ".tsv", ".gz", ".zip", ".zst", ".xlsx", ".xls", ".ods", ".parquet", ".json",
    ".jsonl", ".ndjson", ".arrow", ".feather",
)  # fmt: skip


def resolve(path: str) -> Path:
    """Return a relative path as seen from here, or from the nearest folder above that has it.

    JupyterLab starts a kernel in ``notebooks/``, papermill in the folder it was called from; both
    mean the same ``inbox/``.
    """
    given = Path(path).expanduser()
    if given.is_absolute():
        return given
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / given).exists():
            return folder / given
    return given


def inbox_lists() -> tuple[str, ...]:
    """Return the lists in the inbox, as paths a form can show, in their order by name."""
    inbox = resolve(_INBOX)
    if not inbox.is_dir():
        return ()
    files = (file for file in inbox.iterdir() if file.suffix.lower() in _SUFFIXES)
    return tuple(sorted(f"{_INBOX}/{file.name}" for file in files))


def prepared_lists(folder: Path) -> tuple[str, ...]:
    """Return the files of identifiers in the folder of prepared ones, in their order by name."""
    files = (file for file in folder.glob("*.csv") if not file.name.endswith(CORRECTIONS_ENDING))
    return tuple(sorted(str(file) for file in files))


def reports_folder() -> Path:
    """Return the folder of reports, which lies beside the inbox; it is made where it is missing.

    Raises
    ------
    InputError
        When it cannot be made.
    """
    inbox = resolve(_INBOX)
    folder = (inbox.absolute().parent if inbox.is_dir() else Path.cwd()) / _REPORTS
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    return folder
