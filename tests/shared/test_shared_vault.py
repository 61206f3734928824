"""One vault of referrals for a team: on S3, behind fsspec, and on a disk that is mounted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from rokt_helpers.errors import InputError, LedgerAway
from rokt_helpers.ledger import Ledger
from rokt_helpers.referrals.vault import KeptFile, Vault
from rokt_helpers.storage import Storage
from tests.real_parts.postgres import PostgresServer
from tests.referrals.downloads import NOW, delivered

ROW = ("2026-11-01 10:00:00", "1", "Everybody", "USA", "2.50", "ann@example.com")
LATER = ("2026-11-02 10:00:00", "1", "Everybody", "USA", "3.50", "bob@example.com")
ANN = hashlib.sha256(b"ann@example.com").hexdigest()


@pytest.fixture
def ledgers(postgres: PostgresServer, tmp_path: Path) -> Iterator[list[Ledger]]:
    """The one ledger, as two machines have it."""
    opened = [Ledger(postgres.url, folder=tmp_path / name) for name in ("one", "two")]
    yield opened
    for ledger in opened:
        ledger.close()


@pytest.fixture
def vaults(
    ledgers: list[Ledger], storage: Storage, other: Storage, tmp_path: Path
) -> tuple[Vault, Vault]:
    """The one vault, as two machines have it."""
    one, two = (
        Vault(tmp_path / f"vault-{number}", shared=(place, ledger.alone_on_vault))
        for number, (ledger, place) in enumerate(zip(ledgers, (storage, other), strict=True))
    )
    return one, two


def add(vault: Vault, name: str, *rows: tuple[object, ...]) -> KeptFile:
    return vault.add(name, delivered(*rows), modified=NOW, now=NOW)


def test_what_one_collects_the_other_has(vaults: tuple[Vault, Vault]) -> None:
    """Both see the same rows, each once, and know the same files; here nothing is left of them."""
    one, two = vaults
    assert two.read().height == 0
    add(one, "a.csv", ROW)
    assert two.known("a.csv", len(delivered(ROW)), NOW)
    assert add(two, "copy.csv", ROW).same_as == "a.csv"
    second = add(two, "b.csv", ROW, LATER)
    assert (second.rows, second.duplicates) == (1, 1)
    assert one.read().equals(two.read())
    assert one.read()["file"].to_list() == ["a.csv", "b.csv"]
    assert one.files()["name"].to_list() == ["a.csv", "copy.csv", "b.csv"]
    kept = [p for vault in vaults for p in vault.folder.rglob("*") if p.is_file()]
    assert [p.name for p in kept if p.name != ".lock"] == []


def test_two_machines_at_once_lose_nothing(vaults: tuple[Vault, Vault]) -> None:
    """Eight files at the same time from two machines are eight files, each row once."""

    def take(number: int) -> KeptFile:
        own = (*LATER[:5], f"person{number}@example.com")
        return add(vaults[number % 2], f"{number}.csv", ROW, own)

    with ThreadPoolExecutor(2) as pool:
        kept = list(pool.map(take, range(8)))
    assert sorted(file.rows for file in kept) == [1] * 7 + [2]
    for vault in vaults:
        assert (vault.files().height, vault.read().height) == (8, 9)


def test_a_file_that_cannot_be_read_is_set_aside_for_all(vaults: tuple[Vault, Vault]) -> None:
    """What one sets aside the other sees, reads again by its own rules, or removes."""
    one, two = vaults
    for name in ("a.csv", "b.csv"):
        one.set_aside(name, b"no;thing", modified=NOW, now=NOW, reason="it is not readable")
    assert two.quarantined()["name"].to_list() == ["a.csv", "b.csv"]
    assert two.known("a.csv", 8, NOW)
    with pytest.raises(InputError):
        two.retry("a.csv", now=NOW)
    two.discard("a.csv", now=NOW)
    assert one.quarantined()["name"].to_list() == ["b.csv"]


def test_a_person_is_erased_for_all(vaults: tuple[Vault, Vault], storage: Storage) -> None:
    """What one erases the other no longer has, and no file in the shared folder holds it."""
    one, two = vaults
    add(one, "a.csv", ROW, LATER)
    assert two.read().height == 2
    assert one.erase_person(ANN) == 1
    assert two.read()["email_sha256"].to_list() == [hashlib.sha256(b"bob@example.com").hexdigest()]
    assert two.erase_person(ANN) == 0
    parts = storage.fetch(storage.names("rows", ".parquet"))
    assert ANN not in str([pl.read_parquet(part).to_dicts() for part in parts])


def test_rows_without_a_line_in_the_manifest_count_for_nothing(
    vaults: tuple[Vault, Vault], storage: Storage, tmp_path: Path
) -> None:
    """What a crash left before the manifest named it is not read, and goes at the next file."""
    one, two = vaults
    add(one, "a.csv", ROW)
    [name] = storage.names("rows", ".parquet")
    part = tmp_path / "part"
    part.write_bytes(storage.fetch([name])[0].read_bytes())
    storage.put(part, "rows/day=2026-11-09/crashed.parquet")
    assert two.read().height == 1
    add(two, "b.csv", LATER)
    assert len(storage.names("rows", ".parquet")) == two.read().height == 2


def test_a_lock_that_was_lost_is_noticed(ledgers: list[Ledger], postgres: PostgresServer) -> None:
    """When the database dropped the connection that holds it, nothing is written any more."""
    one, two = ledgers
    engine = sa.create_engine(postgres.url.replace("://", "+psycopg://"))
    with one.alone_on_vault() as prove_alone:
        prove_alone()
        assert two.try_lock("vault of referrals") is None
        with engine.connect() as connection:
            connection.execute(
                sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype='advisory'")
            )
        with pytest.raises(LedgerAway, match="lost"):
            prove_alone()
    engine.dispose()
    with two.alone_on_vault() as prove_alone:
        prove_alone()
