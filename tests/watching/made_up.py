"""Quarters of runs that never happened: records of a ledger, and folders of notebooks."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from rokt_helpers.ledger import RunRecord
from rokt_helpers.referrals.manifest import files_table
from rokt_helpers.watching import LeftToExpire, Watched, watch

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def day(back: int) -> date:
    """Return the day so many days before today."""
    return TODAY - timedelta(days=back)


def record(back: int, *, rows: int = 8_000, at: time = time(6), **facts: Any) -> RunRecord:
    """Return a run on ``VIP`` so many days ago; it took ``seconds``."""
    began = datetime.combine(day(back), at, UTC)
    seconds, rejected = facts.pop("seconds", 20.0), facts.pop("rejected", 40)
    status = facts.get("status", "delivered")
    ended = None if status == "started" else began + timedelta(seconds=seconds)
    plain = {
        "run_id": f"{back:08d}-{random.getrandbits(48):012x}", "fingerprint": "f", "status": status,
        "profile": "sandbox", "account": "123", "host": "h", "purpose": "audience", "list": "VIP",
        "action": "include", "via": "api", "mode": "full", "identifier": "sha256", "rows": rows,
        "started_at": began.isoformat(timespec="milliseconds"),
        "finished_at": ended.isoformat(timespec="milliseconds") if ended else None,
        "summary": json.dumps({"rows_in": rows + rejected, "rejected": rejected}),
    }  # fmt: skip
    return RunRecord(**{**plain, **facts})


def daily(first: int, last: int = 0, **facts: Any) -> list[RunRecord]:
    """Return a run a day from ``first`` days ago to ``last`` days ago."""
    return [record(back, **facts) for back in range(first, last - 1, -1)]


def notebook(
    runs: Path, back: int, *, name: str = "20_deliver_audience", at: time = time(6),
    exit_code: int | None = 0, seconds: float = 12.0,
) -> Path:  # fmt: skip
    """Make the folder of a notebook's run; without an exit code it never ended."""
    moment = datetime.combine(day(back), at, UTC)
    tag = f"{len(list(runs.iterdir())) if runs.is_dir() else 0:04x}"
    folder = runs / f"{moment:%Y%m%dT%H%M%SZ}-{name}-{tag}"
    folder.mkdir(parents=True)
    lines: list[dict[str, Any]] = [{"event": "started", "notebook": f"{name}.ipynb"}]
    if exit_code is not None:
        lines.append({"event": "ended", "exit_code": exit_code, "seconds": seconds})
    (folder / "run.log").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return folder


def watched(
    records: list[RunRecord],
    runs: Path,
    files: pl.DataFrame | None = None,
    left: Sequence[LeftToExpire] = (),
) -> Watched:
    """Return what is watched of made-up runs."""
    collected = files_table([]) if files is None else files
    return watch(records, profile="sandbox", runs=runs, files=collected, left=left, now=NOW)
