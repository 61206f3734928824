"""``rokt run``: a notebook without a person, strictly; or whatever the schedule says is due."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.clock import Clock
from rokt_helpers.errors import GuardError, RoktError, spoken
from rokt_helpers.notices import is_time
from rokt_helpers.runner import Stop, alone, check_parameters, read_parameters
from rokt_helpers.schedule import ScheduleState, due, read_schedule, watched
from rokt_helpers.settings import Settings, load_settings

__all__ = ["command"]

SCHEDULE = Path("params/schedule.yml")


def _finite(
    _context: click.Context, _option: click.Parameter, minutes: float | None
) -> float | None:
    """Refuse nan and inf, which are more than 0 to the range and no end to the run."""
    if minutes is not None and not math.isfinite(minutes):
        raise click.BadParameter("It should be a number of minutes.")
    return minutes


@click.command("run")
@click.argument("notebook", type=click.Path(path_type=Path), required=False)
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of parameters (YAML); a later one goes over an earlier one.",
)
@click.option(
    "-p",
    "--param",
    "pairs",
    multiple=True,
    type=(str, str),
    metavar="NAME VALUE",
    help="One parameter; it goes over every file.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="MINUTES",
    help="End the notebook after so many minutes, between two batches.",
)
@click.option(
    "--due", "is_due", is_flag=True, help="Run what the schedule says is due, one after the other."
)
@click.option(
    "--schedule",
    type=click.Path(path_type=Path),
    help=f"With --due: the file of the schedule; {SCHEDULE} without it.",
)
@click.option("--tell", is_flag=True, help="Tell people how NOTEBOOK ended, if that changed.")
@choose_profile
@as_json
def command(
    *,
    notebook: Path | None,
    files: tuple[Path, ...],
    pairs: tuple[tuple[str, str], ...],
    time_limit: float | None,
    is_due: bool,
    schedule: Path | None,
    tell: bool,
    profile: str | None,
    as_json: bool,
) -> int:
    """Run NOTEBOOK with checked parameters; -p goes over -f, later over earlier.

    With --due run what params/schedule.yml says is due, one after the other: the one line that a
    crontab or a timer needs. It tells people what changed; for a scheduler of your own --tell does
    the same for NOTEBOOK. Ctrl-C and SIGTERM end a run after the batch that is on its way.
    """
    if is_due and (notebook or files or pairs or time_limit):
        raise click.UsageError("--due takes notebooks, parameters and limits from the schedule.")
    if is_due and tell:
        raise click.UsageError("--due tells people by itself.")
    if not is_due and (notebook is None or schedule):
        raise click.UsageError("Name a notebook, or pass --due.")
    settings = load_settings(profile)
    os.environ["ROKT_PROFILE"] = settings.profile  # the kernel inherits it
    if notebook is None:
        return _due(schedule or SCHEDULE, settings, as_json=as_json)
    with _told(notebook, settings) if tell else nullcontext():
        parameters: dict[str, Any] = {}
        for path in files:
            parameters.update(read_parameters(path))
        parameters = check_parameters(notebook, parameters, texts=dict(pairs))
        return _one(notebook, parameters, settings, time_limit, as_json=as_json)


def _one(
    notebook: Path,
    parameters: dict[str, Any],
    settings: Settings,
    minutes: float | None,
    *,
    as_json: bool,
) -> int:
    from rokt_helpers.runner import run_notebook  # after the checks: it takes a second to load

    with Stop().on_signals() as stop:
        run = run_notebook(
            notebook,
            parameters=parameters,
            runs=settings.folder / "runs",
            locks=settings.folder / "locks",
            stop=stop,
            time_limit_seconds=None if minutes is None else minutes * 60,
            account=settings.account,
        )
    line = f"{run.notebook}: done in {run.seconds:,.0f} s. {run.sentence} {run.folder}"
    result = {"notebook": run.notebook, "folder": str(run.folder), "result": run.result}
    say(result, [" ".join(line.split())], as_json=as_json)
    return 0


def _due(schedule: Path, settings: Settings, *, as_json: bool) -> int:
    """Run what is due; print a line for each as it ends, and nothing where nothing is due."""
    ran = False
    # Before the telling: seen from another file, what failed by the right one would look mended.
    ScheduleState(settings.account_folder / "schedule.json").refuse_another(schedule)

    def told(outcome: object) -> None:
        nonlocal ran
        ran = True
        if not as_json:
            click.echo(str(outcome))

    try:
        return _run_due(schedule, settings, on_outcome=told, as_json=as_json)
    except GuardError as error:
        # Cron looks again while a long run is under way, and would mail its every complaint.
        if error.guard != "busy" or sys.stderr.isatty():
            raise
        say({"ran": [], "exit_code": 0, "busy": str(error)}, [], as_json=as_json)
        return 0
    finally:
        _tell(settings, schedule, ran=ran)


def _run_due(
    schedule: Path, settings: Settings, *, on_outcome: Callable[[object], None], as_json: bool
) -> int:
    entries = read_schedule(schedule)
    # Two accounts may share a schedule, or have one each: what ran last is known of each by itself.
    clock, own = Clock(), settings.account_folder
    with (
        Stop().on_signals() as stop,
        alone("rokt run --due", key="due", locks=own / "locks", clock=clock),
    ):
        state, now = ScheduleState(own / "schedule.json"), clock.now()
        state.belong_to(schedule)
        dues = due(entries, state.last_runs(), now)
        state.meet(entries, now, due=dues)
        if not dues:
            say({"ran": [], "exit_code": 0}, [], as_json=as_json)
            return 0
        from rokt_helpers.schedule.running import run_each, worst

        outcomes = run_each(
            dues,
            state=state,
            folder=settings.folder,
            account=settings.account,
            stop=stop,
            clock=clock,
            on_outcome=on_outcome,
        )
    code = worst(outcome.exit_code for outcome in outcomes)
    say({"ran": [asdict(one) for one in outcomes], "exit_code": code}, [], as_json=as_json)
    return code


@contextmanager
def _told(notebook: Path, settings: Settings) -> Iterator[None]:
    """Write down how the run in the block ends, and tell people if that is news."""
    try:
        with watched(notebook, folder=settings.account_folder, clock=Clock()):
            yield
    finally:
        _tell(settings, None, ran=True)


def _tell(settings: Settings, schedule: Path | None, *, ran: bool) -> None:
    """Tell people what changed. What goes wrong here is said, and changes nothing about the run."""
    try:
        if is_time(settings, Clock().now(), ran=ran):
            from rokt_helpers.attention import schedule_of
            from rokt_helpers.notices import tell

            for failure in tell(settings, schedule or schedule_of(settings)).failures:
                click.echo(f"rokt: {failure} It is told at the next look.", err=True)
    except RoktError as error:
        click.echo(f"rokt: Nobody could be told: {error}", err=True)
    except Exception as error:  # noqa: BLE001  foreign words may hold a value
        click.echo(f"rokt: Nobody could be told: {spoken(error)}.", err=True)
