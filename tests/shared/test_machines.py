"""Two analysts and a scheduler, each on a machine with a network of its own, on one ledger.

The machines are processes in network namespaces of their own; where the system allows none, they
are processes side by side, and the name that the fixture prints says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from rokt_helpers.sandbox import Fault, Sandbox
from tests.deliver.lists import addresses, digests
from tests.house.project import ROOT
from tests.real_parts.postgres import PostgresServer

# How to get a network of one's own: as root, or as root of a namespace of users.
WAYS = (["unshare", "--net"], ["unshare", "--net", "--map-root-user"])


def _apart() -> list[str]:
    for way in WAYS:
        if shutil.which("unshare") and not subprocess.run([*way, "true"], check=False).returncode:
            return way
    print("no network namespaces here: the machines share one network")  # noqa: T201
    return []


@dataclass
class Machine:
    """One machine; several calls at once are several machines."""

    process: subprocess.Popen[str]
    folder: Path

    def begin(self, *words: str) -> None:
        """Begin a call."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([*words, "--json"]) + "\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, Any]:
        """Wait for its end; give the exit code and what was printed."""
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        return said["code"], json.loads(said["out"])

    def people(self, count: int, *, first: int = 0) -> str:
        """Write a list, and return its name."""
        file = self.folder / f"{first}-{count}.csv"
        file.write_text("\n".join(["email", *addresses(count, first=first)]), encoding="utf-8")
        return str(file)

    def deliver(self, name: str, count: int, *, first: int = 0) -> None:
        """Begin to put people on a list."""
        words = ("--list", name, "--action", "include", "--send")
        self.begin("deliver", self.people(count, first=first), *words)


@dataclass
class Team:
    """What all of them share, and the machines: one in Tokyo, one in Los Angeles, one in UTC."""

    sandbox: Sandbox
    ledger_url: str
    machines: list[Machine]

    def started(self, name: str) -> None:
        """Wait until the ledger knows of a run on a list."""
        engine = sa.create_engine(self.ledger_url.replace("://", "+psycopg://"))
        end = time.monotonic() + 60
        query = sa.text("SELECT count(*) FROM runs WHERE list = :name AND status = 'started'")
        while time.monotonic() < end:
            with engine.connect() as connection:
                if connection.scalar(query, {"name": name}):
                    break
            time.sleep(0.05)
        engine.dispose()


