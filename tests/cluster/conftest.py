from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pyspark.sql import DataFrame, SparkSession

from rokt_helpers import PreparedAudience
from rokt_helpers.cluster import ClusterAudience
from tests.real_parts.java import find_java

Frame = Callable[..., DataFrame]
SUMS = ("rows_in", "accepted", "duplicates", "rejected", "rejected_by_reason")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Two workers of this environment's Python; a task that fails is tried once more."""
    find_java()
    scratch = tmp_path_factory.mktemp("spark")
    settings: dict[str, str | float | bool | None] = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(scratch),
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
    }
    # Spark asks the environment, and no setting, which Python the workers of a session are.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = SparkSession.builder.master("local[2,2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    gateway: Any = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    del os.environ["PYSPARK_PYTHON"]


@pytest.fixture
def frame(spark: SparkSession) -> Frame:
    """Make a Spark frame in two partitions out of columns of plain values."""

    def make(schema: str, *columns: Sequence[Any]) -> DataFrame:
        rows = list(zip(*columns, strict=True))
        return spark.createDataFrame(spark.sparkContext.parallelize(rows, 2), schema)

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder that is not there yet; its name holds a space."""
    return tmp_path / "prepared list"


def read(folder: str | Path) -> pl.DataFrame:
    """Read a folder of Parquet files with something that is not Spark."""
    return pl.concat([pl.read_parquet(path) for path in sorted(Path(folder).glob("*.parquet"))])


def assert_equal(cluster: ClusterAudience, local: PreparedAudience) -> None:
    """Check that a cluster and one machine agree on the sums, the digests and the report."""
    assert [cluster.summary[key] for key in SUMS] == [local.summary[key] for key in SUMS]
    kinds = [found.summary["source"]["kind"] for found in (cluster, local)]
    assert kinds[0] == kinds[1]
    written = read(cluster.path)
    assert written.columns == [cluster.identifier] == [local.identifier]
    assert written.to_series().sort().to_list() == sorted(local.to_pandas()[local.identifier])
    report = read(cluster.rejected_path).sort("row").rows()
    assert report == [*local.rejected.itertuples(index=False, name=None)]
