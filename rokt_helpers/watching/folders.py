"""What the folders of runs say of notebooks that ran without a person.

Law: nothing here fails because a folder is broken. A folder that cannot be read is a run of which
nobody knows how it ended, and a file of a strange form says nothing.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

__all__ = ["notebook_runs"]

_NAME: Final = re.compile(r"(\d{8}T\d{6}Z)-(.+)-[0-9a-f]{4}")
_TAIL_BYTES: Final = 8_192  # the last line of a log is far shorter
# A run without an end may be under way for so long; after that it broke off.
_UNDER_WAY: Final = timedelta(hours=6)
_OUTCOME: Final = {0: "done", 3: "stopped", 130: "stopped"}
_SCHEMA: Final[dict[str, pl.DataType]] = {
    "at": pl.Datetime("us", "UTC"), "series": pl.String(), "outcome": pl.String(),
    "exit_code": pl.Int64(), "seconds": pl.Float64(), "folder": pl.String(),
}  # fmt: skip


def notebook_runs(folder: Path, *, now: datetime) -> pl.DataFrame:
    """Return one row per run of a notebook, the first one first.

    Parameters
    ----------
    folder
        The profile's ``runs/``; where there is none, nothing ran.
    now
        An aware moment; a run that began within six hours and has no end is left out.

    Returns
    -------
    polars.DataFrame
        ``at`` (UTC) and ``day``, ``series`` (the notebook), ``outcome`` (``done``, ``stopped``: by
        a guard or on a wish; ``failed``, ``in doubt``: no end is written down), ``exit_code``,
        ``seconds`` and ``folder``, its name.
    """
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    rows = [_run(folder / name, match) for name in names if (match := _NAME.fullmatch(name))]
    table = pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort("at", maintain_order=True)
    may_be_under_way = (pl.col("outcome") == "in doubt") & (pl.col("at") > now - _UNDER_WAY)
    return table.filter(~may_be_under_way).with_columns(day=pl.col("at").dt.date())


def _run(folder: Path, match: re.Match[str]) -> tuple[Any, ...]:
    end = _end_of(folder / "run.log")
    code, seconds = end.get("exit_code"), end.get("seconds")
    outcome = "in doubt" if code is None else _OUTCOME.get(code, "failed")
    return _moment(match), match[2], outcome, code, seconds, folder.name


def _moment(match: re.Match[str]) -> datetime:
    return datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _end_of(log: Path) -> dict[str, Any]:
    """Return the event with which a run ended; nothing where it has not."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return {}
    for line in reversed(lines):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("event") == "ended":
            return event
    return {}
