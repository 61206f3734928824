"""``rokt release``: show a plan that another person asked for; with --send, send exactly it."""

from __future__ import annotations

import click

from rokt_helpers.cli.deliver import as_values, say_receipt
from rokt_helpers.cli.output import as_json, choose_profile, progress_line, say
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


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
) -> None:
    """Show the plan ID as it was asked for; with --send, send exactly that.

    ID is one that `rokt approvals` shows; its first letters are enough. Whoever asked for it
    cannot release it.
    """
    with open_workbench(profile) as workbench:
        approval = workbench.approvals.find(approval_id)
        if approval.run_id is not None:
            receipt = workbench.release(approval_id)
            say(
                {"sent": True, "approval": as_values(approval), "receipt": receipt.to_dict()},
                [f"Released by {approval.released_by}. {receipt.describe()}"],
                as_json=as_json,
            )
            return
        plan = workbench.approvals.plan(approval_id)
        lines = [f"Asked for by {approval.asked_by}.", *plan.describe()]
        if not send:
            lines.append("Nothing was sent. Add --send to send this plan.")
            said = {"plan": plan.to_dict(), "sent": False, "approval": as_values(approval)}
            say(said, lines, as_json=as_json)
            return
        if not as_json:
            say({}, lines, as_json=False)
        receipt = workbench.release(approval_id, progress=progress_line(as_json=as_json))
        say_receipt(workbench, plan, receipt, as_json=as_json)
