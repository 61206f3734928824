"""``rokt share``: bring what this computer remembers into the ledger that a team shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from rokt_helpers.cli.output import as_json, choose_profile, say, table
from rokt_helpers.settings import load_settings

if TYPE_CHECKING:
    from rokt_helpers.bringing import Brought

__all__ = ["command"]

_COLUMNS: Final = {
    "account": "account",
    "list": "list",
    "runs": "runs",
    "open_runs": "not ended",
    "people_named": "people named",
}


@click.command("share")
@click.option("--bring", "is_brought", is_flag=True, help="Bring it. Without it nothing changes.")
@choose_profile
@as_json
def command(*, is_brought: bool, profile: str | None, as_json: bool) -> None:
    """Show what of this computer the team would get; with --bring, bring it there.

    The runs go into the ledger that ROKT_LEDGER_URL names, all or nothing; whom they named and the
    referrals go into ROKT_SHARED_FOLDER. Called again it goes on where it was cut off.
    """
    from rokt_helpers.bringing import bring, look

    settings = load_settings(profile)
    found = bring(settings) if is_brought else look(settings)
    result = {"brought": is_brought, "profile": settings.profile, **asdict(found)}
    say(result, _lines(found, settings.profile, is_brought=is_brought), as_json=as_json)


def _lines(found: Brought, profile: str, *, is_brought: bool) -> Iterator[str]:
    if not found:
        yield f"Nothing of profile {profile} on this computer is left to bring."
        return
    if found.lists:
        yield from table([asdict(one) for one in found.lists], _COLUMNS)
    if found.runs or found.approvals:
        yield (
            f"Runs: {found.runs:,}; batches: {found.batches:,}; "
            f"plans put before a second person: {found.approvals:,}."
        )
    if found.member_files:
        yield f"Files of whom runs named: {found.member_files:,}."
    for name, became in found.vaults.items():
        yield _of_vault(f"Referrals of account {name!r}" if name else "Referrals", became)
    if any(one.open_runs for one in found.lists):
        yield "A run that came to no end goes on there: deliver the same list again."
    if not is_brought:
        yield "Nothing was brought. Add --bring to bring it."
        return
    yield from _became(found)


def _became(found: Brought) -> Iterator[str]:
    if found.runs or found.approvals:
        how = "It was there already, from a call that was cut off" if found.was_there else "Brought"
        yield (
            f"{how}, and checked row by row. This computer's ledger.sqlite is kept as it was, and "
            "takes no runs any more."
        )
    if found.stays and found.member_files:
        yield (
            "Whom the runs named stays on this computer, for no ROKT_SHARED_FOLDER is set: only "
            "from here can a difference be made. Set it, and call this again."
        )
    elif found.member_files:
        yield "Whom they named was moved into the shared folder, and checked byte by byte."


def _of_vault(what: str, became: str) -> str:
    return {
        "here": f"{what}: collected on this computer.",
        "moved": f"{what}: moved into the shared folder, and checked byte by byte.",
        "occupied": (
            f"{what}: the team has collected some already, so these stay on this computer, and no "
            "table shows them. Export their days once more; `rokt referrals import` takes them."
        ),
    }[became]
