"""The ledger over both databases: runs, batches, members, locks, the clock, older ledgers."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
import uuid
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from rokt_helpers.errors import SettingsError
from rokt_helpers.ledger import BatchRecord, Ledger, ListName, RunRecord, known_list, people_on
from rokt_helpers.ledger.database import LATEST
from rokt_helpers.ledger.schema import METADATA
from tests.deliver.lists import addresses, audience, digests


def run_of(name: str, *, run_id: str | None = None, **facts: Any) -> RunRecord:
    given: dict[str, Any] = {
        "run_id": run_id or str(uuid.uuid4()), "fingerprint": "f" * 64, "profile": "sandbox",
        "account": "1", "host": "h", "purpose": "audience", "list": name, "action": "include",
        "via": "api", "mode": "full", "identifier": "sha256", "rows": 5, "status": "delivered",
        "started_at": "2026-11-22T06:00:00.000+00:00",
    }  # fmt: skip
    return RunRecord(**{**given, **facts})


def open_run(
    ledger: Ledger, run: RunRecord, people: pl.Series, outcome: Any = "confirmed"
) -> RunRecord:
    batch = BatchRecord(run.run_id, 1, run.action, len(people), "f" * 64, outcome, at="2026-11-22T")
    ledger.open_run(run, [batch], [(1, people)])
    return run


def test_runs_are_kept_in_the_order_they_came(ledger: Ledger) -> None:
    """The newest run comes first, also where a clock was set back in between."""
    name = f"Order {uuid.uuid4()}"
    for moment in ("2026-11-22T06:00", "2026-11-21T06:00", "2026-11-23T06:00"):
        open_run(ledger, run_of(name, started_at=moment), audience(1).identifiers)
    found = ledger.runs_on(ListName("1", "audience", name))
    assert [run.started_at[8:10] for run in found] == ["23", "21", "22"]
    assert found[0].seq == found[1].seq + 1 == found[2].seq + 2
    assert ledger.last_run_on(ListName("1", "audience", name)) == found[0]


def test_members_come_back_as_they_went_in(ledger: Ledger) -> None:
    """Whoever a confirmed run included is on the list, as the digests that were sent."""
    name = f"Members {uuid.uuid4()}"
    open_run(ledger, run_of(name), audience(7).identifiers)
    there = people_on(ledger, ListName("1", "audience", name))
    assert frozenset(there.digests) == digests(addresses(7))


@pytest.mark.parametrize(
    ("outcome", "on_list", "sure"),
    [
        ("confirmed", True, True), ("in_doubt", True, False), ("started", True, False),
        ("planned", False, False), ("refused", False, False), ("failed", False, False),
    ],
)  # fmt: skip
def test_what_an_outcome_says_of_a_list(
    ledger: Ledger, outcome: str, *, on_list: bool, sure: bool
) -> None:
    """A batch that may have arrived puts people on the list; only a confirmed one for sure."""
    name = ListName("1", "audience", f"Outcome {uuid.uuid4()}")
    open_run(ledger, run_of(name.list), audience(3).identifiers, outcome)
    known = known_list(ledger, name)
    assert len(known.last_named("include", sure=False)) == 3 * on_list
    assert len(known.last_named("include", sure=True)) == 3 * sure


def test_a_lock_is_held_by_one(ledger: Ledger) -> None:
    """A second taker gets nothing until the first lets go; another name is another lock."""
    name = str(uuid.uuid4())
    release = ledger.try_lock(name)
    assert release is not None
    assert ledger.try_lock(name) is None
    other = ledger.try_lock(f"{name}, another")
    assert other is not None
    other()
    release()
    again = ledger.try_lock(name)
    assert again is not None
    again()


def _hold_and_wait(where: Path | str, folder: Path, name: str, said: Any) -> None:
    kept = Ledger(where, folder=folder).try_lock(name)
    said.set()
    time.sleep(60 if kept else 0)


def test_a_lock_goes_with_its_process(where: Path | str, ledger: Ledger, tmp_path: Path) -> None:
    """While another process holds it nobody else does, and when that is killed it is free."""
    spawn = multiprocessing.get_context("spawn")
    name, said = str(uuid.uuid4()), spawn.Event()
    other = spawn.Process(target=_hold_and_wait, args=(where, tmp_path, name, said))
    other.start()
    assert said.wait(30)
    assert ledger.try_lock(name) is None
    other.kill()
    other.join()
    end = time.monotonic() + 10
    while (release := ledger.try_lock(name)) is None:
        assert time.monotonic() < end, "the lock outlived its process"
        time.sleep(0.05)
    release()


def test_the_clock_of_the_ledger_goes_on(ledger: Ledger) -> None:
    """Its seconds are those of the day, and grow."""
    first = ledger.seconds()
    time.sleep(0.01)
    assert abs(first - time.time()) < 60
    assert ledger.seconds() > first


def test_the_last_start_is_noted(ledger: Ledger) -> None:
    """Each place of each platform has its own moment, and the newest one counts."""
    platform = str(uuid.uuid4())
    assert ledger.last_start(platform, 0) is None
    for place, at in ((0, 5.0), (1, 6.0), (0, 7.5)):
        ledger.note_start(platform, place, at)
    assert [ledger.last_start(platform, place) for place in (0, 1, 2)] == [7.5, 6.0, None]


# --- older and newer ledgers ------------------------------

FIRST = """
    CREATE TABLE runs (run_id VARCHAR(36) PRIMARY KEY, fingerprint VARCHAR(64) NOT NULL,
        profile VARCHAR(16) NOT NULL, account VARCHAR(64) NOT NULL, host VARCHAR(255) NOT NULL,
        purpose VARCHAR(16) NOT NULL, list VARCHAR(255) NOT NULL, action VARCHAR(16) NOT NULL,
        via VARCHAR(16) NOT NULL, mode VARCHAR(16) NOT NULL, identifier VARCHAR(16) NOT NULL,
        rows BIGINT NOT NULL, status VARCHAR(16) NOT NULL, started_at VARCHAR(32) NOT NULL,
        finished_at VARCHAR(32));
    CREATE TABLE batches (run_id VARCHAR(36) NOT NULL REFERENCES runs, number INTEGER NOT NULL,
        rows BIGINT NOT NULL, fingerprint VARCHAR(64) NOT NULL, outcome VARCHAR(16) NOT NULL,
        attempts INTEGER NOT NULL, status INTEGER, request_id VARCHAR(128), name VARCHAR(255),
        picked_up_seconds FLOAT, at VARCHAR(32), PRIMARY KEY (run_id, number));
    INSERT INTO runs VALUES
        ('b', 'f', 'sandbox', '1', 'h', 'audience', 'VIP', 'exclude', 'api', 'full', 'sha256', 5,
         'delivered', '2026-11-21T06:00:00.000+00:00', NULL),
        ('a', 'f', 'sandbox', '1', 'h', 'audience', 'VIP', 'include', 'api', 'full', 'sha256', 9,
         'delivered', '2026-11-20T06:00:00.000+00:00', NULL);
    INSERT INTO batches VALUES
        ('a', 1, 9, 'f', 'confirmed', 1, 201, NULL, NULL, NULL, NULL),
        ('b', 1, 5, 'f', 'confirmed', 1, 201, NULL, NULL, NULL, NULL);
