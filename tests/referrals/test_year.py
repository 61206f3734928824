"""A year of daily files by two routes, with overlaps, damage and kills: one exact table."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from rokt_helpers.referrals.inbox import delivered_files
from rokt_helpers.referrals.rhythm import find_gaps
from rokt_helpers.referrals.vault import Vault
from tests.house.project import ROOT
from tests.referrals.deliveries import COMPARED, FIRST_DAY, File, year

DAYS = 365
KILLS = 4


def lay_out(folder: Path, files: Iterable[File]) -> None:
    for file in files:
        path = folder / file.route / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        os.utime(path, (file.modified.timestamp(), file.modified.timestamp()))


def start(folder: Path, vault: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tests.referrals.adding", str(folder), str(vault)]
    return subprocess.Popen(words, cwd=ROOT)


def kill_amidst(folder: Path, vault: Path, dice: random.Random) -> bool:
    """Kill a collecting process some files on, at any point of its work; False if it was done."""
    process = start(folder, vault)
    manifest = vault / "manifest.jsonl"
    before = manifest.stat().st_size if manifest.exists() else 0
    wanted = before + dice.randrange(20_000)
    while process.poll() is None and (
        not manifest.exists() or manifest.stat().st_size <= max(wanted, before)
    ):
        time.sleep(0.005)
    time.sleep(dice.random() * 0.05)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def test_a_year_ends_in_the_exact_table(tmp_path: Path) -> None:
    """However often it was killed, each referral is there once, and all rows are accounted for."""
    made, dice = year(2026, DAYS), random.Random(2026)
    folder, place = tmp_path / "downloads", tmp_path / "vault"
    # At first some files are damaged; the whole ones and the second half come later.
    half = made.files[: len(made.files) // 2]
    spoilt = {file.name: file for file in made.spoilt}
    lay_out(folder, [spoilt.get(file.name, file) for file in half])
    killed = [kill_amidst(folder, place, dice) for _ in range(KILLS // 2)]
    assert start(folder, place).wait() == 0
    lay_out(folder, made.files)
    killed += [kill_amidst(folder, place, dice) for _ in range(KILLS // 2)]
    assert all(killed)
    assert start(folder, place).wait() == 0

    vault = Vault(place)
    table, files = vault.read(), vault.files()
    assert sorted(table.select(COMPARED).rows(), key=str) == made.expected
    assert (files["rows"].sum(), files["rejected"].sum()) == (
        len(made.expected),
        sum(made.rejected.values()),
    )
    reasons = files.explode("rejected_by_reason", empty_as_null=False)["rejected_by_reason"]
    by_reason = reasons.struct.unnest().group_by("reason").sum()
    assert dict(by_reason.rows()) == made.rejected
    damaged = {file.name for file in half if file.name in spoilt}
    assert set(vault.quarantined()["name"]) == damaged
    assert damaged <= set(files["name"])
    # What lies on disk is what the manifest names, and nothing else.
    parts = [path for path in (place / "rows").rglob("*") if path.is_file()]
    assert sum(pl.scan_parquet(p).select(pl.len()).collect().item() for p in parts) == len(table)
    assert not list((place / "incoming").iterdir())

    gaps = find_gaps(delivered_files(vault), now=datetime(2026, 11, 22, 7, tzinfo=UTC))
    assert gaps == []  # the weekly mail has the days whose own file never came
    alone = [file for file in delivered_files(vault) if file.scheduled]
    missing = find_gaps(alone, now=FIRST_MORNING + timedelta(days=DAYS))
    assert [gap.day for gap in missing] == made.lost


FIRST_MORNING = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 7, tzinfo=UTC)


def test_other_programs_read_the_vault(tmp_path: Path) -> None:
    """DuckDB and Polars read the folder of rows directly, by day, and count what we count."""
    vault = Vault(tmp_path / "vault")
    made = year(3, 20)
    for file in made.files:
        vault.add(file.name, file.content, modified=file.modified, now=file.modified)
    pattern = tmp_path / "vault" / "rows" / "*" / "*.parquet"
    query = (
        f"select day, count(*), round(sum(bid_price), 2) from read_parquet('{pattern}', "  # noqa: S608
        "union_by_name=true, hive_partitioning=true) group by all order by all"
    )
    ours = (
        vault.scan()
        .group_by(day=pl.col("referred_at").dt.strftime("%Y-%m-%d"))
        .agg(pl.len(), pl.col("bid_price").sum().round(2))
        .sort("day")
        .collect()
    )
    with duckdb.connect() as connection:
        theirs = connection.execute(query).fetchall()
    assert [(str(day), *rest) for day, *rest in theirs] == ours.rows()
    hive = pl.scan_parquet(pattern, hive_partitioning=True, missing_columns="insert")
    assert hive.select(pl.len()).collect().item() == len(made.expected) == ours["len"].sum()
