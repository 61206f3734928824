"""What every verb shares: the --json switch, one way to print a result, a line of progress."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import click

from rokt_helpers.profiles import PROFILES
from rokt_helpers.progress import OnProgress, Progress

__all__ = ["as_json", "choose_account", "choose_profile", "progress_line", "say", "table"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

as_json: Final = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object on standard output and nothing else there.",
)
_profile: Final = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="Where to work; without it ROKT_PROFILE, and without that the sandbox.",
)


def _use_account(_context: click.Context, _option: click.Parameter, name: str | None) -> None:
    """Set the variable: whatever this verb starts, such as a kernel, works on that account too."""
    if name is not None:
        os.environ["ROKT_ACCOUNT"] = name


# Sets ROKT_ACCOUNT for all that the verb does and starts.
choose_account: Final = click.option(
    "--account",
    metavar="NAME",
    expose_value=False,
    callback=_use_account,
    help="One of several accounts, by its file accounts/NAME.env; without it ROKT_ACCOUNT.",
)


def choose_profile(command: _Command) -> _Command:
    """Add --profile, which the verb is handed, and --account, which is in the environment then."""
    return _profile(choose_account(command))


def say(result: Mapping[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print the result as one JSON object, or the lines for a person."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
    else:
        for line in lines:
            click.echo(line)


def table(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Return lines of text: ``columns`` maps a key of the rows to its heading."""
    texts = [[_cell(row.get(key)) for key in columns] for row in rows]
    heads = list(columns.values())
    widths = [max(len(row[i]) for row in [heads, *texts]) for i in range(len(heads))]
    numeric = [all(_is_number(row.get(key)) for row in rows) for key in columns]
    lines = []
    for row in [heads, ["─" * width for width in widths], *texts]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def progress_line(*, as_json: bool) -> OnProgress | None:
    """Return something that redraws one line on standard error, when a person watches it."""
    if as_json or not sys.stderr.isatty():
        return None

    def draw(progress: Progress) -> None:
        click.echo(f"\r\033[K{progress}", err=True, nl=progress.done == progress.total)

    return draw


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if _is_number(value) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
