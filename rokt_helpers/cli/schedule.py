"""``rokt schedule``: what runs next and what ran last; and the schedule for other programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from rokt_helpers.cli.output import as_json, choose_profile, say, table
from rokt_helpers.cli.run import SCHEDULE
from rokt_helpers.clock import Clock
from rokt_helpers.schedule import Coming, Entry, LastRun, ScheduleState, coming, read_schedule
from rokt_helpers.schedule.definitions import FORMS, Place, definition
from rokt_helpers.settings import load_settings

__all__ = ["command"]

_COLUMNS: Final = {
    "name": "entry",
    "when": "when",
    "next": "next",
    "last": "last",
    "ended": "ended",
    "sentence": "it said",
}
_BELOW: Final = "cannot run, see below"
_MOST_CHARACTERS: Final = 60


@click.command("schedule")
@click.argument("schedule", type=click.Path(path_type=Path), default=SCHEDULE)
@click.option(
    "--write",
    type=click.Choice(list(FORMS)),
    help="Print what makes that program call `rokt run --due` instead.",
)
@choose_profile
@as_json
def command(*, schedule: Path, write: str | None, profile: str | None, as_json: bool) -> None:
    """Show when each entry of SCHEDULE runs next, and how it ended last.

    `rokt run --due` runs what is due; with --write crontab, systemd or github this prints what
    calls it every few minutes. Nothing is installed.
    """
    entries, settings = read_schedule(schedule), load_settings(profile)
    if write is not None:
        place = Place(
            project=Path.cwd(),
            program=_program(),
            schedule=schedule,
            profile=settings.profile,
            runs=settings.folder / "runs",
            account=settings.account,
        )
        text = definition(write, entries, place)
        say({"form": write, "text": text}, [text.removesuffix("\n")], as_json=as_json)
        for fault in _faults(entries):
            click.echo(f"rokt: {fault}", err=True)
        return
    state, now = ScheduleState(settings.account_folder / "schedule.json"), Clock().now()
    on = {one.entry.name: one for one in coming(entries, state.last_runs(), now)}
    rows = [_row(entry, state[entry.name], on.get(entry.name)) for entry in entries]
    lines = table([_shown(row) for row in rows], _COLUMNS) if rows else ["There are no entries."]
    lines += _faults(entries)
    say({"entries": rows}, lines, as_json=as_json)


def _faults(entries: Iterable[Entry]) -> list[str]:
    """Say of each entry that is on and cannot run why."""
    faults = {entry.name: entry.fault for entry in entries if entry.enabled}
    return [f"{name} cannot run: {fault}" for name, fault in faults.items() if fault]


def _row(entry: Entry, last: LastRun | None, follows: Coming | None) -> dict[str, Any]:
    return {
        "name": entry.name,
        "notebook": str(entry.notebook),
        "when": entry.when,
        "time_zone": entry.time_zone,
        "enabled": entry.enabled,
        "due": follows is not None and follows.is_due,
        "next": follows.moment.isoformat(timespec="seconds") if follows else None,
        "fault": entry.fault if entry.enabled else "",
        "last": None if last is None or last.started is None else asdict(last),
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Say it in the entry's own time, and in words."""
    zone, last = ZoneInfo(row["time_zone"]), row["last"]
    following = "off" if row["next"] is None else "now" if row["due"] else _local(row["next"], zone)
    if last is None:
        return {**row, "next": following, "sentence": _BELOW if row["fault"] else None}
    code = last["exit_code"]
    ended = "did not end" if code is None else "done" if code == 0 else f"exit code {code}"
    sentence = last["sentence"]
    if len(sentence) > _MOST_CHARACTERS:
        sentence = f"{sentence[: _MOST_CHARACTERS - 1]}…"
    sentence = _BELOW if row["fault"] else sentence
    told = {"last": _local(last["started"], zone), "ended": ended, "sentence": sentence}
    return {**row, "next": following, **told}


def _local(moment: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(zone):%a %d %b %H:%M}"


def _program() -> Path:
    """Return the program ``rokt`` of this environment."""
    found = shutil.which("rokt", path=str(Path(sys.executable).parent)) or shutil.which("rokt")
    return Path(found) if found else Path(sys.executable).with_name("rokt")
