"""``rokt status``: what needs a person, what runs next, who was told; and telling them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from rokt_helpers.attention import Concern, concerns, schedule_of
from rokt_helpers.cli.output import as_json, choose_profile, say
from rokt_helpers.clock import Clock
from rokt_helpers.errors import InputError
from rokt_helpers.notices import Telling, ToldState, tell, told_file
from rokt_helpers.notices.receivers import count_receivers
from rokt_helpers.schedule import ScheduleState, coming, read_schedule
from rokt_helpers.settings import Settings, load_settings
from rokt_helpers.workbench import Workbench

__all__ = ["command"]

_NEXT: Final = 5


@click.command("status")
@click.option(
    "--schedule",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The schedule; without it the nearest params/schedule.yml upwards.",
)
@click.option("--look", is_flag=True, help="Look on the SFTP whether files were taken since.")
@click.option("--tell", "is_told", is_flag=True, help="Tell people what is new to them.")
@choose_profile
@as_json
def command(
    *, schedule: Path | None, look: bool, is_told: bool, profile: str | None, as_json: bool
) -> int:
    """Show what needs a person now; with --tell, tell whoever ROKT_NOTIFY names.

    Rokt is not asked. The exit code is 0 when nothing needs a person, and 1 otherwise: with --tell
    it is the line for a watchdog, which runs when the schedule itself does not.
    """
    settings = load_settings(profile)
    schedule = schedule or schedule_of(settings)
    told = tell(settings, schedule) if is_told else Telling(_seen(settings, schedule, look=look))
    follows = _follows(settings, schedule)
    code = 1 if told.concerns or told.failures else 0
    state = ToldState.read(told_file(settings))
    result = {
        "profile": settings.profile,
        "account": settings.account_id,
        "concerns": [asdict(one) for one in told.concerns],
        "next": follows,
        "notices": {
            "receivers": count_receivers(settings),
            "told_now": [asdict(one) for one in told.sent],
            "failures": list(told.failures),
            "last": [asdict(one) for one in state.sent[:5]],
        },
        "exit_code": code,
    }
    say(result, _lines(settings, told, follows, state), as_json=as_json)
    return code


def _seen(settings: Settings, schedule: Path | None, *, look: bool) -> tuple[Concern, ...]:
    with Workbench(settings) as workbench:
        if look:
            workbench.look_for_pickups()
        return tuple(concerns(workbench, schedule, workbench.clock.now()))


def _follows(settings: Settings, schedule: Path | None) -> list[dict[str, Any]]:
    """Return what runs next; that a schedule cannot be read is among the concerns."""
    try:
        entries = read_schedule(schedule) if schedule else []
        last_runs = ScheduleState(settings.account_folder / "schedule.json").last_runs()
    except InputError:
        return []
    found = sorted(coming(entries, last_runs, Clock().now()), key=lambda one: one.moment)
    return [
        {
            "name": one.entry.name,
            "next": one.moment.isoformat(timespec="minutes"),
            "due": one.is_due,
        }
        for one in found
    ]


def _lines(
    settings: Settings, told: Telling, follows: list[dict[str, Any]], state: ToldState
) -> Iterator[str]:
    account = f", account {settings.account_id}" if settings.account_id else ""
    number = len(told.concerns)
    needs = {0: "Nothing needs a person.", 1: "1 thing needs a person."}
    yield f"Profile {settings.profile}{account}. " + needs.get(
        number, f"{number:,} things need a person."
    )
    for one in told.concerns:
        yield f"  {one.kind}  since {one.since:%Y-%m-%d %H:%M} UTC"
        yield f"    {one.sentence}"
        yield f"    {one.advice}"
    if follows:
        spoken = (
            f"{row['name']} {'now' if row['due'] else _spoken(row['next'])}"
            for row in follows[:_NEXT]
        )
        rest = len(follows) - _NEXT
        more = f", and {rest:,} more" if rest > 0 else ""
        yield f"Next: {'; '.join(spoken)} (UTC){more}."
    yield from _notices(settings, told, state)


def _notices(settings: Settings, told: Telling, state: ToldState) -> Iterator[str]:
    count = count_receivers(settings)
    there, set_up = count["used"], count["set_up"]
    if not set_up:
        yield "Nobody is told: ROKT_NOTIFY and ROKT_NOTIFY_COMMAND are not set."
    elif there < set_up:
        yield (
            f"{set_up - there:,} of {set_up:,} receivers are on other machines, and the sandbox "
            "tells nobody there."
        )
    for sent in told.sent:
        yield f"Told {sent.to}: {sent.subject}"
    for failure in told.failures:
        yield f"NOT told: {failure} It is tried again at the next look."
    if state.sent and not told.sent:
        last = state.sent[0]
        yield f"Last notice: {_spoken(last.at)} UTC to {last.to}: {last.subject}"


def _spoken(moment: str) -> str:
    return moment[:16].replace("T", " ")
