"""``rokt notebooks``: a folder to work in, for whoever installed the package with pip."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from rokt_helpers.cli.output import as_json, say
from rokt_helpers.sandbox import write_practice_lists
from rokt_helpers.starter import copy_starter

__all__ = ["command"]


@click.command("notebooks")
@click.argument("folder", type=click.Path(path_type=Path))
@as_json
def command(folder: Path, as_json: bool) -> None:  # noqa: FBT001  click's way
    """Copy the notebooks, their parameters and JupyterLab's settings into FOLDER.

    What is there already is never written over: your own changes stay, and are named. A new inbox
    is filled with lists to practise on.
    """
    folder = folder.expanduser()
    inbox = folder / "inbox"
    is_new = not inbox.exists()
    copied = copy_starter(folder)
    if is_new:  # the parameters name these lists; an inbox in use is left as it is
        write_practice_lists(inbox)
    is_here = folder.resolve() == Path.cwd()
    lines = [f"{len(copied.written):,} files written to {'this folder' if is_here else folder}."]
    if copied.kept:
        kept = ", ".join(copied.kept)
        lines.append(
            f"Kept, because they differ from what this version brings: {kept}. To see its own, "
            "copy into a new folder."
        )
    lines.append(
        "Go on here: `rokt lab`." if is_here else f"Go on there: cd {folder}, then `rokt lab`."
    )
    say(asdict(copied), lines, as_json=as_json)
