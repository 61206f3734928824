"""``rokt prepare``: clean a list and write the identifiers Rokt matches."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click

from rokt_helpers.advice import Code
from rokt_helpers.audience import upload_target
from rokt_helpers.audience.preparing import LookedOver
from rokt_helpers.cli.output import as_json, progress_line, say
from rokt_helpers.cli.source import Source, describe, takes_a_list
from rokt_helpers.errors import InputError

__all__ = ["command"]


@click.command("prepare")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path),
    help="The file to write each rejected row's number and reason to.",
)
@click.option(
    "--advise", is_flag=True, help="Say what looks odd in the first rows; nothing is done about it."
)
@takes_a_list
@as_json
def command(
    source: Source,
    out: Path,
    rejects: Path | None,
    advise: bool,  # noqa: FBT001  click's way
    as_json: bool,  # noqa: FBT001  the same
) -> None:
    """Clean SOURCE and write the identifiers Rokt matches to --out, one a line.

    SOURCE is a file, a pattern such as "inbox/*.csv", or several files, read as one list.
    """
    _check_paths(source.source, out, rejects)
    looked = source.look_over() if advise else None
    prepared = source.prepare(progress_line(as_json=as_json))
    if rejects is not None:  # first: it is wanted most when nothing was accepted
        prepared.write_rejected(rejects)
    written = prepared.write(out)
    result = {**prepared.summary, "out": str(written), "rejects": rejects and str(rejects)}
    lines = describe(prepared)
    if looked is not None:
        result["advice_rows"] = looked.rows
        result["advice"] = [one.to_dict() for one in looked.advice]
        lines += _advice_lines(looked, source.apply)
    say(result, [*lines, f"Written to {written}."], as_json=as_json)


def _check_paths(sources: tuple[Path, ...], out: Path, rejects: Path | None) -> None:
    """Refuse before reading what could only fail after it, or would write over the list itself."""
    named = [*sources, upload_target(out), *([rejects] if rejects else [])]
    paths = {path.expanduser().resolve() for path in named}
    if len(paths) < len(named):
        raise InputError("SOURCE, --out and --rejects are different files. Name another one.")


def _advice_lines(looked: LookedOver, applied: Collection[Code]) -> list[str]:
    """Return the advice for a person: what it is, examples, and how to apply it."""
    if not looked.advice:
        return [f"Nothing looks odd in the first {looked.rows:,} rows."]
    lines = [f"What looks odd in the first {looked.rows:,} rows, as the source has them:"]
    for one in looked.advice:
        lines.append(f"  {one.title}: {one.sentence}")
        if one.examples:
            lines.append(f"    for example {', '.join(one.examples)}")
        if one.applicable:
            lines.append(
                f"    {'applied' if one.code in applied else 'to apply it'}: --apply {one.code}"
            )
    return lines