@pytest.fixture(scope="module")
def team(postgres: PostgresServer) -> Iterator[Team]:
    place, way = Path(tempfile.mkdtemp(prefix="team-")), _apart()
    running: list[subprocess.Popen[str]] = []

    def start(words: list[str], **more: str) -> subprocess.Popen[str]:
        given = {k: v for k, v in os.environ.items() if not k.startswith("ROKT_")}
        process = subprocess.Popen(
            words, cwd=ROOT, env=given | more, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        return process

    with Sandbox(pickup_seconds=0.05, referral_days=0) as sandbox:
        urls = (sandbox.environment["ROKT_API_URL"], postgres.url)
        ports = [str(urlsplit(url).port) for url in urls]
        if way:
            start([sys.executable, "-m", "tests.shared.relay", str(place), *ports])
        shared = {
            **sandbox.environment,
            "ROKT_LEDGER_URL": postgres.url,
            "ROKT_SHARED_FOLDER": str(place / "share"),
            "ROKT_API_BATCH_ROWS": "10",
        }
        machines = []
        for zone in ("Asia/Tokyo", "America/Los_Angeles", "UTC"):
            home = place / zone.replace("/", "-")
            home.mkdir()
            own = {"TZ": zone, "ROKT_HOME": str(home / "state"), "ROKT_PERSON": zone}
            apart = [*way, sys.executable, "-m", "tests.shared.machine", str(int(bool(way)))]
            machines.append(Machine(start([*apart, str(place), *ports], **shared, **own), home))
        yield Team(sandbox, postgres.url, machines)
    for process in running:
        process.kill()
        process.communicate()
    shutil.rmtree(place)


@pytest.fixture
def name() -> str:
    """A list that nothing went to yet."""
    return f"List {uuid.uuid4()}"


def test_the_same_plan_at_once_goes_once(team: Team, name: str) -> None:
    """Of three who send one list at the same time one sends it, and all have its receipt."""
    before = len(team.sandbox.requests())
    for machine in team.machines:
        machine.deliver(name, 40)
    ended = [machine.end() for machine in team.machines]
    assert [code for code, _ in ended] == [0, 0, 0]
    receipts = [said["receipt"] for _, said in ended]
    assert len({receipt["run_id"] for receipt in receipts}) == 1
    assert sorted(receipt["rows_sent_now"] for receipt in receipts) == [0, 0, 40]
    assert len(team.sandbox.requests()) - before == 4
    assert team.sandbox.members(name) == digests(addresses(40))


def test_different_lists_at_once_keep_one_pace(team: Team, name: str) -> None:
    """Each list arrives whole, and together they start no more than Rokt allows in any second."""
    before = len(team.sandbox.requests())
    for number, machine in enumerate(team.machines):
        machine.deliver(f"{name} {number}", 50, first=100 * number)
    assert [machine.end()[0] for machine in team.machines] == [0, 0, 0]
    for number in range(3):
        people = digests(addresses(50, first=100 * number))
        assert team.sandbox.members(f"{name} {number}") == people
    requests = team.sandbox.requests()[before:]
    starts = sorted(request.started for request in requests)
    assert len(starts) == 15
    assert {request.status for request in requests} == {201}
    assert max(sum(one <= other < one + 1 for other in starts) for one in starts) <= 4


def test_an_undo_while_another_sends_takes_nobody_from_it(team: Team, name: str) -> None:
    """It was planned of a list that went on changing: it is refused, and right when made anew."""
    one, two, _ = team.machines
    one.deliver(name, 20)
    first = one.end()[1]["receipt"]["run_id"]
    team.sandbox.script(Fault.slow(6, at_request=2))
    one.deliver(name, 40, first=10)
    team.started(name)
    two.begin("undo", first, "--send")
    assert (two.end()[0], one.end()[0]) == (3, 0)
    assert team.sandbox.members(name) == digests(addresses(50))
    two.begin("undo", first, "--send")
    assert two.end()[0] == 0
    assert team.sandbox.members(name) == digests(addresses(40, first=10))


def test_a_plan_waits_for_a_person_on_another_machine(team: Team, name: str) -> None:
    """What one asks for another sees and sends, from the folder and the ledger alone."""
    tokyo, angeles, _ = team.machines
    words = ("--list", name, "--action", "include", "--ask")
    tokyo.begin("deliver", tokyo.people(15), *words)
    asked = tokyo.end()[1]["approval"]["approval_id"]
    tokyo.begin("release", asked, "--send")
    assert tokyo.end()[0] == 3
    angeles.begin("release", asked, "--send")
    code, said = angeles.end()
    assert (code, said["receipt"]["rows_confirmed"]) == (0, 15)
    assert team.sandbox.members(name) == digests(addresses(15))


def test_moments_are_those_of_one_clock(team: Team, name: str) -> None:
    """Whatever zone a machine is in, runs stand in their order, and their moments are UTC."""
    for number, machine in enumerate(team.machines):
        machine.deliver(name, 3, first=10 * number)
        assert machine.end()[0] == 0
    team.machines[1].begin("history", "--list", name)
    runs = team.machines[1].end()[1]["runs"][::-1]
    moments = [datetime.fromisoformat(run["started_at"]) for run in runs]
    assert moments == sorted(moments)
    assert [run["seq"] for run in runs] == sorted(run["seq"] for run in runs)
    assert abs((datetime.now(UTC) - moments[-1]).total_seconds()) < 120
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    team.machines[0].begin("history", "--list", name, "--on", today)
    assert team.machines[0].end()[1]["people"] == 9
