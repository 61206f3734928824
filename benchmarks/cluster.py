"""Time preparing on Spark, two workers on this computer, against the single process.

The law kept here: both read the same made-up list and must come to the same digests and sums, else
no figure is printed. Times move from machine to machine; compare the ratio of one run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from pyspark.sql import DataFrame, SparkSession

from prepare import dirty_rows, say
from rokt_helpers import prepare_audience
from rokt_helpers.cluster import prepare_on_cluster
from rokt_helpers.cluster.columns import rows_of
from rokt_helpers.cluster.workers import judge_batches, judged_columns

SUMS = ("rows_in", "accepted", "duplicates", "rejected", "rejected_by_reason")

ONE, SPARK = "one process", "Spark, two workers"
FLOOR, JUDGED = "Spark hands over and back only", "Spark judges, keeps nothing"


def make_parts(folder: Path, rows: int, parts: int) -> None:
    """Write the list as Parquet in several files, as a cluster would keep it."""
    folder.mkdir()
    cells = pl.Series("email", list(dirty_rows(rows, quoted=False)))
    size = -(-rows // parts)
    for number in range(parts):
        part = cells.slice(number * size, size).to_frame()
        part.write_parquet(folder / f"part-{number}.parquet")


def start_spark(folder: Path, *, parts: int) -> SparkSession:
    """Start two workers with this Python, and leave nothing outside the folder."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]")
    for name, value in {
        "spark.driver.memory": "4g",
        "spark.local.dir": str(folder / "scratch"),
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": str(parts),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def by_one_process(source: Path, target: Path) -> tuple[dict[str, Any], pl.Series]:
    """Prepare and write with the kernel in this process."""
    cells = pl.read_parquet(source / "*.parquet")
    prepared = prepare_audience(cells)
    prepared.write(target.with_suffix(".csv"))
    return prepared.summary, pl.Series(prepared.to_pandas()["sha256"])


def by_spark(source: Path, target: Path) -> tuple[dict[str, Any], pl.Series]:
    """Prepare and write with the same kernel in two workers."""
    audience = prepare_on_cluster(source, output_path=target)
    return audience.summary, pl.read_parquet(Path(audience.path) / "*.parquet")["sha256"]


def by_handing_over(source: Path) -> None:
    """Hand every row to a worker and back, and think nothing: the floor of Spark and Python."""
    frame = SparkSession.builder.getOrCreate().read.parquet(str(source))
    through_workers(frame, lambda batches: batches, frame.schema)


def by_judging(source: Path) -> None:
    """Judge and hash every row in the workers, and neither count, compare nor write anything."""
    frame = SparkSession.builder.getOrCreate().read.parquet(str(source))
    rows = rows_of(frame, "email", row_column=None)
    judge = partial(judge_batches, output="sha256", title="email")
    through_workers(rows, judge, judged_columns("sha256"))


def through_workers(frame: DataFrame, work: Any, columns: Any) -> None:
    """Let the workers do something to every batch, and drop what comes back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of pandas, which has no part in this
        done = frame.mapInArrow(work, columns)
        done.write.format("noop").mode("overwrite").save()


PARTS = {FLOOR: by_handing_over, JUDGED: by_judging}


def compare(folder: Path, rows: int, runs: int, *, parts: int) -> dict[str, list[float]]:
    """Take the seconds of each in turn, and check that the two that prepare agree."""
    source = folder / "list"
    make_parts(source, rows, parts)
    entries = {ONE: by_one_process, SPARK: by_spark}
    seconds: dict[str, list[float]] = {ONE: [], **{name: [] for name in PARTS}, SPARK: []}
    for run in range(runs):
        found = {}
        for name, entry in entries.items():
            began = time.perf_counter()
            summary, digests = entry(source, folder / f"{entry.__name__}-{run}")
            seconds[name].append(time.perf_counter() - began)
            found[name] = ({key: summary[key] for key in SUMS}, digests.sort().to_list())
        if found[SPARK] != found[ONE]:
            raise SystemExit("Spark and the single process do not agree.")
        for name, part in PARTS.items():
            began = time.perf_counter()
            part(source)
            seconds[name].append(time.perf_counter() - began)
    say(f"Both found the same {len(found[ONE][1]):,} digests.")
    return seconds


def main() -> None:
    """Measure and print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="2,000 rows, one run")
    chosen = parser.parse_args()
    rows, runs, parts = (2_000, 1, 2) if chosen.smoke else (chosen.rows, chosen.runs, 8)
    with tempfile.TemporaryDirectory(prefix="rokt-benchmark-") as name:
        began = time.perf_counter()
        spark = start_spark(Path(name), parts=parts)
        start = time.perf_counter() - began
        seconds = compare(Path(name), rows, runs, parts=parts)
        spark.stop()
    say(f"{rows:,} rows, medians of {runs}, {os.cpu_count()} cores; Spark started in {start:.1f} s")
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    for name, median in medians.items():
        say(f"{name:<34}{median:>9.2f} s{medians[ONE] / median:>8.2f} × one process")


if __name__ == "__main__":
    main()
