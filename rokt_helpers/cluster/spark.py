"""Everything that is only so because Spark is Spark: its session, its paths, its errors.

The law kept here: errors say what to do. Spark's own messages may show a row, so none of them is
passed on; what they are about is said in our words.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession

from rokt_helpers.errors import InputError, RoktError, SettingsError

__all__ = ["below", "in_plain_words", "open_source", "refuse_taken", "write_parquet"]

_SUFFIXES: Final = {".orc": "orc", ".parquet": "parquet", "": "parquet"}


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what Spark raises into errors of ours, without a word of its message."""
    with warnings.catch_warnings():
        # It is about PySpark's pandas functions; Arrow carries what is done here.
        warnings.filterwarnings("ignore", ".*does not yet fully support pandas", FutureWarning)
        try:
            yield
        except (PySparkException, Py4JError) as error:
            raise _translated(error) from None


def _translated(error: Exception) -> RoktError:
    said = str(error)
    if "JAVA_GATEWAY_EXITED" in said:
        return SettingsError(
            "Spark did not start. Mostly it is Java: it needs 17 or newer. Install it (on Debian "
            "and Ubuntu: apt-get install default-jre-headless), or set JAVA_HOME to where it is. "
            "Where Java is there, see what it wrote on the screen: the name of this computer may "
            "not resolve (SPARK_LOCAL_IP=127.0.0.1 helps)."
        )
    if "ModuleNotFoundError" in said:
        return SettingsError(
            "The Python of Spark's workers does not have the workbench installed. Give the workers "
            "this environment (docs/scale.md says how), or set PYSPARK_PYTHON to its Python before "
            "the Spark session starts."
        )
    if type(error).__name__ == "SparkConnectGrpcException":
        return RoktError(
            "There is no connection to Spark Connect. Check the address, and the token where the "
            "server asks for one. If it was lost half-way, what was written is not complete."
        )
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    what = condition or type(error).__name__
    if isinstance(error, AnalysisException):
        return InputError(f"Spark cannot read the source or write the result: {what}.")
    return RoktError(f"Spark did not finish: {what}. Its own log says why. Nothing was sent.")


def open_source(source: object) -> tuple[DataFrame, str]:
    """Return a source as a frame, and its name for the summary.

    Raises
    ------
    InputError
        When it is neither a Spark frame nor the path of something that is there.
    """
    if isinstance(source, DataFrame):
        return source, "DataFrame"
    if not isinstance(source, str | Path):
        raise InputError(
            f"A source of type {type(source).__name__} cannot be read on a cluster. Pass a PySpark "
            "DataFrame, or the path of Parquet or ORC files."
        )
    name = str(source).rstrip("/").rpartition("/")[2]
    kind = _SUFFIXES.get(Path(name).suffix.lower())
    if kind is None:
        raise InputError(
            f"{name} is not Parquet or ORC. Read it with Spark, spark.read.csv(path, header=True) "
            "for a CSV file, and pass the DataFrame: so you see what Spark makes of it first."
        )
    session = _session()
    if not _is_there(session, source):
        raise InputError(f"There is nothing at {source} that Spark can reach.")
    return session.read.format(kind).load(_spelled(source)), name


def _session() -> SparkSession:
    """Return the session that runs, or a new one as Spark's own configuration has it."""
    # Else local workers start whichever Python comes first on the PATH.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()


def refuse_taken(session: SparkSession, path: str | Path) -> None:
    """Raise InputError where there is something already; what others wrote is never replaced."""
    if _is_there(session, path):
        raise InputError(f"There is something at {path} already. Name a new folder.")


def write_parquet(frame: DataFrame, path: str | Path) -> int:
    """Write a frame as a folder of Parquet files, and return how many rows have arrived there."""
    frame.write.parquet(_spelled(path), compression="zstd")
    return frame.sparkSession.read.schema(frame.schema).parquet(_spelled(path)).count()


def below(folder: str | Path, part: str) -> str | Path:
    """Return the path of a part of a folder, spelled the way the folder is."""
    return folder / part if isinstance(folder, Path) else f"{folder.rstrip('/')}/{part}"


def _is_there(session: SparkSession, path: str | Path) -> bool:
    try:
        # Spark Connect looks only when it is asked for something.
        _ = session.read.text(_spelled(path)).schema
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            return False
        raise
    return True


def _spelled(path: str | Path) -> str:
    """Return a path as Spark takes it; a ``Path`` is one of this computer, never of HDFS."""
    return f"file://{path.expanduser().absolute()}" if isinstance(path, Path) else path
