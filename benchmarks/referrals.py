"""Time the vault, and the study's tables, against plain pandas, each a process of its own.

The law kept here: both read the same made-up deliveries, two that overlap, and must keep the same
referrals, else no figure is printed. The floor is Polars reading the same files as text and doing
nothing with them. Compare the ratios of one run, not the seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl
from referral_tables import Table, tables_by_pandas, tables_by_workbench, write_beside

from rokt_helpers.referrals.vault import Vault

NOW: Final = datetime(2026, 11, 22, 6, tzinfo=UTC)
ENTRIES: Final = ("Vault.add", "plain pandas", "polars read_csv")
MAKERS: Final = dict(zip(ENTRIES, (tables_by_workbench, tables_by_pandas), strict=False))
KEY: Final = ["referred_at", "email_sha256", "campaign", "audience_id", "bid_price"]
NAMES: Final = {
    "Date/time": "referred_at", "Campaign name": "campaign", "Audience ID": "audience_id",
    "Audience name": "audience", "Country": "country", "State": "state",
    "ZIP/postal code": "postal_code", "Gender": "gender", "Age": "age", "Bid price": "bid_price",
    "Ad response": "ad_response", "Browser": "browser", "Source": "source", "Email": "email",
    "First name": "first_name", "Last name": "last_name",
}  # fmt: skip
STATES: Final = ("MA", "NJ", "CT", "CA", "NY", "TX", "FL", "WA")
ZIPS: Final = ("2139", "7030", "6510", "94110", "10010", "73301", "33101", "98101")


def deliveries(folder: Path, rows: int) -> list[Path]:
    """Write two deliveries of 30 days: the second holds the last tenth of the first again."""
    number = pl.int_range(0, rows + rows // 10)
    dice = number.hash(seed=2026)

    def one_of(words: tuple[str, ...], turn: int) -> pl.Expr:
        place = (dice // 1009**turn) % len(words)
        return place.replace_strict(dict(enumerate(words)), return_dtype=pl.String)

    first = pl.lit(datetime(2026, 10, 1))  # noqa: DTZ001  Rokt's times have no zone
    second = pl.duration(seconds=number * (30 * 86_400) // (rows + rows // 10))
    person = number * 7919 % 999_983
    columns = [
        (first + second).dt.strftime("%Y-%m-%d %H:%M:%S"),
        pl.lit("Newsletter sign-up, season 3"),
        one_of(("2581697744617019994", "2581697744617020013", "2583112096540118872"), 0),
        one_of(("M/F: 25+", "F: 25-34", "M: 18-24"), 0),
        pl.lit("United States"),
        one_of(STATES, 1),
        one_of(ZIPS, 1),
        one_of(("F", "M", "Male", ""), 2),
        pl.format("{}", 18 + dice // 7 % 60),
        pl.format("{}.{}", 1 + dice // 11 % 5, 10 + dice // 13 % 90),
        pl.lit("Yes, please"),
        one_of(("Chrome Mobile", "Mobile Safari", "Firefox"), 2),
        one_of(("Confirmation page", "E-mail receipt"), 2),
        pl.format(" Person.{}@Example.com", person),
        pl.format("Ann{}", person % 1000),
        pl.lit("Example"),
    ]
    table = pl.select(col.alias(name) for name, col in zip(NAMES, columns, strict=True))
    cuts = (table[:rows], table[rows - rows // 10 :])
    paths = [folder / f"delivery-{place}.csv" for place in range(len(cuts))]
    for cut, path in zip(cuts, paths, strict=True):
        cut.write_csv(path)
    return paths


def by_workbench(paths: list[Path], folder: Path) -> None:
    """Add both to a vault."""
    vault = Vault(folder)
    for path in paths:
        vault.add(path.name, path, modified=NOW, now=NOW)


def by_pandas(paths: list[Path], folder: Path) -> None:
    """Read, tidy, hash, keep each referral once, write by day, as one writes it first.

    It is spared what only a vault does: telling why a row was left out, looking for addresses in
    other columns, and reading back the days that are on disk. Both deliveries stay in memory.
    """
    kept = []
    for path in paths:
        frame = pd.read_csv(path, dtype=str).rename(columns=NAMES)
        for name in frame.columns:
            frame[name] = frame[name].str.strip()
        serial = pd.to_numeric(frame["referred_at"], errors="coerce")
        text = pd.to_datetime(
            frame["referred_at"].where(serial.isna()), format="ISO8601", errors="coerce"
        )
        days = pd.to_datetime(serial, unit="D", origin="1899-12-30").dt.round("s")
        frame["referred_at"] = text.fillna(days)
        frame["bid_price"] = pd.to_numeric(frame["bid_price"], errors="coerce")
        frame["age"] = pd.to_numeric(frame["age"], errors="coerce").astype("Int64")
        american = frame["country"].str.lower().isin(["united states", "us", "usa"])
        frame["postal_code"] = frame["postal_code"].mask(
            american, frame["postal_code"].str.zfill(5)
        )
        gender = frame["gender"].str.lower()
        frame["gender"] = gender.map({"m": "Male", "f": "Female", "male": "Male"})
        email = frame.pop("email").str.lower()
        email = email.where(email.str.fullmatch(r"[^@\s]+@([a-z0-9-]+\.)+[a-z0-9-]+"))
        frame["email_sha256"] = email.map(
            lambda cell: hashlib.sha256(cell.encode()).hexdigest(), na_action="ignore"
        )
        frame = frame.drop(columns=["first_name", "last_name"])
        frame["_nth"] = frame.groupby(KEY, dropna=False).cumcount()
        kept.append(frame.assign(file=path.name, row=range(2, len(frame) + 2)))
    table = pd.concat(kept).drop_duplicates(subset=[*KEY, "_nth"]).drop(columns="_nth")
    for day, of_day in table.groupby(table["referred_at"].dt.date):
        place = folder / "rows" / f"day={day}"
        place.mkdir(parents=True)
        of_day.to_parquet(place / "rows.parquet", index=False)


def by_reading(paths: list[Path], folder: Path) -> None:  # noqa: ARG001  nothing is kept
    """Read both as text, and drop what was read."""
    for path in paths:
        pl.read_csv(path, infer_schema=False)


def timed(entry: str, paths: list[Path], folder: Path, *, analyse: bool) -> dict[str, Any]:
    """Run one entry in a process of its own; return its seconds and its peak of memory."""
    words = [sys.executable, __file__, "--entry", entry, "--folder", str(folder)]
    words += ["--analyse"] * analyse
    done = subprocess.run([*words, *map(str, paths)], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_entry(entry: str, paths: list[Path], folder: Path, *, analyse: bool) -> None:
    """Be that process."""
    work = dict(zip(ENTRIES, (by_workbench, by_pandas, by_reading), strict=True))[entry]
    _, reading = watched(lambda: work(paths, folder))
    tables: dict[str, Table] = {}
    if analyse and entry in MAKERS:
        maker = MAKERS[entry]
        tables, of_tables = watched(lambda: maker(folder, paths[0].parent))
        reading |= {f"tables_{name}": figure for name, figure in of_tables.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(json.dumps({**reading, "peak_mb": peak, "tables": tables}))


def watched(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Do the work; return what it gives, and its seconds on the wall and of CPU."""
    began, began_cpu = time.perf_counter(), time.process_time()
    made = work()
    return made, {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - began_cpu,
    }


