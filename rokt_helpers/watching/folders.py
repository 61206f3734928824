"""What the folders of runs say of notebooks that ran without a person.

Law: nothing here fails because a folder is broken. A folder that cannot be read is a run of which
nobody knows how it ended, and a file of a strange form says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

__all__ = ["LeftToExpire", "left_to_expire", "notebook_runs"]

_NAME: Final = re.compile(r"(\d{8}T\d{6}Z)-(.+)-[0-9a-f]{4}")
_TAIL_BYTES: Final = 8_192  # the last line of a log is far shorter
_OUTCOME: Final = {0: "done", 3: "stopped", 130: "stopped"}
_SCHEMA: Final[dict[str, pl.DataType]] = {
    "at": pl.Datetime("us", "UTC"), "series": pl.String(), "outcome": pl.String(),
    "exit_code": pl.Int64(), "seconds": pl.Float64(), "folder": pl.String(),
}  # fmt: skip


@dataclass(frozen=True)
class LeftToExpire:
    """A referral file that was seen and not collected, and when (UTC) Rokt removes it."""

    name: str
    until: datetime


def notebook_runs(folder: Path) -> pl.DataFrame:
    """Return one row per run of a notebook, the first one first.

    Parameters
    ----------
    folder
        The profile's ``runs/``; where there is none, nothing ran.

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
    return table.with_columns(day=pl.col("at").dt.date())


def left_to_expire(folder: Path, collected: Collection[str]) -> LeftToExpire | None:
    """Return the referral file that Rokt removes first of those seen and not collected.

    It is what the newest notebook that collected wrote down. ``collected`` are the names of files
    that the vault has by now.
    """
    names = sorted((p.name for p in folder.iterdir()), reverse=True) if folder.is_dir() else []
    for name in names:
        result = _json(folder / name / "result.json")
        match = _NAME.fullmatch(name)
        found = result.get("collected")
        if match and isinstance(found, dict):
            files = [file for file in found.get("expiring", ()) if file.get("name")]
            left = [_file(file, _moment(match)) for file in files if file["name"] not in collected]
            return min(left, key=lambda file: file.until, default=None)
    return None


def _file(file: dict[str, Any], seen: datetime) -> LeftToExpire:
    left = timedelta(days=file.get("days_left", 0), hours=file.get("hours_left", 0))
    return LeftToExpire(str(file["name"]), seen + left)


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


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
