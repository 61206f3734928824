"""Where a notebook's files lie, whichever folder its kernel was started in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rokt_helpers.errors import InputError
from rokt_helpers.jobs.namespace import PREFIX, frame_named, is_frame

__all__ = [
    "CORRECTIONS_ENDING",
    "LIST_SUFFIXES",
    "PASTED",
    "inbox_labels",
    "inbox_lists",
    "prepared_labels",
    "reports_folder",
    "resolve",
    "source_named",
    "title_of",
]

_INBOX: Final = "inbox"
_REPORTS: Final = "reports"
# How the name of a record of corrections ends; it lies beside the prepared file and is no list.
CORRECTIONS_ENDING: Final = "-corrections.csv"
# What pasted lines are called as a file.
PASTED: Final = "pasted.txt"
# How the names of lists end.
LIST_SUFFIXES: Final = (
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


def source_named(source: str) -> Any:
    """Return the list that a form or a setting names: a path, or a table of the notebook.

    Raises
    ------
    InputError
        When the notebook has no table of that name now.
    """
    return frame_named(source) if is_frame(source) else resolve(source)


def title_of(source: str) -> str:
    """Return what a list is called without its folder and ending, for the name of a new file."""
    return source.removeprefix(PREFIX) if is_frame(source) else Path(source).stem


def inbox_labels() -> tuple[tuple[str, str], ...]:
    """Return each list of the inbox with its name, size and the moment it was saved, in words.

    The moment is in this computer's time zone.
    """
    inbox = resolve(_INBOX)
    return tuple((source, _label(inbox / Path(source).name)) for source in inbox_lists())


def _label(file: Path) -> str:
    return f"{file.name} · {_size(file.stat().st_size)} · saved {_moment(_saved(file))}"


def _size(size_bytes: int) -> str:
    """Return a size as a file browser shows it."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004  each unit is a thousand of the one before
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def inbox_lists() -> tuple[str, ...]:
    """Return the lists in the inbox, as paths a form can show, in their order by name."""
    inbox = resolve(_INBOX)
    if not inbox.is_dir():
        return ()
    files = (file for file in inbox.iterdir() if file.suffix.lower() in LIST_SUFFIXES)
    return tuple(sorted(f"{_INBOX}/{file.name}" for file in files))


def prepared_labels(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return each file of identifiers in the folder of prepared ones, the newest first, in words.

    The moment is in this computer's time zone, and not "just now": a page stays open for long.
    """
    files = (file for file in folder.glob("*.csv") if not file.name.endswith(CORRECTIONS_ENDING))
    newest_first = sorted(((_saved(file), file.name, file) for file in files), reverse=True)
    return tuple(
        (str(file), f"prepared {_moment(saved)}{', the newest' if at == 0 else ''}: {name}")
        for at, (saved, name, file) in enumerate(newest_first)
    )


def _saved(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime).astimezone()


def _moment(saved: datetime) -> str:
    return f"{saved.day} {saved:%b %H:%M}"


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
