"""``rokt referrals``: collect and look at the referrals Rokt delivers."""

from __future__ import annotations

import click

from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.group("referrals")
def command() -> None:
    """Collect and look at the referrals Rokt delivers."""


@command.command("fetch")
@click.option(
    "--personal",
    type=click.Choice(["hash", "keep"]),
    default="hash",
    show_default=True,
    help="Keep digests only, or every column that names a person.",
)
@choose_profile
@as_json
def fetch(personal: str, profile: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Collect the files that are new from the SFTP's downloads folder, each once."""
    with open_workbench(profile) as workbench:
        collected = workbench.fetch_referrals(personal=personal)  # type: ignore[arg-type]
    say(collected.as_dict(), collected.describe(), as_json=as_json)
