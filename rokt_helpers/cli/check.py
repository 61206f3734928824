"""``rokt check``: prove credentials, host key and folders, and write nothing."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("check")
@choose_profile
@as_json
def command(profile: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Prove the connection. No audience and no file changes."""
    with open_workbench(profile) as workbench:
        findings = workbench.check()
        result = {"profile": workbench.profile, "findings": [asdict(f) for f in findings]}
    lines = [f"{'ok ' if f.well else 'NO '} {f.what}: {f.detail}" for f in findings]
    say(result, lines, as_json=as_json)
    if not all(finding.well for finding in findings):
        sys.exit(1)
