"""Time ``prepare_conversions`` against a row loop with the same rules, in turn, on one list.

The law kept here: both read the same made-up purchases and must come to the same conversions,
value by value, and to the same report on the others, else no figure is printed. Compare the ratio
of one run, not the seconds.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rokt_helpers import contract
from rokt_helpers.conversions import prepare_conversions

ZONE: Final = "America/New_York"
HEADER: Final = ("Order ID", "E-mail", "Total", "Currency", "Order date", "SKUs", "First name")
ADDRESS: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*"
)
AMOUNT: Final = re.compile(r"\$?((?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?)")
Conversion = tuple[str, str, str, int, tuple[str, ...], str | None, str]
Rejected = tuple[int, str, str]
Outcome = tuple[list[Conversion], list[Rejected]]
NAMES: Final = (
    "emailsha256", "amount", "currency", "timestamp_unixtime_ms", "sku", "firstnamesha256",
    "confirmationref",
)  # fmt: skip


def purchases(rows: int) -> Iterator[tuple[str, ...]]:
    """Yield made-up purchases: 2 % bad, 3 % twice, one in ten above a thousand."""
    dice = random.Random(2026)
    for number in range(rows):
        luck = dice.randrange(100)
        order = dice.randrange(number + 1) if luck < 3 else number  # noqa: PLR2004  per cent
        email = "nobody" if luck == 99 else f"Person.{order * 7919}@Example.com "  # noqa: PLR2004
        cents = dice.randrange(100, 99_999)
        total = f"{cents / 100:.2f}" if luck % 10 else f"${cents * 10 / 100:,.2f}"
        day, hour = 1 + dice.randrange(28), dice.randrange(24)
        moment = f"2026-0{1 + dice.randrange(9)}-{day:02} {hour:02}:{dice.randrange(60):02}:07"
        currency = "XXX" if luck == 98 else "usd"  # noqa: PLR2004
        skus = ";".join(f"A{dice.randrange(900)}" for _ in range(1 + luck % 3))
        yield f"N-{order}", email, total, currency, moment, skus, "Ann" if luck % 2 else ""


def make_list(path: Path, rows: int) -> None:
    """Write the list as CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow(HEADER)
        lines.writerows(purchases(rows))


def by_rows(source: Path) -> Outcome:  # noqa: C901  a row loop is long
    """Read, check, hash and drop duplicates row by row, with the standard library."""
    found: dict[str, Conversion] = {}
    rejected: list[Rejected] = []
    zone, utc = ZoneInfo(ZONE), ZoneInfo("UTC")
    with source.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            email, amount = row["E-mail"].strip().lower(), AMOUNT.fullmatch(row["Total"].strip())
            currency, skus = row["Currency"].strip().upper(), row["SKUs"].strip()
            name, order = row["First name"].strip().lower(), row["Order ID"].strip()
            try:
                moment = datetime.fromisoformat(row["Order date"].strip()).replace(tzinfo=zone)
            except ValueError:
                moment = None
            fault = None
            if not ADDRESS.fullmatch(email):
                fault = "bad_email", "E-mail"
            elif moment is None:
                fault = "bad_time", "Order date"
            elif moment.astimezone(utc).astimezone(zone) != moment:
                fault = "skipped_hour", "Order date"
            elif "@" in order:
                fault = "address_in_text", "Order ID"
            elif amount is None:
                fault = "bad_amount", "Total"
            elif currency not in contract.CURRENCIES:
                fault = "bad_currency", "Currency"
            elif sum(mark in skus for mark in ",;|") > 1:
                fault = "bad_sku_list", "SKUs"
            if fault or amount is None or moment is None:
                rejected.append((number, *(fault or ("", ""))))
                continue
            value = amount[1].replace(",", "")
            value = value.rstrip("0").rstrip(".") if "." in value else value
            found.setdefault(
                order,
                (
                    hashlib.sha256(email.encode()).hexdigest(), value, currency,
                    int(moment.timestamp() * 1000),
                    tuple(sku for one in re.split("[,;|]", skus) if (sku := one.strip())),
                    hashlib.sha256(name.encode()).hexdigest() if name else None, order,
                ),
            )  # fmt: skip
    return list(found.values()), rejected


def by_workbench(source: Path) -> Outcome:
    """Prepare the list, and take the rows out of the tables."""
    prepared = prepare_conversions(source, time_zone=ZONE)
    columns = [prepared.table[name].to_list() for name in NAMES]
    rows = [(*row[:4], tuple(row[4]), *row[5:]) for row in zip(*columns, strict=True)]
    rejected = prepared.rejected[["row", "reason", "column"]]
    return rows, list(rejected.itertuples(index=False, name=None))


def timed(source: Path, entry: str) -> float:
    """Return the seconds one entry takes."""
    began = time.perf_counter()
    if entry == "row loop":
        by_rows(source)
    else:
        prepare_conversions(source, time_zone=ZONE)
    return time.perf_counter() - began


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Check that both agree, measure both in turn, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="20,000 rows, one run")
    chosen = parser.parse_args()
    rows, runs = (20_000, 1) if chosen.smoke else (chosen.rows, chosen.runs)
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as folder:
        source = Path(folder) / "orders.csv"
        make_list(source, rows)
        ours, theirs = by_workbench(source), by_rows(source)
        if ours != theirs:
            raise SystemExit("The two do not come to the same conversions.")
        say(f"Both come to the same {len(ours[0]):,} conversions, and reject the same rows.")
        del ours, theirs
        entries = ("prepare_conversions", "row loop")
        readings = [[timed(source, entry) for entry in entries] for _ in range(runs)]
    medians = dict(zip(entries, map(statistics.median, zip(*readings, strict=True)), strict=True))
    say(f"{rows:,} rows, medians of {runs}, in turn in one process, {os.cpu_count()} cores")
    for entry, seconds in medians.items():
        ratio = medians["row loop"] / seconds
        say(f"{entry:<22}{seconds:>8.2f} s{rows / seconds:>12,.0f} rows/s{ratio:>7.1f} × row loop")


if __name__ == "__main__":
    main()
