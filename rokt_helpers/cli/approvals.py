"""``rokt approvals``: the plans that wait for a second person."""

from __future__ import annotations

import click

from rokt_helpers.cli.deliver import as_values
from rokt_helpers.cli.output import as_json, choose_profile, say, table
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]

_COLUMNS = {
    "asked_at": "asked (UTC)",
    "asked_by": "by",
    "list": "list",
    "action": "action",
    "mode": "mode",
    "rows": "rows",
    "status": "status",
    "released_by": "released by",
    "expires_at": "until (UTC)",
    "approval_id": "id",
}


@click.command("approvals")
@click.option("--all", "everything", is_flag=True, help="Released and expired ones, too.")
@choose_profile
@as_json
def command(
    *,
    everything: bool,
    profile: str | None,
    as_json: bool,
) -> None:
    """Show the plans that somebody asked another person to send, the last one first."""
    with open_workbench(profile) as workbench:
        found = workbench.approvals.all()
    rows = [as_values(a) for a in found if everything or a.status == "waiting"]
    moments = ("asked_at", "expires_at")
    shown = [
        {**row, **{name: row[name][:16].replace("T", " ") for name in moments}} for row in rows
    ]
    lines = table(shown, _COLUMNS) if shown else ["Nothing waits for a second person."]
    say({"approvals": rows}, lines, as_json=as_json)
