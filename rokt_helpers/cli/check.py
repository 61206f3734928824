"""``rokt check``: prove credentials, host key and folders, and write nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from rokt_helpers.channels.channel import Finding
from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.settings import SecretOrigin
from rokt_helpers.workbench import Workbench, open_workbench

__all__ = ["command"]


@click.command("check")
@choose_profile
@as_json
def command(profile: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Prove the connection, and say where each secret comes from. Nothing changes."""
    with open_workbench(profile) as workbench:
        findings = workbench.check()
        secrets = workbench.settings.secret_origins()
        result = {
            "profile": workbench.profile,
            "account": workbench.settings.account,
            "account_id": workbench.settings.account_id,
            "findings": [asdict(f) for f in findings],
            "secrets": [asdict(origin) for origin in secrets],
        }
        lines = [_place(workbench), *_found(findings), *_where(secrets)]
    say(result, lines, as_json=as_json)
    if not all(finding.well for finding in findings):
        sys.exit(1)


def _place(workbench: Workbench) -> str:
    settings = workbench.settings
    name = f", account {settings.account}" if settings.account else ""
    return f"profile {workbench.profile}{name}, account id {settings.account_id or 'not set'}"


def _found(findings: list[Finding]) -> Iterator[str]:
    yield from (f"{'ok ' if f.well else 'NO '} {f.what}: {f.detail}" for f in findings)


def _where(secrets: list[SecretOrigin]) -> Iterator[str]:
    """Give a line for each secret that is set or has a remark, and one for all the others."""
    told = [one for one in secrets if one.source != "not set" or one.remark]
    yield from (f"secret  {one}" for one in told)
    rest = [one.name for one in secrets if one not in told]
    if rest:
        yield f"secret  not set: {', '.join(rest)}"
