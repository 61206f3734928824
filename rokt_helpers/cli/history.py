"""``rokt history``: what was delivered, to which list, when."""

from __future__ import annotations

from dataclasses import asdict

import click

from rokt_helpers.cli.output import as_json, choose_profile, say, table
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]

_COLUMNS = {
    "started_at": "started (UTC)",
    "list": "list",
    "action": "action",
    "via": "via",
    "rows": "rows",
    "status": "status",
    "run_id": "run",
}


@click.command("history")
@click.option("--last", default=20, show_default=True, help="How many runs.")
@choose_profile
@as_json
def command(last: int, profile: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Show the last deliveries, newest first."""
    with open_workbench(profile) as workbench:
        runs = [asdict(run) for run in workbench.history(last)]
    shown = [{**run, "started_at": run["started_at"][:19].replace("T", " ")} for run in runs]
    lines = table(shown, _COLUMNS) if runs else ["Nothing was delivered yet."]
    say({"runs": runs}, lines, as_json=as_json)
