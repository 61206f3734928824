"""Time ``Vault.add`` against plain pandas doing the same, in turn, each a process of its own.

The law kept here: both read the same made-up deliveries, two that overlap, and must keep the same
referrals, else no figure is printed. The floor is Polars reading the same files as text and doing
nothing with them. Compare the ratios of one run, not the seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl

from rokt_helpers.referrals.vault import Vault

NOW: Final = datetime(2026, 11, 22, 6, tzinfo=UTC)
ENTRIES: Final = ("Vault.add", "plain pandas", "polars read_csv")
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
    """Read, tidy, hash, keep each referral once, write by day, as one writes it first."""
    kept = []
    for path in paths:
        frame = pd.read_csv(path, dtype=str).rename(columns=NAMES)
        frame["referred_at"] = pd.to_datetime(frame["referred_at"])
        frame["bid_price"] = pd.to_numeric(frame["bid_price"])
        frame["age"] = pd.to_numeric(frame["age"]).astype("Int64")
        frame["postal_code"] = frame["postal_code"].str.zfill(5)
        gender = frame["gender"].str.lower()
        frame["gender"] = gender.map({"m": "Male", "f": "Female", "male": "Male"})
        email = frame.pop("email").str.strip().str.lower()
        frame["email_sha256"] = email.map(lambda cell: hashlib.sha256(cell.encode()).hexdigest())
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


def timed(entry: str, paths: list[Path], folder: Path) -> dict[str, Any]:
    """Run one entry in a process of its own; return its seconds and its peak of memory."""
    words = [sys.executable, __file__, "--entry", entry, "--folder", str(folder), *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_entry(entry: str, paths: list[Path], folder: Path) -> None:
    """Be that process."""
    work = dict(zip(ENTRIES, (by_workbench, by_pandas, by_reading), strict=True))[entry]
    began, began_cpu = time.perf_counter(), time.process_time()
    work(paths, folder)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak}))


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
    parser.add_argument("--smoke", action="store_true", help="20,000 rows, one run")
    parser.add_argument("--entry", choices=ENTRIES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("paths", type=Path, nargs="*", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.entry:
        run_entry(chosen.entry, chosen.paths, chosen.folder)
        return
    rows, runs = (20_000, 1) if chosen.smoke else (chosen.rows, chosen.runs)
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as name:
        paths = deliveries(Path(name), rows)
        readings = []
        for run in range(runs):
            places = {entry: Path(name) / f"{run}-{entry}" for entry in ENTRIES}
            readings.append({e: timed(e, paths, place) for e, place in places.items()})
            ours, theirs = kept_in(places["Vault.add"]), kept_in(places["plain pandas"])
            if not ours.equals(theirs):
                raise SystemExit("The two do not keep the same referrals.")
    delivered = rows + 2 * (rows // 10)
    say(f"Both keep the same {len(ours):,} referrals of {delivered:,} delivered.")
    say(
        f"{rows:,} rows and a fifth of that more, medians of {runs}, in turn, "
        f"{os.cpu_count()} cores"
    )
    base = statistics.median(reading["plain pandas"]["seconds"] for reading in readings)
    for entry in ENTRIES:
        seconds = statistics.median(reading[entry]["seconds"] for reading in readings)
        cpu = statistics.median(reading[entry]["cpu"] for reading in readings)
        peak = statistics.median(reading[entry]["peak_mb"] for reading in readings)
        ratio = base / seconds
        say(
            f"{entry:<16}{seconds:>8.2f} s{cpu:>8.2f} s of CPU{peak:>8,.0f} MB"
            f"{ratio:>7.1f} × plain pandas"
        )


if __name__ == "__main__":
    main()
