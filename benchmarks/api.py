"""Measure delivering over the API: how near its limit we come, and that we never pass it.

``python benchmarks/api.py`` prints medians; ``--requests 100`` is a list of ten million people.
``--smoke`` runs small, to see that it runs. The sandbox is a process of its own on this computer,
and its own record of arrivals is what counts.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rokt_helpers import contract
from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.workbench import Workbench, open_workbench

__all__ = ["main"]

LIST = "Benchmark"


def main(words: list[str] | None = None) -> None:
    """Run both and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, to see that it runs")
    parser.add_argument("--requests", type=int, default=20, help="full requests over the API")
    parser.add_argument("--times", type=int, default=3, help="how often each thing is measured")
    chosen = parser.parse_args(words)
    count, times = (2, 1) if chosen.smoke else (chosen.requests, chosen.times)
    rows = 1_000 if chosen.smoke else contract.MAX_IDENTIFIERS_PER_REQUEST
    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("ROKT_")]:
            del os.environ[name]
        os.environ["ROKT_HOME"] = f"{folder}/home"
        prepared = people(rows * count if not chosen.smoke else rows)
        over_api(prepared, times)


def people(rows: int) -> PreparedAudience:
    """Return the digests of so many invented people."""
    addresses = pl.select(email=pl.format("person{}@example.com", pl.int_range(rows)))
    return prepare_audience(addresses)


@contextmanager
def opened(**settings: Any) -> Iterator[Workbench]:
    """Open a workbench that waits for no pick-up."""
    with open_workbench(pickup_seconds=0, **settings) as workbench:
        yield workbench


def measured(what: str, times: int, once: Callable[[], None]) -> float:
    """Print and return the median of the seconds that a call takes; CPU beside it."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        once()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    seconds = statistics.median(walls)
    share = statistics.median(cpus) / seconds
    print(f"  {what:<44} {seconds:8.2f} s   CPU {share:4.0%} of a core")
    return seconds


# --- the custom audience API ------------------------------


def over_api(prepared: PreparedAudience, times: int) -> None:
    """Compare our delivery with a loop of requests, by the server's own record of starts."""
    with sandbox_beside() as (url, there):
        fields = {name.removeprefix("ROKT_").lower(): value for name, value in there.items()}

        def ours() -> None:
            with opened(**fields) as workbench:
                workbench.deliver(workbench.plan(prepared, list=LIST, allow={"repeat"}))

        print(f"API: {len(prepared):,} digests to a sandbox in a process of its own")
        seconds = measured("Rokt Workbench", times, ours)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"  peak memory until here, preparing included: {peak:,} MB")
        starts = arrivals(url)[-math.ceil(len(prepared) / contract.MAX_IDENTIFIERS_PER_REQUEST) :]
        time.sleep(1)  # the loop below begins with an empty window
        plain = measured(
            "a loop of requests.post(json=…)", times, lambda: loop(url, there, prepared)
        )
    print(f"  the loop takes {plain / seconds:.2f} times as long")
    limit = contract.MAX_STARTS_PER_SECOND
    print(f"  share of the limit of {limit} starts a second: {rate(starts) / limit:.1%}")
    print(f"  most starts in any second: {most_in_a_second(starts)}")


@contextmanager
def sandbox_beside() -> Iterator[tuple[str, dict[str, str]]]:
    """Run `rokt sandbox` beside; give its address and its settings."""
    words = [sys.executable, "-c", "from rokt_helpers.cli import main; main()", "sandbox", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as box:
        said = json.loads(box.stdout.readline()) if box.stdout else {}
        try:
            yield said["url"], said["environment"]
        finally:
            box.send_signal(signal.SIGINT)


def arrivals(url: str) -> list[float]:
    """Return when the sandbox saw each request arrive, in seconds of its own clock."""
    seen = requests.get(f"{url}/_inspect", timeout=10).json()["requests"]
    return sorted(request["started"] for request in seen)


def rate(starts: list[float]) -> float:
    """Return the starts a second, counted from the first start of each four to that of the last."""
    firsts = starts[:: contract.MAX_STARTS_PER_SECOND]
    if len(firsts) < 2:  # noqa: PLR2004  so few that nothing paced them
        return 0.0
    return contract.MAX_STARTS_PER_SECOND * (len(firsts) - 1) / (firsts[-1] - firsts[0])


def most_in_a_second(starts: list[float]) -> int:
    """Return how many starts fell into the fullest second, wherever it began."""
    return max(sum(one <= other < one + 1 for other in starts) for one in starts)


def loop(url: str, there: dict[str, str], prepared: PreparedAudience) -> None:
    """Do what a user would write in a notebook, and wait a second after a 429."""
    values = prepared.identifiers.to_list()
    keys = there["ROKT_PUBLIC_KEY"], there["ROKT_SECRET_KEY"]
    step = contract.MAX_IDENTIFIERS_PER_REQUEST
    for start in range(0, len(values), step):
        piece = values[start : start + step]
        body = {"accountId": there["ROKT_ACCOUNT_ID"], "action": "include", "list": LIST}
        status = 0
        while status != contract.SUCCESS_STATUS:
            answer = requests.post(
                url + contract.IMPORT_PATH,
                json={**body, "sha256s": piece},
                auth=keys,
                timeout=60,
            )
            status = answer.status_code
            if status != contract.SUCCESS_STATUS:
                time.sleep(1)


if __name__ == "__main__":
    main()
