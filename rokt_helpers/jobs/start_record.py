"""What the start page tells of runs that were, runs to come, and the pages there are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rokt_helpers.deliver.receipt import STATUS_SENTENCES
from rokt_helpers.errors import InputError
from rokt_helpers.forms.start import Card, Coming, Past, State, card_of, moment
from rokt_helpers.jobs.places import resolve
from rokt_helpers.ledger import RunRecord
from rokt_helpers.runner.shown import shown_runs
from rokt_helpers.schedule import next_run, read_schedule

__all__ = ["cards", "coming", "deliveries", "past_runs"]

_NOTEBOOKS: Final = Path("notebooks")
_SCHEDULE: Final = "params/schedule.yml"
_START: Final = "00_start_here"
_FOLDER: Final = re.compile(r"(\d{8}T\d{6}Z)-(.+)-[0-9a-f]{4}")
_PAGES: Final = {"conversions": "30_conversions.ipynb"}
_ENDED: Final[Mapping[str, State]] = {"delivered": "well", "started": "silent"}
_MOST_CHARACTERS: Final = 160


def cards() -> tuple[Card, ...]:
    """Return a card for each page beside the start page, and one for the academy.

    A page that a team adds to ``notebooks/`` has its card without a line of code.
    """
    folder = resolve(str(_NOTEBOOKS))
    pages = sorted(folder.glob("*.ipynb")) if folder.is_dir() else []
    found = [_card(page, page.name) for page in pages if page.stem != _START]
    lessons = folder / "academy" / "00_glossary.ipynb"
    if lessons.is_file():
        found.append(_card(lessons, "academy/00_glossary.ipynb"))
    return tuple(card for card in found if card is not None)


def _card(page: Path, link: str) -> Card | None:
    try:
        cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
        return card_of("".join(cells[0]["source"]), link)
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        # Half written, or none of ours: the others have their cards.
        return None


def coming(now: datetime) -> Coming:
    """Return what the schedule runs next."""
    path = resolve(_SCHEDULE)
    if not path.is_file():
        return Coming("Nothing is scheduled: there is no params/schedule.yml.")
    try:
        entries = [entry for entry in read_schedule(path) if entry.enabled]
    except InputError as error:
        return Coming(str(error))
    if not entries:
        return Coming("Nothing is scheduled: each entry of params/schedule.yml is off.")
    soonest = min(entries, key=lambda entry: next_run(entry, now))
    at = next_run(soonest, now).astimezone(soonest.zone)
    return Coming(moment(at, now), soonest.name, soonest.notebook.name)


def past_runs(runs: Path, *, profile: str, now: datetime, most: int = 5) -> tuple[Past, ...]:
    """Return the last runs of pages, newest first.

    Parameters
    ----------
    runs
        The profile's folder of runs; what in it has another name than a run is passed over.
    """
    folders = [folder for folder in _newest(runs) if not folder.name.count(_START)][:most]
    shown = resolve(str(shown_runs(profile)))
    return tuple(_past(folder, shown, now) for folder in folders)


def _newest(runs: Path) -> list[Path]:
    found = runs.iterdir() if runs.is_dir() else iter(())
    return sorted((f for f in found if _FOLDER.fullmatch(f.name)), reverse=True)


def _past(folder: Path, shown: Path, now: datetime) -> Past:
    stamp, stem = _FOLDER.fullmatch(folder.name).groups()  # type: ignore[union-attr]
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    end = _end(folder / "run.log")
    code = end.get("exit_code")
    state: State = "silent" if code is None else "well" if code == 0 else "look"
    sentence = str(end.get("sentence") or "It has not ended, or was broken off.")
    page = next(
        (name for name in ("executed.html", "executed.ipynb") if (folder / name).is_file()), ""
    )
    inside = page and (shown / folder.name / page).is_file()
    return Past(
        when=moment(at, now),
        title=_title(stem),
        page=f"{stem}.ipynb" if (resolve(str(_NOTEBOOKS)) / f"{stem}.ipynb").is_file() else "",
        state=state,
        sentence=_short(sentence),
        opens=f"../reports/runs/{shown.name}/{folder.name}/{page}" if inside else "",
        path=str(folder / page),
    )


def _end(log: Path) -> dict[str, Any]:
    """Return the last line of a run's log where it tells of the end; else nothing."""
    try:
        last = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    except (OSError, ValueError, IndexError):
        return {}
    return last if isinstance(last, dict) and last.get("event") == "ended" else {}


def _title(stem: str) -> str:
    return re.sub(r"^\d+_", "", stem).replace("_", " ").capitalize()


def _short(sentence: str) -> str:
    if len(sentence) <= _MOST_CHARACTERS:
        return sentence
    return f"{sentence[: _MOST_CHARACTERS - 1]}…"


def deliveries(history: list[RunRecord], now: datetime) -> tuple[Past, ...]:
    """Return the last deliveries, newest first."""
    return tuple(_delivery(run, now) for run in history)


def _delivery(run: RunRecord, now: datetime) -> Past:
    verb = "Put on" if run.action == "include" else "Taken off"
    of_people = f"{verb} {run.list}: {run.rows:,}"
    return Past(
        when=moment(datetime.fromisoformat(run.started_at).astimezone(UTC), now),
        title=of_people if run.purpose == "audience" else f"Conversions reported: {run.rows:,}",
        page=_PAGES.get(run.purpose, "20_deliver_audience.ipynb"),
        state=_ENDED.get(run.status, "look"),
        sentence=_short(f"Over {run.via}: {STATUS_SENTENCES.get(run.status, run.status)}."),
    )
