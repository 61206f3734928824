"""Two workbenches of a team: one ledger, one shared folder, two computers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from rokt_helpers.errors import SettingsError
from rokt_helpers.sandbox import Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests, send
from tests.real_parts.postgres import PostgresServer


@pytest.fixture
def team(
    sandbox: Sandbox,  # noqa: ARG001  the environment points to it
    postgres: PostgresServer,
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[list[Workbench]]:
    """Two open workbenches with state folders of their own."""
    monkeypatch.setenv("ROKT_LEDGER_URL", postgres.url)
    monkeypatch.setenv("ROKT_SHARED_FOLDER", address)
    opened = []
    for name in ("one", "two"):
        monkeypatch.setenv("ROKT_HOME", str(tmp_path / name))
        opened.append(open_workbench())
    yield opened
    for workbench in opened:
        workbench.close()


def test_whom_one_sent_the_other_knows(
    team: list[Workbench], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Delta, the state of a list, undo and forgetting work on what the other one delivered."""
    one, two = team
    name = f"VIP {uuid.uuid4()}"
    first = send(one, one.plan(audience(5), list=name))
    assert two.people_on(name).digests.to_list() == sorted(digests(addresses(5)))
    assert send(two, two.plan(audience(7), list=name, mode="delta")).rows_confirmed == 2
    assert two.forget_person(addresses(1)[0]).runs == 1
    assert name not in one.lists_of(addresses(1)[0])
    send(two, two.plan_undo(first.run_id))
    assert sandbox.members(name) == digests([addresses(1)[0], *addresses(2, first=5)])
    assert len(one.people_on(name)) == 2
    assert not [path for home in ("one", "two") for path in (tmp_path / home).rglob("*.parquet")]


def test_a_run_that_one_began_the_other_ends(team: list[Workbench], sandbox: Sandbox) -> None:
    """The same plan made by the other is the same run: nothing is sent a second time."""
    one, two = team
    name = f"Same {uuid.uuid4()}"
    receipt = send(one, one.plan(audience(5), list=name))
    again = send(two, two.plan(audience(5), list=name))
    assert (again.run_id, again.rows_sent_now) == (receipt.run_id, 0)
    assert len(sandbox.requests()) == 1


def test_a_shared_folder_needs_a_shared_ledger(tmp_path: Path) -> None:
    """Without the locks of a common database two of them would write over one another."""
    for ledger in ("", f"sqlite:///{tmp_path}/team.sqlite"):
        with pytest.raises(SettingsError, match="ROKT_LEDGER_URL=postgresql"):
            open_workbench(shared_folder=str(tmp_path / "share"), ledger_url=ledger)
