"""Read one column of text out of a file or a frame, and say what was found on the way."""

from __future__ import annotations

from pathlib import Path

from rokt_helpers.tables.frames import open_frame
from rokt_helpers.tables.table import SourceFacts, Table
from rokt_helpers.tables.text_files import open_file

__all__ = ["SourceFacts", "Table", "open_table"]


def open_table(source: object, *, header: bool | None = None) -> Table:
    """Look at a path, a pandas frame or column, or an Arrow stream, and say what is in it.

    Parameters
    ----------
    source
        Path of a CSV, TSV or TXT file in UTF-8 (UTF-16 and UTF-32 with a byte-order mark); pandas
        DataFrame or Series; any object with the Arrow C stream interface.
    header
        True or False where the file's first row is known to be a header or not; None to look.

    Raises
    ------
    InputError
        When there is nothing to read, or it cannot be read as text.
    """
    if isinstance(source, str | Path):
        return open_file(Path(source).expanduser(), header=header)
    return open_frame(source)