def check(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Refuse two lots of tables that do not hold the same numbers."""
    for name, table in theirs["tables"].items():
        mine = ours["tables"][name]
        shape, same = ([len(row) for row in rows] for rows in (mine, table))
        cells = [pair for rows in zip(mine, table, strict=False) for pair in zip(*rows)]  # noqa: B905
        if shape != same or not all(alike(*pair) for pair in cells):
            raise SystemExit(f"The two do not make the same table: {name}.")


def alike(one: Any, other: Any) -> bool:
    """Tell whether two cells say the same, apart from the last digit."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=0.011)
    return bool(one == other)


def kept_in(folder: Path) -> pl.DataFrame:
    """Return what an entry kept, in an order of its own."""
    table = pl.scan_parquet(
        f"{folder}/rows/**/*.parquet", hive_partitioning=False, extra_columns="ignore"
    )
    names = [*KEY, "state", "postal_code", "gender", "age", "file", "row"]
    return table.select(names).cast({"row": pl.Int64, "referred_at": pl.Datetime("us")}).sort(
        "file", "row"
    ).collect()  # fmt: skip


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Check that both agree, measure all in turn, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--analyse", action="store_true", help="make the study's tables, too")
    parser.add_argument("--smoke", action="store_true", help="20,000 rows, one run")
    parser.add_argument("--entry", choices=ENTRIES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("paths", type=Path, nargs="*", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.entry:
        run_entry(chosen.entry, chosen.paths, chosen.folder, analyse=chosen.analyse)
        return
    rows, runs = (20_000, 1) if chosen.smoke else (chosen.rows, chosen.runs)
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as name:
        readings = [measured(Path(name), rows, chosen.analyse, run) for run in range(runs)]
    say(
        f"{rows:,} rows and a fifth of that more, medians of {runs}, in turn, "
        f"{os.cpu_count()} cores"
    )
    report("ingest", readings, ENTRIES, [""])
    if chosen.analyse:
        report("tables", readings, ENTRIES[:2], ["tables_"])
        report("both", readings, ENTRIES[:2], ["", "tables_"])


def measured(folder: Path, rows: int, analyse: bool, run: int) -> dict[str, dict[str, Any]]:  # noqa: FBT001
    """Run every entry once, and see that both come to the same."""
    paths = [*folder.glob("delivery-*.csv")] or deliveries(folder, rows)
    if analyse:
        write_beside(folder)
    places = {entry: folder / f"{run}-{entry}" for entry in ENTRIES}
    found = {e: timed(e, sorted(paths), place, analyse=analyse) for e, place in places.items()}
    ours, theirs = (kept_in(places[entry]) for entry in ENTRIES[:2])
    if not ours.equals(theirs):
        raise SystemExit("The two do not keep the same referrals.")
    check(found[ENTRIES[0]], found[ENTRIES[1]])
    if run == 0:
        say(f"Both keep the same {len(ours):,} referrals of {rows + 2 * (rows // 10):,} delivered.")
    if run == 0 and analyse:
        say(f"Both make the same {len(found[ENTRIES[1]]['tables'])} tables.")
    return found


def report(
    what: str, readings: list[dict[str, dict[str, Any]]], entries: Sequence[str], parts: list[str]
) -> None:
    """Print the medians of some parts of the work, and the ratios on the wall and of CPU."""

    def median(entry: str, figure: str) -> float:
        return statistics.median(
            sum(reading[entry][f"{part}{figure}"] for part in parts) for reading in readings
        )

    for entry in entries:
        seconds, cpu = median(entry, "seconds"), median(entry, "cpu")
        peak = statistics.median(reading[entry]["peak_mb"] for reading in readings)
        faster = median("plain pandas", "seconds") / seconds
        leaner = median("plain pandas", "cpu") / cpu
        say(
            f"{what:<8}{entry:<16}{seconds:>8.2f} s{cpu:>8.2f} s of CPU{peak:>8,.0f} MB"
            f"{faster:>7.1f} × plain pandas{leaner:>7.1f} × by CPU"
        )


if __name__ == "__main__":
    main()
