"""Measure conversions over the Events API: how near Rokt's rate we come, and that none is lost.

``python benchmarks/events.py`` sends for a minute, then posts one person at a time in a loop, as a
first script would. ``--rows 1000000`` takes an hour: Rokt's rate allows no less. ``--smoke`` runs
small. The sandbox is a process of its own on this computer, keeps Rokt's rate as Rokt would,
and its own record is what counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.api import arrivals, opened, sandbox_beside
from rokt_helpers import contract
from rokt_helpers.conversions import PreparedConversions, prepare_conversions

__all__ = ["main"]

# The sandbox keeps Rokt's rate as well; this many are far below what it refuses in one second.
LOOP_ROWS = 200


def main(words: list[str] | None = None) -> None:
    """Run all parts and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, to see that it runs")
    parser.add_argument("--rows", type=int, default=60 * contract.MAX_BATCHES_PER_SECOND)
    chosen = parser.parse_args(words)
    rows = 3 * contract.MAX_BATCHES_PER_SECOND if chosen.smoke else chosen.rows
    for name in [name for name in os.environ if name.startswith("ROKT_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder, sandbox_beside() as (url, there):
        os.environ["ROKT_HOME"] = f"{folder}/home"
        fields = {name.removeprefix("ROKT_").lower(): value for name, value in there.items()}
        at_rokts_rate(url, fields, rows)
        one_at_a_time(url, there)


def purchases(rows: int) -> PreparedConversions:
    """Return so many purchases of invented people, made yesterday."""
    moment = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 86_400))
    number = pl.int_range(rows)
    return prepare_conversions(
        pl.select(
            email=pl.format("person{}@example.com", number),
            order_id=pl.format("N-{}", number),
            amount=pl.format("{}.50", number % 900),
            currency=pl.repeat("USD", rows),
            eventtime=pl.repeat(moment, rows),
            conversiontype=pl.repeat("purchase", rows),
        )
    )


def at_rokts_rate(url: str, fields: dict[str, Any], rows: int) -> None:
    """Send so many conversions, and read the sandbox's own record of arrivals."""
    limit = contract.MAX_BATCHES_PER_SECOND
    began = time.perf_counter()
    prepared = purchases(rows)
    with opened(**fields) as workbench:
        plan = workbench.plan_conversions(prepared, via="events")
        planned = time.perf_counter() - began
        began, cpu = time.perf_counter(), time.process_time()
        workbench.deliver(plan)
        took, used = time.perf_counter() - began, time.process_time() - cpu
    starts = arrivals(url)
    rate = (rows - plan.batches[-1].rows) / (starts[-1] - starts[0])
    there = requests.get(f"{url}/_inspect", timeout=60).json()["events"]
    if there["conversion_count"] != rows or any(each["times"] > 1 for each in there["conversions"]):
        raise SystemExit("The sandbox does not have every conversion once.")
    print(f"{rows:,} conversions: prepared and planned in {planned:.1f} s, sent in {took:.1f} s")
    print(f"  {rate:.0f} batches a second, {rate / limit:.1%} of the limit of {limit}")
    print(f"  the sending process used {used / took:.0%} of a core; the sandbox has each once")


def one_at_a_time(url: str, there: dict[str, str]) -> None:
    """Post one person a request, one after the other, as a first script would."""
    pair = (there["ROKT_EVENTS_KEY"], there["ROKT_EVENTS_SECRET"])
    began = time.perf_counter()
    for number in range(LOOP_ROWS):
        body = {"environment": "production", "user_identities": {"customerid": str(number)}}
        requests.post(f"{url}{contract.EVENTS_PATH}", json=body, auth=pair, timeout=10)
    rate = LOOP_ROWS / (time.perf_counter() - began)
    print(f"  a loop of requests.post, one person each: {rate:.0f} a second, with no line between")


if __name__ == "__main__":
    main()
