"""A classroom knows its own sandbox and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from rokt_helpers.academy import Classroom
from rokt_helpers.academy.classroom import ClassroomSettings, addresses, prepared
from rokt_helpers.errors import GuardError
from rokt_helpers.settings import Settings, is_loopback
from tests.academy.production import LIVE, Watched
from tests.house.project import PACKAGE, modules, names_used, parse

ENDINGS = ("_url", "_host", "_hosts")
PLACES = [n for n in Settings.model_fields if n.endswith(ENDINGS) or n == "shared_folder"]
OTHER: dict[str, Any] = {"profile": "live"}
ASK = "import socket; socket.create_connection(('{host}', 443), 1)"


def python(*words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, **how
    )


@pytest.mark.usefixtures("leads_to_production")
def test_the_environment_and_the_file_are_ignored() -> None:
    """With every variable set to production, a classroom's settings are those of its sandbox."""
    with Classroom() as room:
        here = room.settings
        assert (here.profile, room.workbench.profile) == ("sandbox", "sandbox")
        assert here.api_url == here.events_url == room.sandbox.url
        hosts = [getattr(here, name) for name in PLACES if name.endswith("_host")]
        assert all(is_loopback(host) for host in hosts if host)
        assert here.sftp_host == here.feed_host == "127.0.0.1"
        values = {str(value) for value in here.model_dump().values()}
        assert values & {*LIVE.values()} == set()
        assert not here.ledger_url.get_secret_value()
        assert here.folder.is_relative_to(room.folder)


@pytest.mark.usefixtures("leads_to_production")
def test_a_delivery_goes_to_its_own_sandbox() -> None:
    """With every variable set to production, the people are on the sandbox's list."""
    with Classroom() as room:
        plan = room.workbench.plan(prepared(addresses(7)), list="A")
        assert room.workbench.deliver(plan).delivered
        assert len(room.sandbox.members("A")) == 7


def test_there_is_no_other_profile() -> None:
    """The live profile cannot even be asked for."""
    with pytest.raises(ValidationError, match="Input should be 'sandbox'"):
        ClassroomSettings(**OTHER)


@pytest.mark.parametrize("name", PLACES)
def test_no_field_leads_to_another_machine(name: str) -> None:
    """Each setting that names a machine is refused when it names another one."""
    values = {
        "ledger_url": SecretStr("postgresql://ledger.example.com/ledger"),
        "shared_folder": "s3://bucket/rokt",
        "referrals_imap_link_hosts": "127.0.0.1, links.example.com",
    }
    elsewhere = "https://example.com" if name.endswith("_url") else "example.com"
    fields: dict[str, Any] = {name: values.get(name, elsewhere)}
    with pytest.raises(GuardError, match=name):
        ClassroomSettings(**fields)


def test_there_are_places_to_look_at() -> None:
    """The test above looks at every kind of place."""
    assert {"api_url", "sftp_host", "ledger_url", "referrals_imap_link_hosts"} <= {*PLACES}


def test_a_child_process_gets_the_classroom_only(leads_to_production: Watched) -> None:
    """A program of the lesson, with all of the command line's own code, finds the sandbox."""
    say = "from rokt_helpers.workbench import open_workbench; w = open_workbench(); "
    say += "print(w.profile, w.settings.api_url, w.settings.referrals_sftp_host or 'none')"
    with Classroom() as room:
        done = python("-c", say, cwd=room.folder, env=room.environment())
        assert done.stdout.split() == ["sandbox", room.sandbox.url, "none"], done.stderr
        outside = {name: value for name, value in LIVE.items() if value.count("rokt.com")}
        assert {*outside.values()} & {*room.environment().values()} == set()
    assert leads_to_production.tried() == []


@pytest.mark.parametrize("host", ["192.0.2.1", "ftp.rokt.com"])
def test_the_guard_at_the_socket_works(leads_to_production: Watched, host: str) -> None:
    """A program that does try to reach another machine is stopped, and the try is written down."""
    done = python("-c", ASK.format(host=host))
    assert "lets nothing go" in done.stderr
    assert host in leads_to_production.tried()[0]


def test_no_lesson_asks_for_the_persons_settings() -> None:
    """Nothing in the academy opens a workbench or reads settings by another way than its own."""
    ways_out = {
        "rokt_helpers.referral_desk.ReferralDesk",
        "rokt_helpers.settings.load_settings",
        "rokt_helpers.wires.Wires",
        "rokt_helpers.workbench.open_workbench",
    }
    used = {path.stem: names_used(parse(path)) for path in modules(PACKAGE / "academy")}
    assert len(used) > 12
    assert {where: names & ways_out for where, names in used.items() if names & ways_out} == {}


def test_nothing_is_left_of_it() -> None:
    """Its folder, with keys and ledger, goes when it is closed, and it can be closed twice."""
    with Classroom() as room:
        folder = Path(room.folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert room.workbench.history() == []
    room.close()
    assert not folder.exists()
