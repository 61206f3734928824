"""``rokt sandbox``: Rokt in a box, until Ctrl-C."""

from __future__ import annotations

import json
import shlex
import signal
from contextlib import suppress
from pathlib import Path
from threading import Event

import click

from rokt_helpers.cli.output import as_json, say
from rokt_helpers.files import write_private
from rokt_helpers.sandbox import Sandbox

__all__ = ["command"]


@click.command("sandbox")
@click.option(
    "--port", default=0, show_default=True, help="The port of the API; 0 takes a free one."
)
@click.option(
    "--sftp-port", default=0, show_default=True, help="The port of the SFTP; 0 takes a free one."
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    help="A file to write the settings to, in the form of .env.",
)
@as_json
def command(port: int, sftp_port: int, env_file: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Run Rokt's side of the wires on this computer. Nothing leaves it, nobody can be hurt."""
    # Both ways to end it are the way it is meant to end, and both tidy up; said of each, because a
    # shell that starts something in the background lets it ignore Ctrl-C.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Sandbox(port=port, sftp_port=sftp_port) as sandbox:
        settings = sandbox.environment
        lines = [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
        if env_file is not None:
            text = "".join(f"{name}={json.dumps(value)}\n" for name, value in settings.items())
            write_private(env_file, lambda part: part.write_text(text, encoding="utf-8"))
        result = {"url": sandbox.url, "environment": settings}
        shown = [*lines, "", f"# Look inside at {sandbox.url}", "# Stop with Ctrl-C."]
        say(result, shown, as_json=as_json)
        Event().wait()