"""


def test_a_ledger_of_the_first_kind_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its runs stay, in their order; each batch has its run's action; nobody is on its lists."""
    file = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as first:
        first.executescript(FIRST)
    ledger = Ledger(file)
    assert [(run.run_id, run.seq, run.sample) for run in ledger.runs()] == [
        ("b", 2, False), ("a", 1, False),
    ]  # fmt: skip
    assert [ledger.batches(run)[0].action for run in ("a", "b")] == ["include", "exclude"]
    assert len(people_on(ledger, ListName("1", "audience", "VIP"))) == 0
    open_run(ledger, run_of("VIP"), audience(2).identifiers)
    assert ledger.runs()[0].seq == 3
    ledger.close()


def columns(url: str) -> dict[str, set[str]]:
    engine = sa.create_engine(url)
    found = sa.inspect(engine)
    names = {name: {c["name"] for c in found.get_columns(name)} for name in found.get_table_names()}
    engine.dispose()
    return names


def test_an_old_ledger_becomes_what_a_new_one_is(tmp_path: Path) -> None:
    """Step by step a ledger reaches the tables that a new one begins with."""
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as first:
        first.executescript(FIRST)
    for name in ("old", "new"):
        Ledger(tmp_path / f"{name}.sqlite").close()
    old, new = (columns(f"sqlite:///{tmp_path}/{name}.sqlite") for name in ("old", "new"))
    assert old == new
    assert set(new) == {*METADATA.tables, "alembic_version"}


def test_a_ledger_of_a_newer_workbench_is_refused(where: Path | str, tmp_path: Path) -> None:
    """What a newer workbench wrote is left alone, and the sentence says what to do."""
    Ledger(where, folder=tmp_path).close()
    url = f"sqlite:///{where}" if isinstance(where, Path) else where.replace("://", "+psycopg://")
    engine = sa.create_engine(url)
    for version in ("9999", LATEST):
        with engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version}
            )
        if version != LATEST:
            with pytest.raises(SettingsError, match="newer workbench"):
                Ledger(where, folder=tmp_path)
    engine.dispose()
    Ledger(where, folder=tmp_path).close()


def _open_once(where: Path | str, folder: Path) -> None:
    Ledger(where, folder=folder).close()


def test_several_processes_may_open_a_new_ledger(tmp_path: Path) -> None:
    """Whoever comes first makes the tables, and the others find them."""
    spawn = multiprocessing.get_context("spawn")
    place = (tmp_path / "ledger.sqlite", tmp_path)
    openers: Iterable[Any] = [spawn.Process(target=_open_once, args=place) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0] * 4
