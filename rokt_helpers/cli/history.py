"""``rokt history``: what was delivered, to which list, when; and a list as it was on a day."""

from __future__ import annotations

import difflib
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from rokt_helpers.cli.output import as_json, choose_profile, say, table
from rokt_helpers.cli.person import read_person
from rokt_helpers.errors import InputError
from rokt_helpers.workbench import Workbench, open_workbench

__all__ = ["command"]

_COLUMNS = {
    "started_at": "started (UTC)",
    "list": "list",
    "action": "action",
    "mode": "mode",
    "via": "via",
    "rows": "planned",
    "rows_confirmed": "confirmed",
    "status": "status",
    "allowed": "guards passed",
    "run_id": "run",
}


@click.command("history")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    metavar="RUNS",
    default=20,
    show_default=True,
    help="How many runs to show.",
)
@click.option("--list", "list_name", help="Show only this list.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Show that list as it was at the end of the day (UTC).",
)
@click.option(
    "--to", type=click.DateTime(["%Y-%m-%d"]), help="With --on: count who came and went until then."
)
@click.option(
    "--person",
    type=click.Path(path_type=Path),
    help="Show the lists of a person; a file with one address.",
)
@click.option(
    "--page", type=click.Path(path_type=Path), help="Write months of runs as one HTML page."
)
@click.option(
    "--days",
    type=click.IntRange(7, 3_660),
    metavar="DAYS",
    default=92,
    show_default=True,
    help="With --page: how far it looks back.",
)
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path),
    help="Write figures of the last runs for node_exporter, as a .prom file.",
)
@choose_profile
@as_json
def command(
    *,
    last: int,
    list_name: str | None,
    on: datetime | None,
    to: datetime | None,
    person: Path | None,
    page: Path | None,
    days: int,
    prometheus: Path | None,
    profile: str | None,
    as_json: bool,
) -> None:
    """Show the last deliveries, newest first; or a list on a day; or the lists of a person.

    --page writes months of deliveries and notebooks as one HTML page, with what was not as usual;
    --prometheus writes figures of the last ones for node_exporter.

    All of it as far as this ledger made it: Rokt cannot be asked who is on a list.
    """
    with open_workbench(profile) as workbench:
        if page is not None or prometheus is not None:
            _refuse_together(list_name, on, to, person)
            result, lines = _watched(workbench, page, prometheus, days)
        elif person is not None:
            result, lines = _of_person(workbench, person)
        elif on is not None or to is not None:
            result, lines = _on_days(workbench, list_name, on, to)
        else:
            result, lines = _runs(workbench, last, list_name)
    say(result, lines, as_json=as_json)


def _refuse_together(*others: object) -> None:
    if any(other is not None for other in others):
        raise InputError("--page and --prometheus are of all runs: leave the other choices out.")


def _watched(
    workbench: Workbench, page: Path | None, prometheus: Path | None, days: int
) -> tuple[dict[str, Any], list[str]]:
    """Write the page, the figures, or both."""
    from rokt_helpers import watching  # loads what draws charts, which a table needs not

    now, settings = workbench.clock.now(), workbench.settings
    keeps = timedelta(days=settings.referrals_retention_days)
    watched = watching.watch(
        # One that is under way has nothing to tell yet.
        [
            run
            for run in workbench.history(None)
            if run.status != "started" or not workbench.is_under_way(run)
        ],
        profile=workbench.profile,
        runs=settings.folder / "runs",
        files=workbench.desk.vault().files(),
        left=[
            watching.LeftToExpire(file.name, file.modified + keeps)
            for file in workbench.desk.waiting()
        ],
        now=now,
    )
    counts = {"deliveries": len(watched.deliveries), "notebooks": len(watched.notebooks)}
    lines = []
    if page is not None:
        watching.history_page(watched, now=now, days=days).write(page)
        lines.append(f"Runs of the last {days:,} days: {page}")
    if prometheus is not None:
        watching.write_metrics(watched, prometheus, now=now)
        lines.append(f"Figures of the last runs: {prometheus}")
    return {"page": page, "prometheus": prometheus, "days": days, **counts}, lines


def _runs(
    workbench: Workbench, last: int, list_name: str | None
) -> tuple[dict[str, Any], list[str]]:
    runs = [
        asdict(receipt.run) | {"rows_confirmed": receipt.rows_confirmed}
        for receipt in workbench.receipts(last, list=list_name)
    ]
    if list_name is not None and not runs:
        _refuse_unknown(workbench, list_name)
    shown = [
        {
            **run,
            "started_at": run["started_at"][:19].replace("T", " "),
            "allowed": run["allowed"].replace(",", ", ") or None,
        }
        for run in runs
    ]
    return {"runs": runs}, table(shown, _COLUMNS) if runs else ["Nothing was delivered yet."]


def _refuse_unknown(workbench: Workbench, list_name: str) -> None:
    """Say which lists there are, where nothing was delivered to the one that was named."""
    lists = sorted({run.list for run in workbench.history(None) if run.purpose == "audience"})
    if lists and list_name not in lists:
        by_letters = {name.casefold(): name for name in lists}
        close = difflib.get_close_matches(list_name.casefold(), by_letters, n=1)
        meant = f" Did you mean {by_letters[close[0]]!r}?" if close else ""
        raise InputError(
            f"Nothing was ever delivered to a list {list_name!r} from here.{meant} "
            "`rokt history` shows the lists."
        )


def _on_days(
    workbench: Workbench, list_name: str | None, on: datetime | None, to: datetime | None
) -> tuple[dict[str, Any], list[str]]:
    if list_name is None or on is None:
        raise InputError("Name the list and the day: --list L --on DATE, and --to DATE besides.")
    _refuse_unknown(workbench, list_name)
    today = workbench.clock.now().date()
    for day in (on, to or on):
        if day.date() > today:
            raise InputError(f"{day:%Y-%m-%d} has not come yet; today is {today} (UTC).")
    if to is not None and to < on:
        raise InputError(f"--to {to:%Y-%m-%d} is before --on {on:%Y-%m-%d}; --on is the earlier.")
    then = workbench.people_on(list_name, on=_end_of(on))
    result: dict[str, Any] = {"list": list_name, "on": f"{on:%Y-%m-%d}", "people": len(then)}
    lines = [f"{len(then):,} people were on list {list_name!r} at the end of {on:%Y-%m-%d} (UTC)."]
    if to is not None:
        later = workbench.people_on(list_name, on=_end_of(to))
        came, went = then.changes_to(later)
        result |= {"to": f"{to:%Y-%m-%d}", "people_then": len(later), "came": came, "went": went}
        lines.append(
            f"Until the end of {to:%Y-%m-%d} {came:,} came and {went:,} went: {len(later):,}."
        )
    return result, lines


def _end_of(day: datetime) -> datetime:
    """Return the last moment of a day, or this one where the day is not over."""
    end = datetime.combine(day.date(), time.min, UTC) + timedelta(days=1)
    return end - timedelta(milliseconds=1)


def _of_person(workbench: Workbench, person: Path) -> tuple[dict[str, Any], list[str]]:
    lists = workbench.lists_of(read_person(person))
    lines = [f"on list {name!r}" for name in lists] or ["On no list that this ledger made."]
    return {"lists": lists}, lines
