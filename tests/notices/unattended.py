"""What unattended runs leave, and what a receiver of a test was told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from rokt_helpers.clock import Clock
from rokt_helpers.runner.record import RunLog, make_folder
from rokt_helpers.schedule import LastRun, ScheduleState

__all__ = ["NOW", "by_hand", "notices", "ran", "schedule"]

NOW = datetime.now(tz=UTC).replace(microsecond=0)


def notices(told: Path) -> list[str]:
    """Return the subjects of what was told, and forget them."""
    if not told.exists():
        return []
    subjects = [text.partition("\n")[0] for text in told.read_text().split("\f")[:-1]]
    told.unlink()
    return subjects


def schedule(*entries: dict[str, Any]) -> Path:
    path = Path("params/schedule.yml")
    path.parent.mkdir(exist_ok=True)
    at = f"{NOW - timedelta(minutes=2):%H:%M}"
    given = [{"at": at, "notebook": "notebooks/n.ipynb"} | one for one in entries]
    path.write_text(yaml.safe_dump({"entries": given}))
    return path


def ran(profile: Path, name: str, code: int, sentence: str = "It broke.") -> None:
    """Leave what the schedule keeps of a run."""
    moment = NOW.isoformat()
    run = LastRun(moment, moment, moment, 1.0, code, sentence=sentence)
    ScheduleState(profile / "schedule.json").keep(name, run)


def by_hand(
    profile: Path,
    stem: str,
    *,
    exit_code: int = 0,
    account: str = "",
    clock: Clock | None = None,
    **result: object,
) -> None:
    """Leave the record of a notebook that somebody ran, with what it handed over."""
    folder = make_folder(Path(f"{stem}.ipynb"), profile / "runs", clock or Clock())
    log = RunLog(folder / "run.log", Clock())
    log.write("started", notebook=f"{stem}.ipynb", parameters=[], account=account)
    log.write("ended", exit_code=exit_code, seconds=1.0)
    if not exit_code:
        (folder / "result.json").write_text(json.dumps(result))
