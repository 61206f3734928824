"""What one computer remembers is brought to its team: whole or not at all, and never in two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from rokt_helpers.errors import LedgerAway, SettingsError
from rokt_helpers.ledger import Ledger, accounts_in, is_moved
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.command_line import Rokt, caller, one_object
from tests.deliver.lists import HASTY, addresses, audience, digests, failure, send
from tests.ledger.test_ledger import open_run, run_of
from tests.real_parts.postgres import PostgresServer
from tests.shared.wire import Harm, Wire


@pytest.fixture
def rokt(capsys: pytest.CaptureFixture[str]) -> Rokt:
    return caller(capsys)


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """An empty database of this test's own."""
    name = f"team_{uuid.uuid4().hex}"
    engine = sa.create_engine(
        postgres.url.replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return postgres.url.removesuffix("/postgres") + f"/{name}"


@pytest.fixture
def alone(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """What somebody did alone: two lists, one of them twice, one run in doubt, one day's file."""
    monkeypatch.setenv("ROKT_API_BATCH_ROWS", "2")
    monkeypatch.setenv("ROKT_API_IN_FLIGHT", "1")
    sandbox.add_referral_file(datetime.now(tz=UTC).date())
    with open_workbench() as workbench:
        send(workbench, workbench.plan(audience(5), list="VIP"))
        send(workbench, workbench.plan(audience(3), list="Other"))
        send(workbench, workbench.plan(audience(4, first=1), list="VIP", mode="mirror"))
        sandbox.script(Fault.drop_before_answer(times=HASTY.attempts))
        failure(workbench, workbench.plan(audience(6), list="Doubtful"))
        workbench.fetch_referrals()
    return sandbox


def team_of(monkeypatch: pytest.MonkeyPatch, url: str, folder: Path | str | None = None) -> None:
    monkeypatch.setenv("ROKT_LEDGER_URL", url)
    if folder is not None:
        monkeypatch.setenv("ROKT_SHARED_FOLDER", str(folder))


def known(workbench: Workbench) -> list[dict[str, Any]]:
    """Everything that the ledger knows of runs, and how many people are on their lists."""
    return [
        asdict(run)
        | {"batches": [asdict(batch) for batch in workbench.receipt(run.run_id).batches]}
        | {"people": workbench.people_on(run.list).digests.to_list()}
        for run in workbench.history()
    ]


def count(url: str, table: str = "runs") -> int:
    engine = sa.create_engine(url.replace("://", "+psycopg://"))
    found = 0
    if sa.inspect(engine).has_table(table):
        with engine.connect() as connection:
            found = connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608  ours
    engine.dispose()
    return int(found or 0)


def test_the_team_has_what_one_computer_had(
    alone: Sandbox, url: str, address: str, rokt: Rokt, tmp_path: Path, home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Every run, batch, person and referral; another computer makes a difference, and takes back.

    To look changes nothing. On the computer it came from no digest and no referral stays.
    """
    with open_workbench() as workbench:
        before, referrals = known(workbench), workbench.referrals()
    team_of(monkeypatch, url, address)
    code, said, _ = rokt("share")
    assert (code, count(url) if "Nothing was brought" in said else None) == (0, 0)
    shown = one_object(rokt("share", "--bring", "--json")[1])
    assert (shown["runs"], shown["batches"], shown["member_files"]) == (4, 3 + 2 + 1 + 3, 4)
    assert {one["list"]: one["people_named"] for one in shown["lists"]} == {
        "VIP": 6, "Other": 3, "Doubtful": 6,
    }  # fmt: skip
    assert shown["vaults"] == {"": "moved"}
    assert list(home.rglob("*.parquet")) == []
    monkeypatch.setenv("ROKT_HOME", str(tmp_path / "another"))
    with open_workbench() as other:
        assert known(other) == before
        assert other.referrals().equals(referrals)
        difference = other.plan(audience(7), list="VIP", mode="delta")
        assert send(other, difference).rows_confirmed == 3, "one was taken off, two are new"
        [run] = other.history(list="Other")
        send(other, other.plan_undo(run.run_id))
        assert alone.members("Other") == frozenset()
        assert other.fetch_referrals().files_new == ()


@pytest.mark.parametrize(
    ("word", "harm", "arrived"),
    [
        (b"INSERT INTO runs", "cut", False),
        (b"INSERT INTO batches", "cut", False),
        (b"COMMIT", "cut", False),
        (b"COMMIT", "lose the answer", True),
    ],
)
def test_a_wire_that_breaks_leaves_nothing_or_all(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, word: bytes, harm: Harm, *, arrived: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The team has no run, or each of them; called again it has each once, and nobody is lost."""
    del alone
    with open_workbench() as workbench:
        before = known(workbench)
    Ledger(url, folder=tmp_path).close()  # the tables are there: what is cut is the bringing
    with Wire(url, word, harm) as wire:
        team_of(monkeypatch, wire.url, tmp_path / "share")
        code, _, complaint = rokt("share", "--bring")
        assert wire.harmed.is_set()
    assert code == 1
    assert "pass-canary-word" not in complaint
    assert (count(url), count(url, "batches")) == ((4, 9) if arrived else (0, 0))
    team_of(monkeypatch, url)
    shown = one_object(rokt("share", "--bring", "--json")[1])
    assert (shown["runs"], shown["was_there"]) == (4, arrived)
    with open_workbench() as workbench:
        assert known(workbench) == before
    assert "is left to bring" in rokt("share", "--bring")[1]


def test_a_process_that_dies_in_between_leaves_all_as_it_was(
    alone: Sandbox,
    url: str,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    rokt: Rokt,
) -> None:
    """Killed while its rows were on the way: the team has none, this ledger goes on, or is brought.

    Whom the runs named lies there ahead, and counts for nothing.
    """
    Ledger(url, folder=tmp_path).close()
    with Wire(url, b"INSERT INTO batches", "stall") as wire:
        given = {"ROKT_LEDGER_URL": wire.url, "ROKT_SHARED_FOLDER": str(tmp_path / "share")}
        words = [sys.executable, "-c", "from rokt_helpers.cli import main; main()"]
        process = subprocess.Popen([*words, "share", "--bring"], env=os.environ | given)
        assert wire.harmed.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert count(url) == 0
    assert not is_moved(home / "sandbox" / "ledger.sqlite")
    with open_workbench() as workbench:
        send(workbench, workbench.plan(audience(2, first=7), list="VIP"))
        assert alone.members("VIP") == digests([*addresses(4, first=1), *addresses(2, first=7)])
        before = known(workbench)
    team_of(monkeypatch, url, tmp_path / "share")
    assert rokt("share", "--bring")[0] == 0
    with open_workbench() as workbench:
        assert known(workbench) == before


def test_nobody_goes_on_with_the_older_ledger(
    alone: Sandbox, url: str, rokt: Rokt, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened before, it sends nothing more; opened anew, it says where the runs are.

    What it knew is in it all the same.
    """
    file = home / "sandbox" / "ledger.sqlite"
    with open_workbench() as open_since:
        plan = open_since.plan(audience(9), list="VIP")
        team_of(monkeypatch, url)
        assert rokt("share", "--bring")[0] == 0
        sent = len(alone.requests())
        with pytest.raises(LedgerAway, match="set ROKT_LEDGER_URL"):
            open_since.deliver(plan)
        assert len(alone.requests()) == sent
    monkeypatch.delenv("ROKT_LEDGER_URL")
    with pytest.raises(SettingsError, match="set ROKT_LEDGER_URL"):
        open_workbench()
    assert rokt("status")[0] == 2
    assert len(accounts_in(file)) == 1


def test_a_run_in_doubt_goes_on_at_the_team(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same list delivered again from another computer is the same run, and settles it."""
    with open_workbench() as workbench:
        [begun] = workbench.history(list="Doubtful")
    team_of(monkeypatch, url, tmp_path / "share")
    assert "goes on there: deliver the same list again" in rokt("share", "--bring")[1]
    monkeypatch.setenv("ROKT_HOME", str(tmp_path / "another"))
    with open_workbench() as other:
        receipt = send(other, other.plan(audience(6), list="Doubtful"))
    assert (receipt.run_id, receipt.delivered) == (begun.run_id, True)
    assert alone.members("Doubtful") == digests(addresses(6))


def test_two_histories_of_an_account_are_not_put_together(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The team delivered for the account already: nothing is brought, and this ledger goes on."""
    own = os.environ["ROKT_HOME"]
    team_of(monkeypatch, url)
    monkeypatch.setenv("ROKT_HOME", str(tmp_path / "another"))
    with open_workbench() as other:
        send(other, other.plan(audience(2), list="Theirs"))
    monkeypatch.setenv("ROKT_HOME", own)
    code, _, complaint = rokt("share", "--bring")
    assert (code, "Nothing was brought" in complaint, count(url)) == (2, True, 1)
    monkeypatch.delenv("ROKT_LEDGER_URL")
    with open_workbench() as workbench:
        assert send(workbench, workbench.plan(audience(2, first=5), list="VIP")).delivered
    assert alone.members("Theirs") == digests(addresses(2))


def test_what_was_sent_since_a_cut_is_not_lost_in_silence(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All had arrived and nobody knew; somebody went on with the older ledger: that is said."""
    Ledger(url, folder=tmp_path).close()
    with Wire(url, b"COMMIT", "lose the answer") as wire:
        team_of(monkeypatch, wire.url)
        assert rokt("share", "--bring")[0] == 1
    monkeypatch.delenv("ROKT_LEDGER_URL")
    with open_workbench() as workbench:
        send(workbench, workbench.plan(audience(6), list="Doubtful"))
    assert alone.members("Doubtful") == digests(addresses(6))
    team_of(monkeypatch, url)
    code, _, complaint = rokt("share", "--bring")
    assert (code, "two histories" in complaint) == (2, True)


def test_a_run_under_way_is_not_cut_in_two(
    alone: Sandbox, url: str, rokt: Rokt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is on a list at this moment: nothing is brought until the end of the run."""
    del alone
    with open_workbench() as workbench:
        account = workbench.history()[0].account
        release = workbench._ledger.try_lock(f"list audience VIP of {account}")
        assert release is not None
        team_of(monkeypatch, url)
        code, _, complaint = rokt("share", "--bring")
        assert (code, "'VIP'" in complaint, count(url)) == (3, True, 0)
        release()
    assert rokt("share", "--bring")[0] == 0


def test_runs_of_another_account_stay_and_come_first(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are brought are counted on from the team's, in their own order."""
    del alone
    with open_workbench() as workbench:
        before = [run.run_id for run in workbench.history()]
    theirs = Ledger(url, folder=tmp_path)
    first = open_run(theirs, run_of("Theirs", account="another"), audience(1).identifiers)
    theirs.close()
    team_of(monkeypatch, url)
    assert rokt("share", "--bring")[0] == 0
    with open_workbench() as workbench:
        found = workbench.history()
        assert [run.run_id for run in found] == [*before, first.run_id]
        assert [run.seq for run in found] == [5, 4, 3, 2, 1]


def test_whom_runs_named_may_follow_later(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Without a shared folder it stays on this computer; with one the same call brings it."""
    del alone
    team_of(monkeypatch, url)
    said = rokt("share", "--bring")[1]
    assert "stays on this computer" in said
    with open_workbench() as workbench:
        assert len(workbench.people_on("VIP")) == 4
        before = known(workbench)
    team_of(monkeypatch, url, tmp_path / "share")
    shown = one_object(rokt("share", "--bring", "--json")[1])
    assert (shown["runs"], shown["member_files"], shown["vaults"]) == (0, 4, {"": "moved"})
    assert list(home.rglob("*.parquet")) == []
    with open_workbench() as workbench:
        assert known(workbench) == before


def test_referrals_of_two_are_not_mixed(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The team has collected something already: those of this computer stay, which is said."""
    own = str(home)
    team_of(monkeypatch, url, tmp_path / "share")
    monkeypatch.setenv("ROKT_HOME", str(tmp_path / "another"))
    alone.add_referral_file(datetime.now(tz=UTC).date())
    with open_workbench() as other:
        other.fetch_referrals()
        theirs = other.referrals()
    monkeypatch.setenv("ROKT_HOME", own)
    code, said, _ = rokt("share", "--bring")
    assert (code, "`rokt referrals import`" in said) == (0, True)
    assert [*(home / "sandbox" / "referrals" / "rows").rglob("*.parquet")]
    with open_workbench() as workbench:
        assert workbench.referrals().equals(theirs)


def test_a_plan_that_waits_for_a_second_person_waits_there(
    alone: Sandbox, url: str, rokt: Rokt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for here, and released by somebody else on another computer."""
    monkeypatch.setenv("ROKT_PERSON", "Ann")
    with open_workbench() as workbench:
        asked = workbench.ask_release(workbench.plan(audience(2, first=20), list="VIP"))
    team_of(monkeypatch, url, tmp_path / "share")
    assert rokt("share", "--bring")[0] == 0
    monkeypatch.setenv("ROKT_HOME", str(tmp_path / "another"))
    monkeypatch.setenv("ROKT_PERSON", "Bob")
    with open_workbench() as other:
        assert other.release(asked.approval_id).delivered
    assert digests(addresses(2, first=20)) <= alone.members("VIP")


@pytest.mark.parametrize("words", [("share",), ("share", "--bring")])
def test_without_a_ledger_of_a_team(
    rokt: Rokt, tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nowhere to bring it: no address, or one of a file."""
    for address in ("", f"sqlite:///{tmp_path}/team.sqlite"):
        monkeypatch.setenv("ROKT_LEDGER_URL", address)
        code, _, complaint = rokt(*words)
        assert (code, "ROKT_LEDGER_URL=postgresql" in complaint) == (2, True)
