"""``rokt undo``: show what would take a run back; with --send, take it back."""

from __future__ import annotations

from typing import Any

import click

from rokt_helpers.cli.deliver import show_or_send, switches
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("undo")
@click.argument("run_id", metavar="RUN")
@switches
def command(run_id: str, allow: tuple[str, ...], profile: str | None, **switches: Any) -> None:
    """Show the inverse of RUN, less the people whom other runs own; with --send, send it.

    RUN is an id that `rokt history` shows; its first letters are enough.
    """
    with open_workbench(profile) as workbench:
        plan = workbench.plan_undo(workbench.run_id(run_id), allow=allow)
        show_or_send(workbench, (), plan, **switches)
