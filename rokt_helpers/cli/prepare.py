"""``rokt prepare``: clean a list and write the identifiers Rokt matches."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from rokt_helpers.audience import (
    Mixed,
    Output,
    PreparedAudience,
    prepare_audience,
    upload_target,
)
from rokt_helpers.cli.output import as_json, progress_line, say
from rokt_helpers.contract import REASONS
from rokt_helpers.errors import InputError
from rokt_helpers.progress import with_rate

__all__ = ["command", "describe", "source_options"]


def source_options(verb: Any) -> Any:
    """Add the options that say how a source is to be read."""
    for option in (
        click.option("--column", help="The column with the identifiers; found when left out."),
        click.option(
            "--mixed",
            type=click.Choice(["refuse", "hash"]),
            default="refuse",
            show_default=True,
            help="What to do with a column of addresses and digests.",
        ),
        click.option(
            "--output",
            type=click.Choice(["sha256", "plain"]),
            default="sha256",
            show_default=True,
            help="Digests, or the canonical addresses themselves.",
        ),
    ):
        verb = option(verb)
    return verb


@click.command("prepare")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where to write row and reason.")
@source_options
@as_json
def command(
    source: Path,
    out: Path,
    rejects: Path | None,
    column: str | None,
    output: Output,
    mixed: Mixed,
    as_json: bool,  # noqa: FBT001  click's way
) -> None:
    """Clean SOURCE and write the identifiers Rokt matches to --out, one a line."""
    _check_paths(source, out, rejects)
    line = progress_line(as_json=as_json)
    prepared = prepare_audience(
        source,
        column=column,
        output=output,
        mixed=mixed,
        progress=line and with_rate(line, monotonic=time.monotonic),
    )
    if rejects is not None:  # first: it is wanted most when nothing was accepted
        prepared.write_rejected(rejects)
    written = prepared.write(out)
    result = {**prepared.summary, "out": str(written), "rejects": rejects and str(rejects)}
    lines = [*describe(prepared), f"Written to {written}."]
    say(result, lines, as_json=as_json)


def _check_paths(source: Path, out: Path, rejects: Path | None) -> None:
    """Refuse before reading what could only fail after it, or would write over the list itself."""
    paths = [path.expanduser().resolve() for path in (source, upload_target(out), rejects) if path]
    if len(set(paths)) < len(paths):
        raise InputError("SOURCE, --out and --rejects are different files. Name another one.")


def describe(prepared: PreparedAudience) -> list[str]:
    """Return the sums of a prepared audience as lines that add up before the eye."""
    s = prepared.summary
    found = s["source"]
    how = ", ".join(str(found[key]) for key in ("encoding", "delimiter") if found[key])
    width = len(f"{s['rows_in']:,}")
    lines = [f"{found['name']}: column {found['column']!r}{f' ({how})' if how else ''}"]
    lines.append(f"  {s['rows_in']:>{width},} rows in the source")
    lines.append(f"  {s['accepted']:>{width},} accepted, each person once")
    lines.append(f"  {s['duplicates']:>{width},} duplicates of an accepted row")
    lines.append(f"  {s['rejected']:>{width},} rejected")
    for reason, count in s["rejected_by_reason"].items():
        lines.append(f"    {count:>{width},} {reason}: {REASONS[reason]}")
    return lines
