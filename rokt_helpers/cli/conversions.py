"""``rokt conversions``: people who bought, as the one-column file the SFTP takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rokt_helpers.audience import Mixed, Output, prepare_audience
from rokt_helpers.cli.deliver import show_or_send
from rokt_helpers.cli.output import as_json, choose_profile
from rokt_helpers.cli.prepare import source_options
from rokt_helpers.plan import GUARDS
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("conversions")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--allow", type=click.Choice(list(GUARDS)), multiple=True, help="A guard to pass.")
@click.option("--send", is_flag=True, help="Deliver. Without it the plan is only shown.")
@source_options
@choose_profile
@as_json
def command(
    source: Path,
    allow: tuple[str, ...],
    column: str | None,
    output: Output,
    mixed: Mixed,
    profile: str | None,
    **switches: Any,
) -> None:
    """Show the file that would be put into the conversions folder; with --send, put it there."""
    prepared = prepare_audience(source, column=column, output=output, mixed=mixed)
    with open_workbench(profile) as workbench:
        plan = workbench.plan_conversions(prepared, allow=allow)
        show_or_send(workbench, prepared, plan, **switches)
