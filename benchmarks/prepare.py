"""Time ``rokt prepare`` against the ways people do it by hand, whole processes in turn.

The law kept here: every entry reads the same made-up list and must write the same set of digests,
else no figure is printed. Times move from machine to machine; compare the ratios of one run.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FIRST: Final = ("ann", "bob", "cleo", "dev", "eva", "finn", "gus", "hugo", "iris", "joan", "kai")
LAST: Final = ("lee", "marsh", "nunez", "okoro", "papas", "quist", "rossi", "sato", "tran")
ACCENTED: Final = ("josé.núñez", "zoë.müller")
DOMAINS: Final = ("example.com", "example.org", "mail.example.net", "shop.example")
PADDINGS: Final = (" {}", "{} ", "\t{}", "  {}  ", "\N{NO-BREAK SPACE}{}", '"{} "')
INVALID: Final = ("", " ", "not given", "n/a", "two@@example.com", "nobody@", "@example.com")
ADDRESS: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"


@dataclass(frozen=True)
class Reading:
    """What one process cost: seconds on the wall, seconds of CPU, peak megabytes."""

    wall: float
    cpu: float
    peak: float


# --- the list ------------------------------


def address_of(person: int) -> str:
    """Return the address of a made-up person; two in a hundred hold letters outside English."""
    name = f"{FIRST[person % 11]}.{LAST[person % 9]}"
    if person % 50 == 0:
        name = ACCENTED[person // 50 % 2]
    return f"{name}{person * 7919}@{DOMAINS[person % 4]}"


def dirty_rows(rows: int, *, quoted: bool) -> Iterator[str]:
    """Yield rows of made-up people: 3 % no address, 10 % twice, some padded, some in capitals.

    White space stands at the edges only and no letter is one on which engines disagree, so that
    a correct program by hand finds the same people.
    """
    dice = random.Random(2026)
    no_address, twice, padded, capital = 3, 13, 60, 66
    for number in range(rows):
        luck = dice.randrange(100)
        if luck < no_address:
            yield dice.choice(INVALID)
            continue
        address = address_of(dice.randrange(number + 1) if luck < twice else number)
        address = address.title() if luck >= capital else address
        if padded <= luck < padded + 10:
            address = dice.choice(PADDINGS if quoted else PADDINGS[:-1]).format(address)
        yield address


def make_list(path: Path, rows: int, *, quoted: bool) -> None:
    """Write the list as CSV with the header ``email``."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("email\n")
        stream.writelines(f"{row}\n" for row in dirty_rows(rows, quoted=quoted))


# --- the entries: each is one process ------------------------------


def by_pandas(source: str, target: str) -> None:
    """Strip, lower, match, drop duplicates, hash: as a careful analyst writes it in pandas."""
    import pandas as pd  # noqa: PLC0415  paid by the process that uses it

    email = pd.read_csv(source)["email"].str.strip().str.lower().dropna()
    email = email[email.str.fullmatch(ADDRESS)].drop_duplicates()
    digests = email.map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    digests.to_csv(target, index=False, header=False)


def by_pandas_with_arrow(source: str, target: str) -> None:
    """Do the same with the Arrow reader, Arrow types, and a plain loop for the digests."""
    import pandas as pd  # noqa: PLC0415  paid by the process that uses it

    table = pd.read_csv(source, engine="pyarrow", dtype_backend="pyarrow")
    email = table["email"].str.strip().str.lower().dropna()
    email = email[email.str.fullmatch(ADDRESS)].drop_duplicates()
    lines = [hashlib.sha256(text.encode()).hexdigest() + "\n" for text in email.array]
    with Path(target).open("w") as out:
        out.writelines(lines)


