"""Measure delivering: how near the API's limit we come, and SFTP beside what a user would do.

``python benchmarks/deliver.py`` prints one table of medians; ``--smoke`` runs small, to see that it
runs. Both servers are on this computer: the sandbox for the API, OpenSSH's sshd for SFTP.
"""

from __future__ import annotations

import argparse
import json
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

import paramiko
import polars as pl
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rokt_helpers import contract
from rokt_helpers.audience import PreparedAudience, prepare_audience
from rokt_helpers.workbench import Workbench, open_workbench
from tests.real_parts.sshd import OpenSshServer

__all__ = ["main"]

LIST = "Benchmark"
FOLDER = f"{contract.AUDIENCE_FOLDER}/include"


def main(words: list[str] | None = None) -> None:
    """Run both parts and print what was measured."""
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
        over_sftp(prepared, times, Path(folder))


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
        rate = starts_per_second(url, -(-len(prepared) // contract.MAX_IDENTIFIERS_PER_REQUEST))
        time.sleep(1)  # the loop below begins with an empty window
        plain = measured(
            "a loop of requests.post(json=…)", times, lambda: loop(url, there, prepared)
        )
    print(f"  the loop takes {plain / seconds:.2f} times as long")
    limit = contract.MAX_STARTS_PER_SECOND
    print(f"  share of the limit of {limit} starts a second: {rate / limit:.0%}")


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


def starts_per_second(url: str, requests_each: int) -> float:
    """Return the rate of starts in the last delivery; where it was short there is none."""
    seen = requests.get(f"{url}/_inspect", timeout=10).json()["requests"]
    starts = sorted(request["started"] for request in seen)[-requests_each:]
    # The first four may start at once; from then on the limit is what paces.
    window = starts[contract.MAX_STARTS_PER_SECOND - 1 :]
    return (len(window) - 1) / (window[-1] - window[0]) if len(window) > 1 else 0.0


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


# --- SFTP ------------------------------


def over_sftp(prepared: PreparedAudience, times: int, folder: Path) -> None:
    """Compare our delivery, which reads the file back, with two that do not."""
    with OpenSshServer(folder / "sshd") as server:
        target = server.root / FOLDER.strip("/")
        (target / LIST).mkdir(parents=True)
        local = prepared.write(folder / "list.csv")
        fields = {
            "account_id": "1",
            "sftp_host": server.host,
            "sftp_port": server.port,
            "sftp_username": server.username,
            "sftp_key_file": server.key_file,
            "sftp_host_key": server.host_key,
            "sftp_root": str(server.root),
        }

        def ours() -> None:
            with opened(**fields) as workbench:
                plan = workbench.plan(prepared, list=LIST, via="sftp", allow={"repeat"})
                workbench.deliver(plan)

        print(f"\nSFTP: the same {len(prepared):,} digests, {local.stat().st_size / 1e6:,.0f} MB")
        seconds = measured("Rokt Workbench, hidden, verified, renamed", times, ours)
        remote = str(target / LIST / "plain.csv")
        put = measured("paramiko put()", times, lambda: plain_put(server, local, remote))
        tool = measured("OpenSSH's sftp", times, lambda: openssh(server, local, remote))
    print(f"  put() takes {put / seconds:.2f} times as long, sftp {tool / seconds:.2f} times")


def plain_put(server: OpenSshServer, local: Path, remote: str) -> None:
    """Put a file as paramiko's own documentation shows it."""
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            server.host,
            port=server.port,
            username=server.username,
            key_filename=str(server.key_file),
            allow_agent=False,
            look_for_keys=False,
        )
        client.open_sftp().put(str(local), remote)


def openssh(server: OpenSshServer, local: Path, remote: str) -> None:
    """Put a file with the program that comes with the system."""
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    words = ["sftp", "-q", "-b", "-", "-P", str(server.port), "-i", str(server.key_file)]
    words += [word for option in options for word in ("-o", option)]
    command = f'put "{local}" "{remote}"\n'
    there = f"{server.username}@{server.host}"
    subprocess.run([*words, there], input=command, text=True, check=True, capture_output=True)


if __name__ == "__main__":
    main()
