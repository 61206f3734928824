"""``rokt compare``: hold two lists against one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from rokt_helpers.cli.output import as_json, progress_line, say, table
from rokt_helpers.errors import InputError
from rokt_helpers.forms.lists import Mode
from rokt_helpers.jobs.lists import ListsJob

__all__ = ["command"]

_COLUMNS = {"part": "part", "people": "people", "share": "share"}


@click.command("compare")
@click.argument("left", type=click.Path(path_type=Path))
@click.argument("right", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "mode",
    type=click.Choice(get_args(Mode)),
    default="overlap",
    show_default=True,
    help="What they share; or who is to be targeted (LEFT) and suppressed (RIGHT); or who came "
    "and went between an earlier list (LEFT) and a later one (RIGHT).",
)
@click.option(
    "--out-conflicts",
    "out",
    type=click.Path(path_type=Path),
    help="Where to write the digests of those who conflict, as Rokt takes them.",
)
@as_json
def command(
    left: Path,
    right: Path,
    mode: Mode,
    out: Path | None,
    as_json: bool,  # noqa: FBT001  click's way
) -> None:
    """Hold LEFT and RIGHT against one another, in people.

    Each is a file, or a pattern in quotes such as "inbox/*.csv", read as one list. A list of
    addresses and one of digests can be compared.
    """
    # Whole paths: a command means the folder it was called in, and no other one above it.
    paths = {"left": _whole(left), "right": _whole(right)}
    if out and mode != "conflicts":
        raise InputError("--out-conflicts writes who conflicts: add --as conflicts.")
    job = ListsJob(**paths, mode=mode, out=str(out) if out else "")
    answer = job.run(progress_line(as_json=as_json))
    last = job.kept or answer.meaning
    lines = [*table(_rows(answer.table.to_dicts()), _COLUMNS), "", answer.finding, last]
    say(job.result(), lines, as_json=as_json)


def _whole(path: Path) -> str:
    return str(path.expanduser().absolute())


def _rows(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**part, "share": f"{part['share']:6.1%}"} for part in parts]
