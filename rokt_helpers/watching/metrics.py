"""The last runs as figures for Prometheus, for node_exporter's textfile collector.

The law kept here: labels are the profile, accounts' numbers, lists, actions, modes and notebooks;
there is nobody among them. Names of lists are scrubbed before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from rokt_helpers.errors import InputError
from rokt_helpers.files import write_private
from rokt_helpers.watching.deliveries import OUTCOMES
from rokt_helpers.watching.watched import ODD, Watched

__all__ = ["metrics_text", "write_metrics"]

_LIST: Final = ("account", "purpose", "list", "action", "mode")
_NOTEBOOK: Final = ("notebook",)
_READABLE: Final = 0o644
_DAY: Final = timedelta(days=1)


def metrics_text(watched: Watched, *, now: datetime) -> str:
    """Return the figures in the text exposition format; ``now`` is aware.

    Moments are in seconds since 1970, as Prometheus wants them.
    """
    gauges = _Gauges(watched.profile)
    for labels, runs in _groups(watched.deliveries, _LIST):
        _of_deliveries(gauges, runs, labels)
    for name, table in watched.judged.items():
        for labels, runs in _groups(table.filter(pl.col("series").is_not_null()), _LIST):
            odd = runs["verdict"][-1] in ODD
            gauges.set("last_delivery_unusual", odd, {**labels, "measure": name})
    for labels, runs in _groups(watched.notebooks.rename({"series": "notebook"}), _NOTEBOOK):
        _of_runs(gauges, "notebook", runs, labels)
    _of_referrals(gauges, watched, now)
    return gauges.text()


def write_metrics(watched: Watched, path: Path, *, now: datetime) -> None:
    """Write the figures, whole or not at all; everybody may read them, as the collector must.

    Raises
    ------
    InputError
        When the file is not called ``.prom``, for the collector reads no other; when it cannot be
        written.
    """
    if path.suffix != ".prom":
        raise InputError(f"{path} must end in .prom: node_exporter reads no other file.")
    text = metrics_text(watched, now=now)

    def fill(part: Path) -> None:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.chmod(_READABLE)

    write_private(path, fill)


_HELP: Final = {
    "last_delivery_timestamp_seconds": "When the last delivery began.",
    "last_delivery_success_timestamp_seconds": "When the last delivery that is done began.",
    "last_delivery_succeeded": "1 when the last delivery is done.",
    "last_delivery_rows": "Identifiers in the last delivery.",
    "last_delivery_rejected_rows": "Rows of its source that were rejected.",
    "last_delivery_duration_seconds": "From its begin to its end.",
    "last_delivery_unusual": "1 when the last delivery that came to its end lies outside its band.",
    "deliveries_in_doubt": "Deliveries whose end nobody knows.",
    "deliveries": "Deliveries in the ledger by how they ended.",
    "last_notebook_timestamp_seconds": "When the last run of a notebook began.",
    "last_notebook_success_timestamp_seconds": "When the last run that is done began.",
    "last_notebook_succeeded": "1 when the last run of a notebook is done.",
    "last_notebook_duration_seconds": "How long it took.",
    "referrals_last_collected_timestamp_seconds": "When a referral file was collected last.",
    "referrals_oldest_expires_days": "Days until Rokt removes the oldest file not collected.",
}


class _Gauges:
    """Gauges of one profile, made at their first use."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self._registry = CollectorRegistry()
        self._gauges: dict[str, Gauge] = {}

    def set(self, name: str, value: float | None, labels: dict[str, str] | None = None) -> None:
        """Set a figure; what is not known is left out."""
        if value is None:
            return
        labels = {"profile": self._profile, **(labels or {})}
        if name not in self._gauges:
            self._gauges[name] = Gauge(
                f"rokt_{name}", _HELP[name], list(labels), registry=self._registry
            )
        self._gauges[name].labels(**labels).set(value)

    def text(self) -> str:
        """Return the exposition."""
        return generate_latest(self._registry).decode()


def _groups(
    table: pl.DataFrame, keys: Sequence[str]
) -> Iterator[tuple[dict[str, str], pl.DataFrame]]:
    """Give the runs of each list or notebook in their order, with its labels."""
    for values, runs in table.sort("at", maintain_order=True).group_by(keys, maintain_order=True):
        yield dict(zip(keys, map(str, values), strict=True)), runs


def _of_deliveries(gauges: _Gauges, runs: pl.DataFrame, labels: dict[str, str]) -> None:
    _of_runs(gauges, "delivery", runs, labels)
    last = runs.row(-1, named=True)
    gauges.set("last_delivery_rows", last["rows"], labels)
    gauges.set("last_delivery_rejected_rows", last["rejected"], labels)
    for outcome in OUTCOMES:
        count = int((runs["outcome"] == outcome).sum())
        gauges.set("deliveries", count, {**labels, "outcome": outcome})
        if outcome == "in doubt":
            gauges.set("deliveries_in_doubt", count, labels)


def _of_runs(gauges: _Gauges, what: str, runs: pl.DataFrame, labels: dict[str, str]) -> None:
    last: dict[str, Any] = runs.row(-1, named=True)
    done = runs.filter(pl.col("outcome") == "done")["at"]
    gauges.set(f"last_{what}_timestamp_seconds", last["at"].timestamp(), labels)
    gauges.set(f"last_{what}_succeeded", last["outcome"] == "done", labels)
    gauges.set(f"last_{what}_duration_seconds", last["seconds"], labels)
    if len(done):
        gauges.set(f"last_{what}_success_timestamp_seconds", done[-1].timestamp(), labels)


def _of_referrals(gauges: _Gauges, watched: Watched, now: datetime) -> None:
    if len(watched.files):
        last: Any = watched.files["collected_at"].max()
        gauges.set("referrals_last_collected_timestamp_seconds", last.timestamp())
    if watched.expiring is not None:
        left = (watched.expiring.until - now) / _DAY
        gauges.set("referrals_oldest_expires_days", round(max(left, 0.0), 2))
