"""The group of verbs, each loaded when it is called, and errors turned into exit codes."""

from __future__ import annotations

import difflib
import json
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import click

from rokt_helpers.cli.manual import epilog
from rokt_helpers.cli.pages import PAGES
from rokt_helpers.errors import DeliveryError, RoktError, spoken, system_reason

__all__ = ["app", "main"]

VERBS: Final = {
    "prepare": "Clean a list and write the identifiers Rokt matches.",
    "doctor": "Say what is wrong with a list of digests, and how to mend it.",
    "compare": "Hold two lists against one another: what they share, who conflicts, who came.",
    "deliver": "Show the plan for a list; with --send, deliver it.",
    "approvals": "Show the plans that wait for a second person.",
    "release": "Show a plan that another person asked for; with --send, send exactly it.",
    "undo": "Show what would take a run back; with --send, take it back.",
    "conversions": "Show the plan for a file of people who bought; with --send, deliver it.",
    "migration": "Compare what Rokt's older and newer interfaces would carry of a source.",
    "history": "Show what was delivered, to which list, when; and a list as it was.",
    "share": "Show what of this computer the team would get; with --bring, bring it there.",
    "forget": "Remove a person, or old runs, from what the workbench remembers.",
    "check": "Prove credentials, host key and folders; writes nothing.",
    "contract": "Show Rokt's rules, how far to trust each, and what to ask the account manager.",
    "referrals": "Collect and look at the referrals Rokt delivers.",
    "sandbox": "Run Rokt in a box on this computer.",
    "run": "Run a notebook without a person, strictly; or what is due.",
    "status": "Show what needs a person now; with --tell, tell them.",
    "schedule": "Show what runs next and what ran last; write it for cron and others.",
    "notebooks": "Copy the notebooks and their parameters into a folder to work in.",
    "lab": "Open the notebooks in JupyterLab, or without cells.",
}
_CANCELLED: Final = 130


class _Verbs(click.Group):
    """Knows every verb's name and sentence, and imports a verb only to call it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"rokt_helpers.cli.{cmd_name}").command
        _add_page(command, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        close = difflib.get_close_matches(args[0], VERBS, n=1)
        if close and args[0] not in VERBS:
            raise click.UsageError(f"There is no verb {args[0]!r}. Did you mean {close[0]}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _add_page(command: click.Command, path: str) -> None:
    """Put examples, exit codes, files and environment below the options of a verb."""
    if path in PAGES:
        command.epilog = epilog(PAGES[path])
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            _add_page(below, f"{path} {name}")


@click.command(
    cls=_Verbs,
    epilog=epilog(PAGES[""]),
    context_settings={"help_option_names": ["-h", "--help"]},
)
def app() -> None:
    """Prepare audiences for Rokt, deliver them, and collect referrals.

    Everything goes to a sandbox on this computer unless ROKT_PROFILE=live, and nothing is sent
    without --send.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run ``rokt`` and end the process with its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        with _the_system_heard():
            code = app.main(words, prog_name="rokt", standalone_mode=False)
    except click.exceptions.Abort as error:
        sys.exit(_fail(_who_stopped(error), "Cancelled", _CANCELLED, words))
    except click.ClickException as error:
        sys.exit(_fail(error.format_message(), "UsageError", error.exit_code, words))
    except DeliveryError as error:
        facts = {"receipt": error.receipt.to_dict()} if error.receipt else {}
        sys.exit(_fail(str(error), type(error).__name__, error.exit_code, words, **facts))
    except RoktError as error:
        sys.exit(_fail(str(error), type(error).__name__, error.exit_code, words))
    except Exception as error:  # noqa: BLE001  no traceback may show a person's data
        sys.exit(_fail(_unexpected(error), type(error).__name__, 1, words))
    sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def _the_system_heard() -> Iterator[None]:
    """Let SIGTERM end a verb as Ctrl-C does; verbs with an ending of their own go over this.

    The first process of a container ignores a SIGTERM that nobody listens for, and is killed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt("Stopped by the system.")


def _who_stopped(error: click.exceptions.Abort) -> str:
    """Return the sentence: Python's own interrupt has no words, ours has."""
    cause = error.__cause__
    heard = str(cause) if isinstance(cause, KeyboardInterrupt) else ""
    return heard or "Stopped from the keyboard."


def _fail(message: str, kind: str, code: int, words: list[str], **facts: Any) -> int:
    click.echo(f"rokt: {message}", err=True)
    if "--json" in words:
        said = {"error": kind, "message": message, "exit_code": code, **facts}
        click.echo(json.dumps(said, ensure_ascii=False, default=str))
    return code


def _unexpected(error: Exception) -> str:
    """Return where in the code it happened; another library's words could show a value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    unless = "Unless the system's reason explains it, this" if system_reason(error) else "This"
    return (
        f"Something unforeseen happened: {spoken(error)} at {place}. "
        f"{unless} is a bug in the workbench; please report this line."
    )
