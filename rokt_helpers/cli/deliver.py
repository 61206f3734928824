"""``rokt deliver``: show the plan for a list; with --send, deliver it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click

from rokt_helpers import contract
from rokt_helpers.cli.output import as_json, choose_profile, progress_line, say
from rokt_helpers.cli.source import Source, describe, takes_a_list
from rokt_helpers.deliver import Receipt
from rokt_helpers.errors import GuardError
from rokt_helpers.ledger import Approval
from rokt_helpers.plan import AUDIENCE_WIRES, GUARDS, DeliveryPlan, Mode, Via
from rokt_helpers.workbench import Workbench, open_workbench

__all__ = ["as_values", "command", "say_receipt", "show_or_send", "switches"]


def switches(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every verb that may send has: --allow, --ask, --send, --profile and --json."""
    for option in (
        as_json,
        choose_profile,
        click.option(
            "--ask", is_flag=True, help="Keep the plan until another person sends it: rokt release."
        ),
        click.option("--send", is_flag=True, help="Deliver. Without it the plan is only shown."),
        click.option(
            "--allow",
            type=click.Choice(list(GUARDS)),
            multiple=True,
            help="A guard to pass, once each; the message that stopped it names it.",
        ),
    ):
        verb = option(verb)
    return verb


@click.command("deliver")
@takes_a_list
@click.option(
    "--list", "list_name", required=True, help="The custom audience list, spelled as Rokt has it."
)
@click.option(
    "--action",
    type=click.Choice(contract.ACTIONS),
    required=True,
    help="Put these people on the list, or take them off it.",
)
@click.option(
    "--via",
    type=click.Choice(AUDIENCE_WIRES),
    default="api",
    show_default=True,
    help="The interface of Rokt's to deliver over.",
)
@click.option(
    "--mode",
    type=click.Choice(["full", "delta", "mirror"]),
    default="full",
    show_default=True,
    help="Send all; who is new to this ledger; or who is new, and take off who is gone.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="ROWS",
    help="Send only the first rows, ahead of the rest.",
)
@switches
def command(
    *,
    source: Source,
    list_name: str,
    action: contract.Action,
    via: Via,
    mode: Mode,
    sample: int | None,
    allow: tuple[str, ...],
    profile: str | None,
    **switches: Any,
) -> None:
    """Show what would be sent of SOURCE; with --send, send exactly that."""
    prepared = source.prepare()
    with open_workbench(profile) as workbench:
        try:
            plan = workbench.plan(
                prepared,
                list=list_name,
                action=action,
                via=via,
                mode=mode,
                sample_rows=sample,
                allow=allow,
            )
        except GuardError:
            if not switches["as_json"]:  # the sums often tell why: it is another file
                say({}, describe(prepared), as_json=False)
            raise
        show_or_send(workbench, describe(prepared), plan, **switches)


def show_or_send(
    workbench: Workbench,
    lines: Sequence[str],
    plan: DeliveryPlan,
    *,
    send: bool,
    as_json: bool,
    ask: bool = False,
) -> None:
    """Print ``lines`` and the plan; where sending was asked for, deliver it, print the receipt."""
    lines = [*lines, *plan.describe(), *workbench.confirmed_before(plan)]
    if ask and send:
        raise click.UsageError("--ask puts the plan before another person, --send sends it now.")
    if ask:
        approval = workbench.ask_release(plan)
        result = {"plan": plan.to_dict(), "sent": False, "approval": as_values(approval)}
        say(result, [*lines, *_asked(approval)], as_json=as_json)
        return
    if not send:
        more = "Add --send to deliver this plan." if plan.rows else "There is nothing to send."
        lines.append(f"Nothing was sent. {more}")
        say({"plan": plan.to_dict(), "sent": False}, lines, as_json=as_json)
        return
    if not as_json:
        say({}, lines, as_json=False)
    receipt = workbench.deliver(plan, progress=progress_line(as_json=as_json))
    say_receipt(workbench, plan, receipt, as_json=as_json)


def say_receipt(
    workbench: Workbench, plan: DeliveryPlan, receipt: Receipt, *, as_json: bool
) -> None:
    """Print the receipt of a plan that was sent."""
    result = {"plan": plan.to_dict(), "sent": True, "receipt": receipt.to_dict()}
    lines = [receipt.describe(), f"Receipt {receipt.run_id}"]
    if workbench.brought_sandbox:
        lines.append("This sandbox was started for this one command. `rokt sandbox` keeps one.")
    say(result, lines, as_json=as_json)


def as_values(approval: Approval) -> dict[str, Any]:
    """Return an approval as plain values, without the plan, which is shown beside it."""
    return {name: value for name, value in asdict(approval).items() if name != "plan"}


def _asked(approval: Approval) -> list[str]:
    until = approval.expires_at[:16].replace("T", " ")
    return [
        f"Nothing was sent. Until {until} UTC it waits for somebody else than {approval.asked_by}:",
        f"rokt release {approval.approval_id[:8]} --profile {approval.profile}",
    ]
