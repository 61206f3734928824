"""``rokt conversions``: people who bought, as the one-column file the SFTP takes."""

from __future__ import annotations

from typing import Any

import click

from rokt_helpers.cli.deliver import show_or_send, switches
from rokt_helpers.cli.source import Source, takes_a_list
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("conversions")
@takes_a_list
@switches
def command(source: Source, allow: tuple[str, ...], profile: str | None, **switches: Any) -> None:
    """Show the file that would be put into the conversions folder; with --send, put it there."""
    prepared = source.prepare()
    with open_workbench(profile) as workbench:
        plan = workbench.plan_conversions(prepared, allow=allow)
        show_or_send(workbench, prepared, plan, **switches)
