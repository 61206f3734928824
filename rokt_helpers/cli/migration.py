"""``rokt migration``: would the newer interfaces carry what the older ones do? It sends nothing."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from rokt_helpers import contract
from rokt_helpers.cli.output import as_json, say
from rokt_helpers.cli.purchases import Reading, takes_purchases
from rokt_helpers.cli.source import Source, takes_a_list
from rokt_helpers.migration import Parity, audience_parity, conversions_parity, migration_report
from rokt_helpers.settings import load_settings

__all__ = ["command"]


@click.command("migration")
@takes_a_list
@click.option(
    "--list",
    "list_name",
    help="The list, where SOURCE is an audience; without it SOURCE is purchases.",
)
@click.option(
    "--action",
    type=click.Choice(contract.ACTIONS),
    default="include",
    show_default=True,
    help="With --list: what is to be done with these people.",
)
@takes_purchases
@click.option("--report", type=click.Path(path_type=Path), help="The HTML page to write as well.")
@as_json
def command(
    *,
    source: Source,
    reading: Reading,
    list_name: str | None,
    action: contract.Action,
    report: Path | None,
    as_json: bool,
) -> None:
    """Compare what Rokt's older and newer interfaces would carry of SOURCE.

    It is encoded for each of them, read back by other code, and held against the source: the same
    people, the same values, and which field has no counterpart. Nothing is sent. The exit code is 1
    where the newer ones would not carry all that the older ones do.
    """
    parity = _parity(source, reading, list_name, action)
    lines = parity.describe()
    if report:
        name = Path(source.source[0]).name
        page = migration_report(parity, source=name, created_at=datetime.now(tz=UTC))
        lines.append(f"The report: {page.write(report)}")
    say(asdict(parity) | {"holds": parity.holds}, lines, as_json=as_json)
    if not parity.holds:
        sys.exit(1)


def _parity(
    source: Source, reading: Reading, list_name: str | None, action: contract.Action
) -> Parity:
    if list_name is None:
        return conversions_parity(reading.prepare(source))
    pattern = load_settings().events_attribute
    return audience_parity(source.prepare(), list_name=list_name, action=action, attribute=pattern)
