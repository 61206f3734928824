"""``rokt doctor``: say what is wrong with a list of digests, and how to mend the export."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from rokt_helpers.cli.output import as_json, say
from rokt_helpers.doctor import examine, read_known

__all__ = ["command"]


@click.command("doctor")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--column", help="The column with the digests; found when left out.")
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="A file with addresses of a few people who must be on the list, as your system keeps "
    "them. A file, because a command line is remembered by the shell.",
)
@as_json
def command(
    source: Path,
    column: str | None,
    known: Path | None,
    as_json: bool,  # noqa: FBT001  click's way
) -> None:
    """Examine SOURCE, a list that is hashed already; ends with 1 when something is to be mended."""
    customers = read_known(known) if known else ()
    diagnosis = examine(source, column=column, known=customers)
    healthy = diagnosis.is_healthy
    result = {**asdict(diagnosis), "verdict": diagnosis.verdict, "is_healthy": healthy}
    say(result, diagnosis.describe(), as_json=as_json)
    if not healthy:
        sys.exit(1)
