"""``rokt lab``: the notebooks in JupyterLab, or as pages without cells, with a sandbox beside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from rokt_helpers.cli.output import choose_account
from rokt_helpers.errors import SettingsError
from rokt_helpers.extras import how_to_install
from rokt_helpers.runner.shown import show_runs
from rokt_helpers.sandbox import Sandbox, write_practice_lists
from rokt_helpers.settings import load_settings

__all__ = ["command"]

_NOTEBOOKS: Final = Path("notebooks")
_START_PAGE: Final = _NOTEBOOKS / "00_start_here.ipynb"
_INBOX: Final = Path("inbox")
_CONFIG: Final = Path(".jupyter")


@click.command("lab", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.option("--view", is_flag=True, help="Pages without cells, for people who only use forms.")
@choose_account
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...], *, view: bool) -> None:
    """Open the notebooks. Further ARGUMENTS go to JupyterLab, or to Voila with --view.

    In the sandbox profile a sandbox runs as long as JupyterLab does. Both listen on this computer
    only, and ask for a token, which is in the address they open.
    """
    if not _START_PAGE.exists():
        raise SettingsError(
            f"{_START_PAGE} is not here. Call `rokt lab` in the project folder; `rokt notebooks "
            "FOLDER` makes one."
        )
    words = _view(arguments) if view else _lab(arguments)
    settings = load_settings()
    with ExitStack() as running:
        environment = _environment()
        if not settings.leaves_this_computer and not settings.api_url:
            sandbox = running.enter_context(Sandbox())
            environment.update(sandbox.environment)
            click.echo(f"A sandbox is running; look inside at {sandbox.url}", err=True)
            _put_lists_to_practise_on()
        show_runs(settings.folder / "runs", project=Path.cwd(), profile=settings.profile)
        sys.exit(_serve(words, environment))


def _put_lists_to_practise_on() -> None:
    """Fill the inbox; one that may only be read, as a container's often is, stays as it is."""
    try:
        write_practice_lists(_INBOX)
    except OSError as error:
        click.echo(f"No lists to practise on were put into {_INBOX}/: {error.strerror}.", err=True)


def _lab(arguments: Sequence[str]) -> list[str]:
    if find_spec("jupyterlab") is None:
        raise SettingsError(f"JupyterLab is not installed: {how_to_install('lab')}.")
    # In a container one is often root, which JupyterLab refuses unless it is told.
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    extensions = str((_CONFIG / "labextensions").resolve())
    return [
        "-m", "jupyterlab", *as_root, f"--LabServerApp.extra_labextensions_path={extensions}",
        *arguments,
    ]  # fmt: skip


def _view(arguments: Sequence[str]) -> list[str]:
    if find_spec("voila") is None:
        raise SettingsError(f"Voila is not installed: {how_to_install('view')}.")
    return ["-m", "rokt_helpers.cli.view", str(_NOTEBOOKS), *arguments]


def _environment() -> dict[str, str]:
    """Return the environment of the server: our settings first, a person's own kept."""
    given = os.environ.get("JUPYTER_CONFIG_PATH", "")
    path = os.pathsep.join(filter(None, (str(_CONFIG.resolve()), given)))
    return {**os.environ, "JUPYTER_CONFIG_PATH": path}


def _serve(words: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen([sys.executable, *words], env=environment) as server:
        # Whoever ends us ends the server too, and that ends its kernels.
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                # The server got it too, and asks whether to stop.
                continue
