"""``rokt referrals aside``: files that could not be read, to read them anew or to remove them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from rokt_helpers.cli.output import as_json, choose_profile, say, table
from rokt_helpers.errors import InputError

if TYPE_CHECKING:
    from rokt_helpers.workbench import Workbench

__all__ = ["aside"]

_COLUMNS: Final = {"since": "since (UTC)", "id": "id", "name": "file", "reason": "why"}


@click.command("aside")
@click.argument("files", nargs=-1)
@click.option("--read", "is_read", is_flag=True, help="Read FILES anew; without a name, all.")
@click.option("--remove", is_flag=True, help="Remove FILES, which have to be named.")
@choose_profile
@as_json
def aside(
    *, files: tuple[str, ...], is_read: bool, remove: bool, profile: str | None, as_json: bool
) -> int:
    """Show the referral files that could not be read; with --read, read FILES anew.

    FILES are names or ids, as they are shown here; addresses in them are masked. What was removed
    is not collected again while it lies there as it is.
    """
    if is_read and remove:
        raise click.UsageError("Give --read or --remove, not both.")
    if files and not is_read and not remove:
        raise click.UsageError("Say what to do with FILES: --read or --remove.")
    if remove and not files:
        raise click.UsageError("Name what to remove; `rokt referrals aside` lists it.")
    from rokt_helpers.workbench import open_workbench

    with open_workbench(profile) as workbench:
        lines: list[str] = []
        unread = 0
        if is_read:
            lines, unread = _read(workbench, files)
        elif remove:
            _remove(workbench, files)
        rows = _rows(workbench)
    shown = [{**row, "since": row["since"][:16].replace("T", " ")} for row in rows]
    lines += table(shown, _COLUMNS) if rows else ["No referral file lies aside."]
    say({"aside": rows}, lines, as_json=as_json)
    return 1 if unread else 0


def _read(workbench: Workbench, files: Sequence[str]) -> tuple[list[str], int]:
    """Return what became of each file in a sentence, and how many still cannot be read."""
    vault, now = workbench.desk.vault(), workbench.clock.now()
    lines, unread = [], 0
    for row in _chosen(workbench, files):
        try:
            kept = vault.retry(row["sha256"], now=now)
        except InputError as error:
            unread += 1
            lines.append(f"{row['name']} still cannot be read: {error}")
        else:
            lines.append(f"{row['name']} was read: {kept.rows:,} of {kept.rows_in:,} rows are new.")
    return lines, unread


def _remove(workbench: Workbench, files: Sequence[str]) -> None:
    vault, now = workbench.desk.vault(), workbench.clock.now()
    for row in _chosen(workbench, files):
        vault.discard(row["sha256"], now=now)


def _chosen(workbench: Workbench, files: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of these files; of all that can be read, where none is named."""
    rows = _rows(workbench, digests=True)
    if not files:
        return [row for row in rows if row["sha256"]]
    chosen = [row for row in rows if {row["name"], row["id"], row["own_name"]} & {*files}]
    known = {word for row in chosen for word in (row["name"], row["id"], row["own_name"])}
    if set(files) - known:
        raise InputError("A file of that name or id does not lie aside. Nothing was changed.")
    if not all(row["sha256"] for row in chosen):
        raise InputError(
            "What was pushed is looked at in pushed/aside/ of the state folder, and removed there."
        )
    return chosen


def _rows(workbench: Workbench, *, digests: bool = False) -> list[dict[str, Any]]:
    from rokt_helpers.redact import scrub
    from rokt_helpers.referrals.quarantine import ID_CHARACTERS

    return [
        {
            "name": scrub(row["name"]),
            "id": row["sha256"][:ID_CHARACTERS] or None,
            "since": row["set_aside_at"].isoformat(timespec="seconds"),
            "reason": scrub(row["reason"]),
        }
        | ({"sha256": row["sha256"], "own_name": row["name"]} if digests else {})
        for row in workbench.desk.aside().to_dicts()
    ]
