"""``rokt forget``: remove a person, or old runs, from what the workbench remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.cli.person import read_person
from rokt_helpers.errors import InputError
from rokt_helpers.workbench import open_workbench

__all__ = ["command"]


@click.command("forget")
@click.option(
    "--person",
    type=click.Path(path_type=Path),
    help="A file with the address of one person. A file, because a command line is remembered by "
    "the shell.",
)
@click.option(
    "--runs-older-than",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Runs that began longer ago.",
)
@choose_profile
@as_json
def command(
    person: Path | None,
    runs_older_than: int | None,
    profile: str | None,
    as_json: bool,  # noqa: FBT001  click's way
) -> None:
    """Remove a person, or old runs, from what is kept on this computer; no list at Rokt changes."""
    if (person is None) == (runs_older_than is None):
        raise InputError("Name what to forget: --person FILE, or --runs-older-than DAYS.")
    with open_workbench(profile) as workbench:
        if person is not None:
            found = workbench.forget_person(read_person(person))
            result: dict[str, Any] = {
                "runs_with_the_person": found.runs,
                "referrals_of_the_person": found.referrals,
                "files_not_searched": found.files_not_searched,
            }
            said = (
                f"Runs that named the person: {found.runs:,}, and none does now. Their referrals "
                f"that were kept: {found.referrals:,}, and none is now. On the lists at Rokt "
                "nothing changed: exclude them there if they are to leave these, too."
            )
            if found.files_not_searched:
                said += (
                    f" Not searched: {found.files_not_searched:,} files of referrals that could "
                    "not be read or were pushed and not taken over. `rokt referrals fetch` takes "
                    "over what was pushed; notebook 40 lists what lies aside, to read it once more "
                    "or remove it."
                )
        else:
            gone = workbench.forget_runs(older_than_days=runs_older_than or 0)
            result = {"runs_forgotten": gone}
            said = (
                f"Runs forgotten: {gone:,}. They can no longer be undone or resumed, and delta, "
                "mirror and the history of lists know nothing of them."
            )
    say(result, [said], as_json=as_json)
