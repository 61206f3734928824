"""``rokt release``: show a plan that another person asked for; with --send, send exactly it."""

from __future__ import annotations

from typing import Final

import click

from rokt_helpers.cli.deliver import as_values, say_receipt
from rokt_helpers.cli.output import as_json, choose_profile, progress_line, say
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]

_TAKEN: Final = frozenset({"delivered", "incomplete"})


@click.command("release")
@click.argument("approval_id", metavar="ID")
@click.option("--send", is_flag=True, help="Send it. Without it the plan is only shown.")
@choose_profile
@as_json
def command(
    *,
    approval_id: str,
    send: bool,
    profile: str | None,
    as_json: bool,
) -> int:
    """Show the plan ID as it was asked for; with --send, send exactly that.

    ID is one that `rokt approvals` shows; its first letters are enough. Whoever asked for it
    cannot release it. Of one that was sent before this shows what became of it; the exit code is 1
    when that came to no end.
    """
    with open_workbench(profile) as workbench:
        approval = workbench.approvals.find(approval_id)
        if approval.run_id is not None:
            receipt = workbench.release(approval_id)
            who = f"Released by {approval.released_by}. " if approval.released_by else ""
            say(
                {"sent": True, "approval": as_values(approval), "receipt": receipt.to_dict()},
                [f"{who}{receipt.describe()}"],
                as_json=as_json,
            )
            return 0 if receipt.status in _TAKEN else 1
        plan = workbench.approvals.plan(approval_id)
        lines = [f"Asked for by {approval.asked_by}.", *plan.describe()]
        if not send:
            lines.append("Nothing was sent. Add --send to send this plan.")
            said = {"plan": plan.to_dict(), "sent": False, "approval": as_values(approval)}
            say(said, lines, as_json=as_json)
            return 0
        if not as_json:
            say({}, lines, as_json=False)
        receipt = workbench.release(approval_id, progress=progress_line(as_json=as_json))
        say_receipt(workbench, plan, receipt, as_json=as_json)
        return 0
