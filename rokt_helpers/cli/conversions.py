"""``rokt conversions``: people who bought, as conversions or as the one-column file of the SFTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from rokt_helpers.cli.deliver import show_or_send, switches
from rokt_helpers.cli.source import Source, describe, takes_a_list
from rokt_helpers.contract import CONVERSION_REASONS
from rokt_helpers.conversions import (
    DateOrder,
    Decimal,
    Mapping,
    PreparedConversions,
    prepare_conversions,
)
from rokt_helpers.errors import InputError
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("conversions")
@takes_a_list
@click.option(
    "--via",
    type=click.Choice(["sftp", "events"]),
    default="sftp",
    show_default=True,
    help="A column of addresses or digests, or conversions with all they carry.",
)
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="Which column is what, as it was saved."
)
@click.option(
    "--save-mapping", type=click.Path(path_type=Path), help="Where to save which is what."
)
@click.option("--time-zone", help="Of times that name none, such as America/New_York.")
@click.option("--date-order", type=click.Choice(get_args(DateOrder)), help="Of 02/03/2026.")
@click.option("--decimal", type=click.Choice(get_args(Decimal)), help="The mark in amounts.")
@click.option(
    "--default", "defaults", multiple=True, metavar="NAME=VALUE", help="For rows without one."
)
@switches
def command(
    *,
    source: Source,
    via: str,
    mapping: Path | None,
    save_mapping: Path | None,
    defaults: tuple[str, ...],
    allow: tuple[str, ...],
    profile: str | None,
    send: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Show what would be reported; with --send, report it.

    Over the SFTP it is one column of people. Over the Event and Audience API (--via events) it is
    conversions: amount, order, date, click id. Their columns are recognised, and --save-mapping
    keeps which is which, to be looked at and changed.
    """
    with open_workbench(profile) as workbench:
        if via == "sftp":
            people = source.prepare()
            plan, lines = workbench.plan_conversions(people, allow=allow), describe(people)
        else:
            prepared = prepare_conversions(
                source.files,
                mapping=Mapping.load(mapping) if mapping else None,
                output=source.output,
                defaults=dict(map(_pair, defaults)),
                header=source.header,
                sheet=source.sheet,
                member=source.member,
                **reading,
            )
            if save_mapping:
                prepared.mapping.save(save_mapping)
            plan, lines = workbench.plan_conversions(prepared, allow=allow), _describe(prepared)
        show_or_send(workbench, lines, plan, send=send, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise InputError(f"--default takes NAME=VALUE, such as currency=USD, not {text!r}.")
    return name, value


def _describe(prepared: PreparedConversions) -> list[str]:
    """Return which column is what, and the sums, as lines that add up before the eye."""
    s = prepared.summary
    width = len(f"{s['rows_in']:,}")
    columns = (f"  {column!r} is {name}" for name, column in prepared.mapping.columns.items())
    return [
        f"{s['source']['name']}: read as",
        *columns,
        f"  {s['rows_in']:>{width},} in the source",
        f"  {s['accepted']:>{width},} accepted, each purchase once",
        f"  {s['duplicates']:>{width},} duplicate of an accepted row",
        f"  {s['rejected']:>{width},} rejected",
        *(
            f"    {count:>{width},} {reason}: {CONVERSION_REASONS[reason]}"
            for reason, count in s["rejected_by_reason"].items()
        ),
    ]
