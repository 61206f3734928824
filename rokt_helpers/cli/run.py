"""``rokt run``: a notebook without a person, strictly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.runner import check_parameters, read_parameters, run_notebook
from rokt_helpers.settings import load_settings

__all__ = ["command"]


@click.command("run")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-f", "--file", "files", multiple=True, type=click.Path(path_type=Path), help="params/*.yml"
)
@click.option("-p", "--param", "pairs", multiple=True, type=(str, str), help="NAME VALUE")
@choose_profile
@as_json
def command(
    notebook: Path,
    files: tuple[Path, ...],
    pairs: tuple[tuple[str, str], ...],
    profile: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Run NOTEBOOK with checked parameters; -p goes over -f, later over earlier."""
    parameters: dict[str, Any] = {}
    for path in files:
        parameters.update(read_parameters(path))
    parameters = check_parameters(notebook, parameters, texts=dict(pairs))
    settings = load_settings(profile)
    os.environ["ROKT_PROFILE"] = settings.profile  # the kernel inherits it
    run = run_notebook(notebook, parameters=parameters, runs=settings.folder / "runs")
    sentence = run.result.get("sentence", "Done.")
    result = {"notebook": run.notebook, "folder": str(run.folder), "result": run.result}
    say(result, [f"{run.notebook}: {sentence}", f"Record: {run.folder}"], as_json=as_json)
