"""``rokt conversions``: people who bought, as conversions or as the older SFTP's one column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rokt_helpers.cli.deliver import show_or_send, switches
from rokt_helpers.cli.purchases import Reading, describe_purchases, takes_purchases
from rokt_helpers.cli.source import Source, describe, takes_a_list
from rokt_helpers.plan import CONVERSION_WIRES, Via
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("conversions")
@takes_a_list
@click.option(
    "--via",
    type=click.Choice(["sftp", *CONVERSION_WIRES]),
    default="sftp",
    show_default=True,
    help="sftp: one column of people; the others: conversions with all they carry.",
)
@takes_purchases
@click.option(
    "--save-mapping",
    type=click.Path(path_type=Path),
    help="The file to write which column is what to.",
)
@switches
def command(
    *,
    source: Source,
    reading: Reading,
    via: Via,
    save_mapping: Path | None,
    allow: tuple[str, ...],
    profile: str | None,
    **switches: Any,
) -> None:
    """Show what would be reported; with --send, report it.

    Over the older SFTP it is one column of people. Over the Event and Audience API (--via events),
    the newer SFTP (events-sftp) and the legacy Event API (events-legacy) it is conversions: amount,
    order, date, click id. Their columns are recognised, and --save-mapping keeps which is which, to
    be looked at and changed.
    """
    with open_workbench(profile) as workbench:
        if via == "sftp":
            people = source.prepare()
            plan, lines = workbench.plan_conversions(people, allow=allow), describe(people)
        else:
            prepared = reading.prepare(source)
            if save_mapping:
                prepared.mapping.save(save_mapping)
            plan = workbench.plan_conversions(prepared, via=via, allow=allow)
            lines = describe_purchases(prepared)
        show_or_send(workbench, lines, plan, **switches)
