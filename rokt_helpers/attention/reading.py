"""Collect what is known (schedule, run folders, ledger, vault), without a network call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rokt_helpers.attention.concern import UNREADABLE, Concern, worst_first
from rokt_helpers.attention.delivered import Delivered, last_runs, of_ledger, still_running
from rokt_helpers.attention.referred import Aside, Lying, of_aside, of_referrals
from rokt_helpers.attention.scheduled import Scheduled, of_schedule
from rokt_helpers.errors import InputError, LedgerAway, RoktError, SettingsError, Unavailable
from rokt_helpers.runner import is_running, read_parameters, read_signature
from rokt_helpers.schedule import Entry, LastRun, ScheduleState, read_schedule, watch_key
from rokt_helpers.settings import Settings
from rokt_helpers.workbench import Workbench

__all__ = [
    "concerns",
    "concerns_now",
    "concerns_without_ledger",
    "looked_at",
    "schedule_of",
    "unattended",
    "under_way",
]

_SCHEDULE: Final = Path("params/schedule.yml")
# So many runs are looked at; what is older than all of them counts no more.
_RUNS: Final = 2_000
# What runs by the schedule, and what another scheduler runs.
_STATES: Final = ("schedule", "watched")
# Why a run by hand does not settle what failed.
_SHOWS: Final = "it only shows what it would send"
_SHARED: Final = "nobody could say whose it was, for another entry has the same notebook"
_STAMP: Final = "%Y%m%dT%H%M%SZ"


def concerns_now(workbench: Workbench, *, now: datetime | None = None) -> list[Concern]:
    """Return what needs a person now, the worst first; nobody is asked over a network.

    Parameters
    ----------
    workbench
        The account to look at. The schedule is the nearest ``params/schedule.yml`` upwards.
    now
        An aware moment; None takes the workbench's clock.
    """
    schedule = schedule_of(workbench.settings)
    return concerns(workbench, schedule, now or workbench.clock.now())


def concerns(workbench: Workbench, schedule: Path | None, now: datetime) -> list[Concern]:
    """Return what needs a person at a moment, by this schedule; None is no schedule.

    What cannot be read is a concern itself, and keeps nothing else from being told.
    """
    return looked_at(workbench, schedule, now)[0]


def looked_at(
    workbench: Workbench, schedule: Path | None, now: datetime
) -> tuple[list[Concern], frozenset[str]]:
    """Return what needs a person, and the subjects of deliveries that are under way.

    Both out of one look: what runs is no concern, and was not mended either.
    """
    running: set[str] = set()

    def of_deliveries() -> list[Concern]:
        known = list(_delivered(workbench, now))
        running.update(still_running(known))
        return of_ledger(known, now)

    found = _all_of(
        (_changed_at(workbench.settings, schedule) or now, now, now),
        lambda: of_schedule(_scheduled(workbench.settings, schedule), now),
        of_deliveries,
        lambda: _referred(workbench, now),
    )
    return found, frozenset(running)


def concerns_without_ledger(
    settings: Settings, schedule: Path | None, now: datetime, why: RoktError
) -> list[Concern]:
    """Return what the schedule knows, and that ledger and vault cannot be opened.

    Parameters
    ----------
    settings
        Of the account to look at.
    why
        What opening them said.
    """

    def shut() -> list[Concern]:
        raise why

    return _all_of(
        (_changed_at(settings, schedule) or now, now, now),
        lambda: of_schedule(_scheduled(settings, schedule), now),
        shut,
        shut,
    )


def _all_of(since: Iterable[datetime], *parts: Callable[[], list[Concern]]) -> list[Concern]:
    """Ask each part; ``since`` says of each from when on it cannot be read, if it cannot."""
    found: list[Concern] = []
    for what, moment, part in zip(UNREADABLE, since, parts, strict=True):
        try:
            found += part()
        except (InputError, SettingsError, LedgerAway, Unavailable) as error:
            stands = "stand" if what == "the referrals" else "stands"
            said = f"Nobody can say how {what} {stands}: {error}"
            advice = "Do what the sentence says; until then nothing else is told of it."
            found.append(Concern("failed", what, said, advice, moment))
    return worst_first(found)


def _changed_at(settings: Settings, schedule: Path | None) -> datetime | None:
    """Return when what the schedule is read from was last changed, its rights included."""
    moments = []
    for file in (schedule, settings.account_folder / "schedule.json"):
        if file is not None:
            with suppress(OSError):  # it is not there, or cannot even be looked at
                moments.append(file.stat().st_ctime)
    return datetime.fromtimestamp(max(moments), tz=UTC) if moments else None


def under_way(folder: Path) -> frozenset[str]:
    """Return the names of unattended runs that have not ended: nobody knows yet how they will.

    Parameters
    ----------
    folder
        The account's folder.

    Raises
    ------
    InputError
        When it cannot be read what ran last.
    """
    locks = folder / "locks"
    last, watched = (ScheduleState(folder / f"{name}.json").runs() for name in _STATES)
    began = {n for n, r in last.items() if r.started is not None and r.exit_code is None}
    others = {n for n, r in watched.items() if r.exit_code is None}
    if not is_running("due", locks=locks):
        began = set()
    return frozenset(began | {n for n in others if is_running(watch_key(n), locks=locks)})


def unattended(folder: Path, schedule: Path | None) -> frozenset[str]:
    """Return the names of what runs unattended: what the schedule runs, and what others run.

    Parameters
    ----------
    folder
        The account's folder.

    Raises
    ------
    InputError
        When the schedule, or what others run, cannot be read.
    """
    entries = read_schedule(schedule) if schedule is not None else []
    others = ScheduleState(folder / "watched.json").runs()
    return frozenset([*(entry.name for entry in entries if entry.enabled), *others])


def schedule_of(settings: Settings) -> Path | None:
    """Return the schedule as seen from here or the nearest folder above that has it.

    None for a named account of which nothing ever ran by a schedule: it is another account's.
    """
    if settings.account and not (settings.account_folder / "schedule.json").exists():
        return None
    here = Path.cwd()
    found = (folder / _SCHEDULE for folder in (here, *here.parents))
    return next((path for path in found if path.is_file()), None)


def _scheduled(settings: Settings, schedule: Path | None) -> Scheduled:
    own = settings.account_folder
    last, watched = (ScheduleState(own / f"{name}.json").runs() for name in _STATES)
    known = Scheduled(last=last, watched=watched)
    pages = {name: (name, settings.account) for name in watched}
    if schedule is not None:
        entries = tuple(read_schedule(schedule))
        written = datetime.fromtimestamp(schedule.stat().st_mtime, tz=UTC)
        known = replace(known, entries=entries, written_at=written)
        pages |= {e.name: (e.notebook.stem, _account_of(e, settings)) for e in entries}
    not_by_hand = {entry.name: _SHOWS for entry in known.entries or () if _only_shows(entry)}
    not_by_hand |= dict.fromkeys(_sharing(pages), _SHARED)
    mended = _mended(settings.folder / "runs", {**watched, **last}, pages)
    return replace(known, under_way=under_way(own), mended=mended, not_by_hand=not_by_hand)


def _only_shows(entry: Entry) -> bool:
    """Tell whether an entry is one that shows what it would send, and sends nothing."""
    try:
        given, send = entry.read_parameters(), read_signature(entry.notebook).get("send")
    except InputError:  # it fails, and its run says why
        return False
    return send is not None and send.is_flag and not given.get("send", send.default)


def _sharing(pages: dict[str, tuple[str, str]]) -> frozenset[str]:
    """Return the names whose notebook another of the same account has as well."""
    shared = [*pages.values()]
    return frozenset(name for name, page in pages.items() if shared.count(page) > 1)


def _account_of(entry: Entry, settings: Settings) -> str:
    """Return the account that an entry works for: its parameters may name one."""
    try:
        named = read_parameters(entry.params).get("account") if entry.params else None
    except InputError:  # it fails, and its run says why
        named = None
    return str(named or settings.account)


def _mended(
    folder: Path, runs: dict[str, LastRun], pages: dict[str, tuple[str, str]]
) -> frozenset[str]:
    """Return the names whose notebook failed, and came to its end in a later run.

    ``pages`` has the notebook and the account of each. Of a notebook that several entries of one
    account share nobody knows whose run that was.
    """
    own = {*pages} - _sharing(pages)
    failed = {
        name: datetime.fromisoformat(run.started)
        for name, run in runs.items()
        if run.started is not None and run.exit_code != 0 and name in own
    }
    return frozenset(
        name for name, since in failed.items() if _done_since(folder, *pages[name], since)
    )


def _done_since(runs: Path, stem: str, account: str, since: datetime) -> bool:
    later = (
        path
        for path in runs.glob(f"*-{stem}-????")
        if path.name > since.astimezone(UTC).strftime(_STAMP)
    )
    return any(_settles(path, account) for path in later)


def _settles(run: Path, account: str) -> bool:
    """Tell whether a run came to its end, and did more than show what it would send."""
    try:
        log = (run / "run.log").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in log.splitlines()]
        result = json.loads((run / "result.json").read_text(encoding="utf-8"))
        first, last = lines[0], lines[-1]
        is_own = first.get("account", "") == account
        only_shown = result.get("sent") is False and result["plan"]["rows"] > 0
        ended_well = last["event"] == "ended" and last["exit_code"] == 0
        return bool(is_own and ended_well and not only_shown)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return False


def _delivered(workbench: Workbench, now: datetime) -> Iterable[Delivered]:
    settings = workbench.settings
    runs = [
        run
        for run in workbench.history(_RUNS)
        if run.profile == settings.profile and run.account == (settings.account_id or run.account)
    ]
    for run, newest in last_runs(runs, now):
        # Of what was delivered over the API nothing more is to be known.
        if run.status != "delivered" or run.via == "sftp":
            under_way = run.status == "started" and workbench.is_under_way(run)
            receipt = workbench.receipt(run.run_id)  # afterwards: it may have ended by now
            yield Delivered(receipt.run, receipt.batches, under_way=under_way, newest=newest)


def _referred(workbench: Workbench, now: datetime) -> list[Concern]:
    desk = workbench.desk
    lying = [Lying(file.name, file.modified) for file in desk.waiting()]
    aside = [
        Aside(row["name"], row["reason"], row["set_aside_at"], pushed=not row["sha256"])
        for row in desk.aside().to_dicts()
    ]
    days = workbench.settings.referrals_retention_days
    return [*of_referrals(lying, desk.gaps(), now, retention_days=days), *of_aside(aside)]
