"""``rokt lab``: the notebooks in JupyterLab, with a sandbox beside them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import click

from rokt_helpers.errors import SettingsError
from rokt_helpers.sandbox import Sandbox, write_practice_lists
from rokt_helpers.settings import load_settings

__all__ = ["command"]

_START_PAGE = Path("notebooks/00_start_here.ipynb")
_INBOX = Path("inbox")


@click.command("lab", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Open the notebooks. Further ARGUMENTS go to JupyterLab.

    In the sandbox profile a sandbox runs as long as JupyterLab does.
    """
    if find_spec("jupyterlab") is None:
        raise SettingsError(
            "JupyterLab is not installed. Run `python run.py lab` once, or, where you installed "
            "with pip: pip install jupyterlab."
        )
    if not _START_PAGE.exists():
        raise SettingsError(
            f"{_START_PAGE} is not here. Call `rokt lab` in the project folder; `rokt notebooks "
            "FOLDER` makes one."
        )
    settings = load_settings()
    with ExitStack() as running:
        environment = dict(os.environ)
        if not settings.leaves_this_computer and not settings.api_url:
            sandbox = running.enter_context(Sandbox())
            environment.update(sandbox.environment)
            click.echo(f"A sandbox is running; look inside at {sandbox.url}", err=True)
            write_practice_lists(_INBOX)
        sys.exit(_jupyter(arguments, environment))


def _jupyter(arguments: tuple[str, ...], environment: dict[str, str]) -> int:
    config = Path(".jupyter").resolve()
    environment["JUPYTER_CONFIG_PATH"] = str(config)
    as_root = ("--allow-root",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    command_line = [sys.executable, "-m", "jupyterlab", *as_root, *arguments]
    with subprocess.Popen(command_line, env=environment) as lab:
        # Whoever ends us ends JupyterLab too, and that ends its kernels.
        signal.signal(signal.SIGTERM, lambda *_: lab.terminate())
        while True:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                # JupyterLab got it too, and asks whether to stop.
                continue