def by_polars(source: str, target: str) -> None:
    """Do the same as one lazy Polars plan, with no report, no sums, no closer look at anything."""
    import polars as pl  # noqa: PLC0415  paid by the process that uses it
    import polars_hash  # noqa: F401, PLC0415

    email = pl.col("email").str.strip_chars().str.to_lowercase()
    people = pl.scan_csv(source).select(email).drop_nulls()
    people = people.filter(email.str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")).unique()
    people.select(pl.col("email").chash.sha2_256()).sink_csv(target, include_header=False)  # type: ignore[attr-defined]


def by_plain_duckdb(source: str, target: str) -> None:
    """Do the same in one statement, as one writes it first."""
    import duckdb  # noqa: PLC0415  paid by the process that uses it

    blank = "[\\s\\x{a0}]"
    duckdb.execute(f"""
        COPY (
            SELECT DISTINCT sha256(email) FROM (
                SELECT lower(regexp_replace(email, '^{blank}+|{blank}+$', '', 'g')) AS email
                FROM read_csv('{source}', header = true, all_varchar = true)
            ) WHERE regexp_full_match(email, '[^@\\s]+@[^@\\s]+[.][^@\\s]+')
        ) TO '{target}' (FORMAT csv, HEADER false)
    """)  # noqa: S608  the paths are ours


def by_duckdb(source: str, target: str) -> None:
    """Do the same in one statement, tuned: only what is not plain ASCII pays for Unicode."""
    import duckdb  # noqa: PLC0415  paid by the process that uses it

    blank = "[\\s\\x{a0}]"
    duckdb.execute(f"""
        COPY (
            SELECT sha256(email) FROM (
                SELECT DISTINCT CASE
                    WHEN regexp_full_match(email, '[!-~]+') THEN lower(email)
                    ELSE lower(regexp_replace(email, '^{blank}+|{blank}+$', '', 'g'))
                END AS email
                FROM read_csv('{source}', header = true, all_varchar = true, delim = ',',
                              quote = '"')
            ) WHERE regexp_full_match(email, '[^@\\s]+@[^@\\s]+[.][^@\\s]+')
        ) TO '{target}' (FORMAT csv, HEADER false)
    """)  # noqa: S608  the paths are ours


def by_row_loop(source: str, target: str) -> None:
    """Do the same row by row with the csv module."""
    match = re.compile(ADDRESS).fullmatch
    seen: set[str] = set()
    with Path(source).open(encoding="utf-8", newline="") as rows, Path(target).open("w") as out:
        for row in csv.DictReader(rows):
            email = row["email"].strip().lower()
            if match(email) and email not in seen:
                seen.add(email)
                out.write(hashlib.sha256(email.encode()).hexdigest() + "\n")


def by_floor(source: str, target: str) -> None:
    """Read and write the same bytes with Polars and think nothing."""
    import polars as pl  # noqa: PLC0415  paid by the process that uses it

    pl.scan_csv(source).sink_csv(target)


BY_HAND: Final[dict[str, Callable[[str, str], None]]] = {
    "naive pandas": by_pandas,
    "pandas with Arrow": by_pandas_with_arrow,
    "Polars by hand": by_polars,
    "DuckDB SQL": by_plain_duckdb,
    "DuckDB SQL, tuned": by_duckdb,
    "row loop": by_row_loop,
    "read and write only": by_floor,
}
MISSING: Final = () if find_spec("duckdb") else ("DuckDB SQL", "DuckDB SQL, tuned")
OURS: Final = "rokt prepare"
WITH_REPORT: Final = "rokt prepare --rejects"
ENTRIES: Final = (OURS, WITH_REPORT, *(entry for entry in BY_HAND if entry not in MISSING))
_ROKT: Final = ("-c", "from rokt_helpers.cli import main; main()")


def command(entry: str, source: Path, target: Path) -> list[str]:
    """Return the words that start one entry."""
    if entry in {OURS, WITH_REPORT}:
        report = ["--rejects", f"{target}.rejects"] if entry == WITH_REPORT else []
        words = [*_ROKT, "prepare", str(source), "--out", str(target), *report]
    else:
        words = [__file__, "--entry", entry, str(source), str(target)]
    return [sys.executable, *words]


# --- the measuring ------------------------------


def measure(words: list[str]) -> Reading:
    """Run one process to its end and return what it cost."""
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    unit = 1_000_000 if sys.platform == "darwin" else 1_000  # bytes there, kilobytes elsewhere
    return Reading(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def median(readings: list[Reading]) -> Reading:
    """Return the median of each figure."""
    columns = ([getattr(r, name) for r in readings] for name in ("wall", "cpu", "peak"))
    return Reading(*(statistics.median(column) for column in columns))


def compare(folder: Path, rows: int, runs: int, *, quoted: bool) -> dict[str, Reading]:
    """Measure all entries in turn, ``runs`` times, and check that they agree."""
    source = folder / "list.csv"
    make_list(source, rows, quoted=quoted)
    targets = {entry: folder / f"{entry.replace(' ', '_')}.csv" for entry in ENTRIES}
    readings: dict[str, list[Reading]] = {entry: [] for entry in ENTRIES}
    for _ in range(runs):
        for entry, target in targets.items():
            readings[entry].append(measure(command(entry, source, target)))
    check_agreement({entry: targets[entry] for entry in ENTRIES if "only" not in entry})
    return {entry: median(costs) for entry, costs in readings.items()}


def check_agreement(targets: dict[str, Path]) -> None:
    """Stop when two entries wrote different sets of digests, or one wrote a digest twice."""
    lines = {entry: sorted(path.read_bytes().split()) for entry, path in targets.items()}
    wrong = [entry for entry, found in lines.items() if found != lines[OURS]]
    if wrong or len(set(lines[OURS])) < len(lines[OURS]):
        raise SystemExit(f"The digests of {', '.join(wrong) or OURS} are wrong.")
    say(f"All wrote the same {len(lines[OURS]):,} digests.")


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def show(medians: dict[str, Reading]) -> None:
    """Print one line an entry; the last column is how many times faster than naive pandas."""
    say(f"{'':<24}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'× naive pandas':>16}")
    for entry, cost in medians.items():
        ratio = medians["naive pandas"].wall / cost.wall
        say(f"{entry:<24}{cost.wall:>9.2f}{cost.cpu:>9.2f}{cost.peak:>9,.0f}{ratio:>16.1f}")


def in_pandas(rows: int) -> None:
    """Compare ``hash_email`` of a pandas Series with ``map`` over hashlib, in this process."""
    import pandas as pd  # noqa: PLC0415  the other processes need none

    from rokt_helpers import hash_email  # noqa: PLC0415

    column = pd.Series(
        [row.strip().lower() for row in dirty_rows(min(rows, 1_000_000), quoted=False)]
    )
    hash_email(column.head(1000))
    began = time.perf_counter()
    hash_email(column)
    ours = time.perf_counter() - began
    column.map(lambda text: hashlib.sha256(text.encode()).hexdigest())
    by_map = time.perf_counter() - began - ours
    say(f"hash_email of a pandas Series: {by_map / ours:.1f} × map with hashlib")


def main() -> None:
    """Measure, or be one of the measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quoted", action="store_true", help="some cells in quotation marks")
    parser.add_argument("--smoke", action="store_true", help="20,000 rows, one run")
    parser.add_argument("--entry", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.entry:
        BY_HAND[chosen.entry[0]](*chosen.entry[1:])
        return
    rows, runs = (20_000, 1) if chosen.smoke else (chosen.rows, chosen.runs)
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as folder:
        medians = compare(Path(folder), rows, runs, quoted=chosen.quoted)
    if MISSING:
        say("DuckDB is not installed here, so its rows are left out: pip install duckdb.")
    say(f"{rows:,} rows, medians of {runs}, whole processes in turn, {os.cpu_count()} cores")
    show(medians)
    start = median([measure([sys.executable, *_ROKT, "--help"]) for _ in range(runs)])
    say(f"rokt --help: {start.wall:.2f} s, {start.cpu:.2f} s of CPU")
    in_pandas(rows)


if __name__ == "__main__":
    main()
