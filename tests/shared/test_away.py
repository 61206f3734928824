"""The ledger's database goes away: nothing is sent without it, and nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from rokt_helpers.errors import LedgerAway, RoktError, SettingsError
from rokt_helpers.sandbox import Fault, Sandbox
from rokt_helpers.workbench import Workbench, open_workbench
from tests.deliver.lists import addresses, audience, digests
from tests.real_parts.postgres import HOST, QUIET, PostgresServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """A database of this test's own, which it may stop."""
    with PostgresServer() as running:
        monkeypatch.setenv("ROKT_LEDGER_URL", running.url)
        monkeypatch.setenv("ROKT_API_BATCH_ROWS", "10")
        yield running


def stop(server: PostgresServer) -> None:
    server._run("pg_ctl", "-D", str(server.folder / "data"), "-m", "immediate", "stop")


def start(server: PostgresServer) -> None:
    options = f"-p {sa.make_url(server.url).port} -c listen_addresses={HOST} {QUIET}"
    wait = ("-w", "-l", str(server.folder / "log"))
    server._run("pg_ctl", "-D", str(server.folder / "data"), *wait, "-o", options, "start")


def drop_connections(server: PostgresServer) -> None:
    engine = sa.create_engine(server.url.replace("://", "+psycopg://"))
    with engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND usename = 'tester'"
            )
        )
    engine.dispose()


def while_sending(workbench: Workbench, sandbox: Sandbox, harm: Callable[[], None]) -> RoktError:
    """Send a hundred people in ten requests; do the harm while the third is under way."""
    sandbox.script(Fault.slow(4, at_request=3))
    ended: list[RoktError] = []

    def send() -> None:
        with pytest.raises(RoktError) as caught:
            workbench.deliver(workbench.plan(audience(100), list="VIP"))
        ended.append(caught.value)

    sender = threading.Thread(target=send)
    sender.start()
    end = time.monotonic() + 30
    while len(sandbox.requests()) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    harm()
    sender.join()
    return ended[0]


@pytest.mark.parametrize("harm", [stop, drop_connections])
def test_what_is_under_way_stops_and_goes_on_later(
    server: PostgresServer, sandbox: Sandbox, harm: Callable[[PostgresServer], None]
) -> None:
    """Nothing more is sent, the sentence says why, and afterwards only the rest goes."""
    with open_workbench() as workbench:
        error = while_sending(workbench, sandbox, lambda: harm(server))
        assert isinstance(error, LedgerAway)
        assert error.exit_code == 1
        assert server.password not in str(error)
        stopped_at = len(sandbox.requests())
        assert stopped_at < 10
    if harm is stop:
        with pytest.raises(SettingsError, match="nothing is sent without it"):
            open_workbench()
        start(server)
    with open_workbench() as workbench:
        receipt = workbench.deliver(workbench.plan(audience(100), list="VIP"))
    assert receipt.delivered
    assert 0 < receipt.rows_sent_now < 100
    assert sandbox.members("VIP") == digests(addresses(100))


def test_a_run_whose_people_cannot_be_kept_does_not_start(
    server: PostgresServer, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whom a run names is written down before anything: where it cannot be, nothing is sent."""
    assert server.url
    (tmp_path / "share").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("ROKT_SHARED_FOLDER", f"file://{tmp_path}/share")
    with open_workbench() as workbench:
        plan = workbench.plan(audience(5), list="VIP")
        with pytest.raises(RoktError, match="ROKT_SHARED_FOLDER"):
            workbench.deliver(plan)
        assert (workbench.history(), sandbox.requests()) == ([], [])
